-- What happened stands in the execution's own row, a line for each transition: type, state, fence, data and time, with tabs between.
-- As rows of their own, events were a third of what a member of a batch wrote.

alter table executions add column history text not null default ''
--;;
-- Each line's place is its number: every transition adds 1 to `version` and one line.
create function events_of(history text)
returns table (seq integer, type text, state text, fence integer, data json, at timestamptz)
language sql stable
as $$
  select l.place::integer, split_part(l.line, E'\t', 1), split_part(l.line, E'\t', 2), split_part(l.line, E'\t', 3)::integer,
    split_part(l.line, E'\t', 4)::json, split_part(l.line, E'\t', 5)::timestamptz
  from unnest(string_to_array(rtrim(history, E'\n'), E'\n')) with ordinality as l(line, place)
$$
--;;
-- Who migrates sees no rows of accounts behind forced security, being no superuser.
alter table executions no force row level security
--;;
alter table events no force row level security
--;;
-- Outside of strings, tabs and newlines mean nothing in JSON; inside they are escaped.
update executions e set history = told.lines
from (
  select execution_id, string_agg(
    type || E'\t' || state || E'\t' || fence || E'\t' || translate(data::text, E'\t\r\n', '   ') || E'\t'
      || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || E'\n', '' order by seq
  ) as lines
  from events group by execution_id
) told
where told.execution_id = e.id
--;;
drop table events
--;;
alter table executions force row level security
--;;
-- What was completed with the same content is an item's, and its key finds it among the few times that item completed. A second
-- index with keys in no order cost each end a page nobody had in memory.
drop index executions_content
--;;
drop index executions_item
--;;
-- Half as long without the account, which a hash of its own work needs not, and with a time for the id.
create index executions_item on executions (item_key, created_at) where item_key is not null and state = 'completed'
--;;
-- Only who waits at the gate: what is queued is counted in its flow, what runs among what is placed.
drop index executions_waiting
--;;
create index executions_waiting on executions (batch_id, state, position)
  where batch_id is not null and state in ('uploading', 'held', 'building')
--;;
-- Still as much as the grid has slots: a runner's own are found by walking all of it.
drop index executions_placed
--;;
create index executions_placed on executions (batch_id) where state in ('leased', 'running')
