-- A batch is the gate its members pass: whoever moves a member in or out of `active` locks the batch's row first, then the
-- member's. Where several are locked it is in the order of their ids.
create table batches (
  id text collate "C" primary key,
  account_id text collate "C" not null,
  idempotency_key text,
  -- HMAC of the job and all items.
  request_hash bytea not null,
  retry_of text collate "C",
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  -- What all members share, in the columns that `executions` has it in; a member's own come on top.
  spec json not null,
  script text not null,
  workspace json not null,
  env_names text[] not null,
  sealed_env bytea not null,
  -- What members can be completed with before: HMACs by kind, without the kinds that members have of their own.
  content json not null,
  options json not null,
  parallel integer not null check (parallel >= 1),
  total integer not null default 0,
  skipped integer not null default 0,
  -- Members queued or with a runner.
  active integer not null default 0,
  -- Members that ended; each has the number it came as.
  finished integer not null default 0,
  completed integer not null default 0,
  failed integer not null default 0,
  timed_out integer not null default 0,
  canceled integer not null default 0,
  halted text check (halted in ('halt', 'canceled', 'dependencies')),
  -- Of members that ended.
  cost_micros bigint not null default 0,
  is_priced boolean not null default false,
  -- What a member may take now, by the median of those completed.
  time_limit_seconds integer,
  constraint batches_counts check (
    active >= 0 and skipped >= 0 and finished = completed + failed + timed_out + canceled and finished <= total
  )
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)
--;;
create unique index batches_idempotency on batches (account_id, idempotency_key) where idempotency_key is not null
--;;
create index batches_of_account on batches (account_id, id desc)
--;;
create index batches_open on batches (account_id) where ended_at is null
--;;
alter table executions
  add column batch_id text collate "C",
  add column position integer,
  add column label text,
  add column output_name text,
  add column finished_number integer,
  -- Whose turn it is: what was started alone takes one after the other, and so do a batch's members.
  add column turn bigint not null default 0,
  add column item_key bytea,
  add column content_key bytea,
  add column content json,
  -- Content address of what its script ran in.
  add column runtime_digest text,
  add constraint executions_member check (
    (batch_id is null) = (position is null) and (batch_id is null) = (label is null) and (batch_id is null) = (output_name is null)
    and (state <> 'held' or batch_id is not null)
  )
--;;
create unique index executions_members on executions (batch_id, position) where batch_id is not null
--;;
create unique index executions_finished on executions (batch_id, finished_number) where finished_number is not null
--;;
-- Who is let in next, and how many wait.
create index executions_waiting on executions (batch_id, state, position)
  where batch_id is not null and state not in ('completed', 'failed', 'timed_out', 'canceled')
--;;
create index executions_content on executions (account_id, content_key) where content_key is not null and state = 'completed'
--;;
create index executions_item on executions (account_id, item_key, id) where item_key is not null and state = 'completed'
--;;
drop index executions_queued
--;;
create index executions_queued on executions (turn, created_at, id) where state = 'queued'
--;;
create index executions_flow on executions ((coalesce(batch_id, account_id)), turn) where state = 'queued'
--;;
-- What a runtime's name stood for when a script last ran in it: with another image behind it, nothing counts as done.
create table runtime_digests (
  account_id text collate "C" not null,
  runtime text not null,
  digest text not null,
  primary key (account_id, runtime)
)
--;;
-- The newest turn that was taken: where who comes now begins. Nobody's, so that every account can read it.
create table turns (lone boolean primary key default true check (lone), taken bigint not null) with (fillfactor = 10)
--;;
insert into turns (taken) values (0)
--;;
alter table batches enable row level security
--;;
alter table batches force row level security
--;;
create policy own on batches for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
create policy grid on batches for all to rgrid_grid using (true)
--;;
grant select, insert, update, delete on batches to rgrid_app
--;;
grant select, update on batches to rgrid_grid
--;;
grant select on turns to rgrid_app
--;;
grant select, update on turns to rgrid_grid
--;;
alter table turns enable row level security
--;;
alter table turns force row level security
--;;
create policy own on turns for select to rgrid_app using (true)
--;;
create policy grid on turns for all to rgrid_grid using (true)
--;;
alter table runtime_digests enable row level security
--;;
alter table runtime_digests force row level security
--;;
create policy own on runtime_digests for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
create policy grid on runtime_digests for all to rgrid_grid using (true)
--;;
grant select on runtime_digests to rgrid_app
--;;
grant select, insert, update on runtime_digests to rgrid_grid
