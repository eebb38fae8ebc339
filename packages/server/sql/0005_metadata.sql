-- What executions are found by: the SHA-256 of each `["key","value"]` of their metadata. A hash, because a value may be longer
-- than an index takes and hold what text can't; a table of its own, because under row level security only operators that leak
-- nothing reach an index: equality does, array containment does not.

create table execution_metadata (
  account_id text collate "C" not null,
  pair text collate "C" not null,
  execution_id text collate "C" not null,
  primary key (account_id, pair, execution_id)
)
--;;
create index execution_metadata_of_execution on execution_metadata (execution_id)
--;;
alter table execution_metadata enable row level security
--;;
alter table execution_metadata force row level security
--;;
create policy own on execution_metadata for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
grant select, insert, delete on execution_metadata to rgrid_app
--;;
-- Who migrates sees no rows of accounts behind forced security, being no superuser.
alter table executions no force row level security
--;;
alter table execution_metadata no force row level security
--;;
-- Postgres can't read escaped zero bytes and lone surrogates in json; what holds them anywhere is not found by metadata.
insert into execution_metadata (account_id, pair, execution_id)
select e.account_id, encode(sha256(convert_to('[' || to_json(m.key) || ',' || to_json(m.value) || ']', 'UTF8')), 'hex'), e.id
from (
  select account_id, id, case when spec::text !~* '\\u(0000|d[89a-f])' then spec else '{"metadata":{}}' end as spec from executions
) e, json_each_text(e.spec -> 'metadata') m
on conflict do nothing
--;;
alter table executions force row level security
--;;
alter table execution_metadata force row level security
