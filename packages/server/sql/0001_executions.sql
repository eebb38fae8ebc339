-- Statements are separated by lines that hold `--;;` alone: the driver sends one statement at a time.
-- Migrations are immutable once released: a change is a new file with the next number.
--
-- Every table carries account_id and forces row level security. Two roles, made before the first migration:
--   rgrid_app   speaks for one account: it sees the rows of `rgrid.account`, set in each transaction, and none without it;
--   rgrid_grid  runs the grid's own loops (claims, leases, sweeps, log-ins) and sees every row.
-- Documents are json, not jsonb: it gives back what it was given, NUL and lone surrogates in names and messages included
-- (jsonb refuses them, and an execution that can't be settled never ends). Nothing searches inside them.
--
-- No table refers to `accounts` or `executions` by foreign key where rows come by the thousand: the check would lock
-- the referred row once for each of them, and the rows are only ever written in the transaction that writes the other.

create table accounts (
  id text collate "C" primary key,
  account_id text collate "C" not null generated always as (id) stored,
  created_at timestamptz not null default now()
)
--;;
create table api_keys (
  id text collate "C" primary key,
  account_id text collate "C" not null references accounts (id),
  name text not null,
  scopes text[] not null,
  mac bytea not null check (octet_length(mac) = 32),
  pepper_version integer not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
)
--;;
create index api_keys_of_account on api_keys (account_id, created_at)
--;;
create table parts (
  account_id text collate "C" not null,
  sha256 text collate "C" not null check (sha256 ~ '^[0-9a-f]{64}$'),
  size bigint not null check (size >= 0),
  stored_at timestamptz not null default now(),
  primary key (account_id, sha256)
)
--;;
create table executions (
  id text collate "C" primary key,
  account_id text collate "C" not null,
  idempotency_key text,
  -- HMAC of the whole job, environment included: it tells equal jobs apart from others and nothing else.
  request_hash bytea not null,
  state text not null,
  fence integer not null default 0,
  lost integer not null default 0,
  retries integer not null,
  cancel_requested boolean not null default false,
  failure json,
  -- Transitions so far: every one adds 1 and writes the event of that number, and none is written over another.
  version integer not null default 1,
  runner text collate "C",
  incarnation text collate "C",
  sandbox text,
  lease_until timestamptz,
  upload_deadline timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  -- The job without `files` and `directories` (in `workspace`), `env` and `secrets` (sealed).
  spec json not null,
  script text not null,
  workspace json not null,
  env_names text[] not null,
  sealed_env bytea not null,
  settled_fence integer,
  exit_code integer,
  usage json,
  manifest json,
  output_files integer not null default 0,
  output_bytes bigint not null default 0,
  stdout_bytes bigint not null default 0,
  stderr_bytes bigint not null default 0,
  log_length bigint not null default 0,
  log_sha256 text,
  constraint executions_state check (state in (
    'uploading', 'held', 'building', 'queued', 'leased', 'running', 'completed', 'failed', 'timed_out', 'canceled'
  )),
  constraint executions_ended check (
    (state in ('completed', 'failed', 'timed_out', 'canceled')) = (ended_at is not null)
  ),
  constraint executions_failure check (
    failure is null or state in ('failed', 'timed_out', 'canceled')
  ),
  constraint executions_placed check (
    (state in ('leased', 'running')) = (lease_until is not null)
    and (state not in ('leased', 'running') or (runner is not null and incarnation is not null and fence > 0))
  ),
  constraint executions_running check (state <> 'running' or started_at is not null),
  constraint executions_uploading check (state <> 'uploading' or upload_deadline is not null),
  constraint executions_settled check ((settled_fence is null) = (manifest is null)),
  constraint executions_counts check (fence >= 0 and lost >= 0 and retries >= 0 and version >= 1)
) with (
  -- Renewals touch no indexed column: with room on the page they are HOT updates and write no index.
  fillfactor = 70,
  -- A queue's dead rows stand in the way of every claim: vacuum after hundreds of them, not after a fifth of the table.
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0.02
)
--;;
create unique index executions_idempotency on executions (account_id, idempotency_key) where idempotency_key is not null
--;;
create index executions_queued on executions (created_at, id) where state = 'queued'
--;;
-- The sweep walks all of it: what is placed is as much as the grid has slots. Without lease_until, so that renewals are HOT.
create index executions_placed on executions (runner, id) where state in ('leased', 'running')
--;;
create index executions_uploading on executions (upload_deadline) where state = 'uploading'
--;;
create index executions_of_account on executions (account_id, id desc)
--;;
create table execution_parts (
  account_id text collate "C" not null,
  execution_id text collate "C" not null,
  sha256 text collate "C" not null,
  size bigint not null check (size >= 0),
  primary key (execution_id, sha256)
)
--;;
create index execution_parts_pins on execution_parts (account_id, sha256)
--;;
create table events (
  account_id text collate "C" not null,
  execution_id text collate "C" not null,
  seq integer not null,
  type text not null,
  state text not null,
  fence integer not null,
  at timestamptz not null default now(),
  data json not null default '{}',
  primary key (execution_id, seq)
)
--;;
alter table accounts enable row level security
--;;
alter table accounts force row level security
--;;
alter table api_keys enable row level security
--;;
alter table api_keys force row level security
--;;
alter table parts enable row level security
--;;
alter table parts force row level security
--;;
alter table executions enable row level security
--;;
alter table executions force row level security
--;;
alter table execution_parts enable row level security
--;;
alter table execution_parts force row level security
--;;
alter table events enable row level security
--;;
alter table events force row level security
--;;
-- As a sub-select the setting is read once a statement; after a transaction that set it, it is '', not null.
create policy own on accounts for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
create policy own on api_keys for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
create policy own on parts for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
create policy own on executions for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
create policy own on execution_parts for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
create policy own on events for all to rgrid_app
  using (account_id = (select nullif(current_setting('rgrid.account', true), '')))
--;;
create policy grid on accounts for all to rgrid_grid using (true)
--;;
create policy grid on api_keys for all to rgrid_grid using (true)
--;;
create policy grid on executions for all to rgrid_grid using (true)
--;;
create policy grid on events for all to rgrid_grid using (true)
--;;
grant select on accounts to rgrid_app
--;;
grant select, insert, update on api_keys to rgrid_app
--;;
-- UPDATE on parts is what a row lock asks for; nothing updates them.
grant select, insert, update on parts to rgrid_app
--;;
grant select, insert, update on executions to rgrid_app
--;;
grant select, insert on execution_parts to rgrid_app
--;;
grant select, insert on events to rgrid_app
--;;
grant select, insert on accounts to rgrid_grid
--;;
grant select, insert on api_keys to rgrid_grid
--;;
grant select, update on executions to rgrid_grid
--;;
grant select, insert on events to rgrid_grid
