-- The schema after all migrations; made by the test that compares it. Not a script.

table accounts
  column id text not null collate C
  column account_id text not null generated id collate C
  column created_at timestamp with time zone not null default now()
  constraint accounts_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX accounts_pkey ON public.accounts USING btree (id)
  row security t, forced t
  policy grid to rgrid_grid for ALL using true check (same)
  policy own to rgrid_app for ALL using (account_id = ( SELECT NULLIF(current_setting('rgrid.account'::text, true), ''::text) AS "nullif")) check (same)
  grant INSERT, SELECT to rgrid_grid
  grant SELECT to rgrid_app

table api_keys
  column id text not null collate C
  column account_id text not null collate C
  column name text not null
  column scopes text[] not null
  column mac bytea not null
  column pepper_version integer not null
  column created_at timestamp with time zone not null default now()
  column revoked_at timestamp with time zone
  constraint api_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id)
  constraint api_keys_mac_check CHECK ((octet_length(mac) = 32))
  constraint api_keys_pkey PRIMARY KEY (id)
  CREATE INDEX api_keys_of_account ON public.api_keys USING btree (account_id, created_at)
  CREATE UNIQUE INDEX api_keys_pkey ON public.api_keys USING btree (id)
  row security t, forced t
  policy grid to rgrid_grid for ALL using true check (same)
  policy own to rgrid_app for ALL using (account_id = ( SELECT NULLIF(current_setting('rgrid.account'::text, true), ''::text) AS "nullif")) check (same)
  grant INSERT, SELECT to rgrid_grid
  grant INSERT, SELECT, UPDATE to rgrid_app

table batches
  column id text not null collate C
  column account_id text not null collate C
  column idempotency_key text
  column request_hash bytea not null
  column retry_of text collate C
  column created_at timestamp with time zone not null default now()
  column ended_at timestamp with time zone
  column spec json not null
  column script text not null
  column workspace json not null
  column env_names text[] not null
  column sealed_env bytea not null
  column content json not null
  column options json not null
  column parallel integer not null
  column total integer not null default 0
  column skipped integer not null default 0
  column active integer not null default 0
  column finished integer not null default 0
  column completed integer not null default 0
  column failed integer not null default 0
  column timed_out integer not null default 0
  column canceled integer not null default 0
  column halted text
  column cost_micros bigint not null default 0
  column is_priced boolean not null default false
  column time_limit_seconds integer
  constraint batches_counts CHECK (((active >= 0) AND (skipped >= 0) AND (finished = (((completed + failed) + timed_out) + canceled)) AND (finished <= total)))
  constraint batches_halted_check CHECK ((halted = ANY (ARRAY['halt'::text, 'canceled'::text, 'dependencies'::text])))
  constraint batches_parallel_check CHECK ((parallel >= 1))
  constraint batches_pkey PRIMARY KEY (id)
  CREATE INDEX batches_of_account ON public.batches USING btree (account_id, id DESC)
  CREATE INDEX batches_open ON public.batches USING btree (account_id) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX batches_idempotency ON public.batches USING btree (account_id, idempotency_key) WHERE (idempotency_key IS NOT NULL)
  CREATE UNIQUE INDEX batches_pkey ON public.batches USING btree (id)
  options fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=100, autovacuum_vacuum_cost_delay=0
  row security t, forced t
  policy grid to rgrid_grid for ALL using true check (same)
  policy own to rgrid_app for ALL using (account_id = ( SELECT NULLIF(current_setting('rgrid.account'::text, true), ''::text) AS "nullif")) check (same)
  grant DELETE, INSERT, SELECT, UPDATE to rgrid_app
  grant SELECT, UPDATE to rgrid_grid

table execution_metadata
  column account_id text not null collate C
  column pair text not null collate C
  column execution_id text not null collate C
  constraint execution_metadata_pkey PRIMARY KEY (account_id, pair, execution_id)
  CREATE INDEX execution_metadata_of_execution ON public.execution_metadata USING btree (execution_id)
  CREATE UNIQUE INDEX execution_metadata_pkey ON public.execution_metadata USING btree (account_id, pair, execution_id)
  options autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_insert_scale_factor=0.1
  row security t, forced t
  policy own to rgrid_app for ALL using (account_id = ( SELECT NULLIF(current_setting('rgrid.account'::text, true), ''::text) AS "nullif")) check (same)
  grant DELETE, INSERT, SELECT to rgrid_app

table execution_parts
  column account_id text not null collate C
  column execution_id text not null collate C
  column sha256 text not null collate C
  column size bigint not null
  constraint execution_parts_pkey PRIMARY KEY (execution_id, sha256)
  constraint execution_parts_size_check CHECK ((size >= 0))
  CREATE INDEX execution_parts_pins ON public.execution_parts USING btree (account_id, sha256)
  CREATE UNIQUE INDEX execution_parts_pkey ON public.execution_parts USING btree (execution_id, sha256)
  options autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_insert_scale_factor=0.1
  row security t, forced t
  policy own to rgrid_app for ALL using (account_id = ( SELECT NULLIF(current_setting('rgrid.account'::text, true), ''::text) AS "nullif")) check (same)
  grant DELETE, INSERT, SELECT to rgrid_app

table executions
  column id text not null collate C
  column account_id text not null collate C
  column idempotency_key text
  column request_hash bytea not null
  column state text not null
  column fence integer not null default 0
  column lost integer not null default 0
  column retries integer not null
  column cancel_requested boolean not null default false
  column failure json
  column version integer not null default 1
  column runner text collate C
  column incarnation text collate C
  column sandbox text
  column lease_until timestamp with time zone
  column upload_deadline timestamp with time zone
  column created_at timestamp with time zone not null default now()
  column started_at timestamp with time zone
  column ended_at timestamp with time zone
  column spec json not null
  column script text not null
  column workspace json not null
  column env_names text[] not null
  column sealed_env bytea not null
  column settled_fence integer
  column exit_code integer
  column usage json
  column manifest json
  column output_files integer not null default 0
  column output_bytes bigint not null default 0
  column stdout_bytes bigint not null default 0
  column stderr_bytes bigint not null default 0
  column log_length bigint not null default 0
  column log_sha256 text
  column claimed_at timestamp with time zone
  column hourly_micros bigint
  column worker_slots integer
  column slot_microseconds bigint not null default 0
  column cost_micros bigint not null default 0
  column retry_of text collate C
  column batch_id text collate C
  column position integer
  column label text
  column output_name text
  column finished_number integer
  column turn bigint not null default 0
  column item_key bytea
  column content_key bytea
  column content json
  column runtime_digest text
  column history text not null default ''::text
  constraint executions_cost CHECK (((slot_microseconds >= 0) AND (cost_micros >= 0)))
  constraint executions_counts CHECK (((fence >= 0) AND (lost >= 0) AND (retries >= 0) AND (version >= 1)))
  constraint executions_ended CHECK (((state = ANY (ARRAY['completed'::text, 'failed'::text, 'timed_out'::text, 'canceled'::text])) = (ended_at IS NOT NULL)))
  constraint executions_failure CHECK (((failure IS NULL) OR (state = ANY (ARRAY['failed'::text, 'timed_out'::text, 'canceled'::text]))))
  constraint executions_member CHECK ((((batch_id IS NULL) = ("position" IS NULL)) AND ((batch_id IS NULL) = (label IS NULL)) AND ((batch_id IS NULL) = (output_name IS NULL)) AND ((state <> 'held'::text) OR (batch_id IS NOT NULL))))
  constraint executions_pkey PRIMARY KEY (id)
  constraint executions_placed CHECK ((((state = ANY (ARRAY['leased'::text, 'running'::text])) = (lease_until IS NOT NULL)) AND ((state <> ALL (ARRAY['leased'::text, 'running'::text])) OR ((runner IS NOT NULL) AND (incarnation IS NOT NULL) AND (fence > 0)))))
  constraint executions_price CHECK ((((hourly_micros IS NULL) = (worker_slots IS NULL)) AND (hourly_micros >= 0) AND (worker_slots >= 1)))
  constraint executions_running CHECK (((state <> 'running'::text) OR (started_at IS NOT NULL)))
  constraint executions_settled CHECK (((settled_fence IS NULL) = (manifest IS NULL)))
  constraint executions_state CHECK ((state = ANY (ARRAY['uploading'::text, 'held'::text, 'building'::text, 'queued'::text, 'leased'::text, 'running'::text, 'completed'::text, 'failed'::text, 'timed_out'::text, 'canceled'::text])))
  constraint executions_uploading CHECK (((state <> 'uploading'::text) OR (upload_deadline IS NOT NULL)))
  CREATE INDEX executions_ended ON public.executions USING btree (account_id, ended_at) WHERE (ended_at IS NOT NULL)
  CREATE INDEX executions_flow ON public.executions USING btree (account_id, (
CASE
    WHEN (state = 'queued'::text) THEN
    CASE
        WHEN (batch_id IS NULL) THEN account_id
        ELSE batch_id
    END
    ELSE NULL::text
END), turn) WHERE (
CASE
    WHEN (state = 'queued'::text) THEN
    CASE
        WHEN (batch_id IS NULL) THEN account_id
        ELSE batch_id
    END
    ELSE NULL::text
END IS NOT NULL)
  CREATE INDEX executions_item ON public.executions USING btree (item_key, created_at) WHERE ((item_key IS NOT NULL) AND (state = 'completed'::text))
  CREATE INDEX executions_of_account ON public.executions USING btree (account_id, id DESC)
  CREATE INDEX executions_placed ON public.executions USING btree (batch_id) WHERE (state = ANY (ARRAY['leased'::text, 'running'::text]))
  CREATE INDEX executions_queued ON public.executions USING btree (turn, created_at, id) WHERE (state = 'queued'::text)
  CREATE INDEX executions_uploading ON public.executions USING btree (upload_deadline) WHERE (state = 'uploading'::text)
  CREATE INDEX executions_waiting ON public.executions USING btree (batch_id, state, "position") WHERE ((batch_id IS NOT NULL) AND (state = ANY (ARRAY['uploading'::text, 'held'::text, 'building'::text])))
  CREATE UNIQUE INDEX executions_finished ON public.executions USING btree (batch_id, finished_number) WHERE (finished_number IS NOT NULL)
  CREATE UNIQUE INDEX executions_idempotency ON public.executions USING btree (account_id, idempotency_key) WHERE (idempotency_key IS NOT NULL)
  CREATE UNIQUE INDEX executions_members ON public.executions USING btree (batch_id, "position") WHERE (batch_id IS NOT NULL)
  CREATE UNIQUE INDEX executions_pkey ON public.executions USING btree (id)
  options fillfactor=70, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=500, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=0.02
  row security t, forced t
  policy grid to rgrid_grid for ALL using true check (same)
  policy own to rgrid_app for ALL using (account_id = ( SELECT NULLIF(current_setting('rgrid.account'::text, true), ''::text) AS "nullif")) check (same)
  grant DELETE, INSERT, SELECT, UPDATE to rgrid_app
  grant SELECT, UPDATE to rgrid_grid

table parts
  column account_id text not null collate C
  column sha256 text not null collate C
  column size bigint not null
  column stored_at timestamp with time zone not null default now()
  constraint parts_pkey PRIMARY KEY (account_id, sha256)
  constraint parts_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
  constraint parts_size_check CHECK ((size >= 0))
  CREATE UNIQUE INDEX parts_pkey ON public.parts USING btree (account_id, sha256)
  row security t, forced t
  policy own to rgrid_app for ALL using (account_id = ( SELECT NULLIF(current_setting('rgrid.account'::text, true), ''::text) AS "nullif")) check (same)
  grant DELETE, INSERT, SELECT, UPDATE to rgrid_app

table rgrid_migrations
  column id integer not null
  column name text not null
  column applied_at timestamp with time zone not null default now()
  constraint rgrid_migrations_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX rgrid_migrations_pkey ON public.rgrid_migrations USING btree (id)
  row security f, forced f
  grant SELECT to rgrid_grid

table runtime_digests
  column account_id text not null collate C
  column runtime text not null
  column digest text not null
  constraint runtime_digests_pkey PRIMARY KEY (account_id, runtime)
  CREATE UNIQUE INDEX runtime_digests_pkey ON public.runtime_digests USING btree (account_id, runtime)
  row security t, forced t
  policy grid to rgrid_grid for ALL using true check (same)
  policy own to rgrid_app for ALL using (account_id = ( SELECT NULLIF(current_setting('rgrid.account'::text, true), ''::text) AS "nullif")) check (same)
  grant INSERT, SELECT, UPDATE to rgrid_grid
  grant SELECT to rgrid_app

table turns
  column lone boolean not null default true
  column taken bigint not null
  constraint turns_lone_check CHECK (lone)
  constraint turns_pkey PRIMARY KEY (lone)
  CREATE UNIQUE INDEX turns_pkey ON public.turns USING btree (lone)
  options fillfactor=10, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=200, autovacuum_vacuum_cost_delay=0
  row security t, forced t
  policy grid to rgrid_grid for ALL using true check (same)
  policy own to rgrid_app for SELECT using true check (same)
  grant SELECT to rgrid_app
  grant SELECT, UPDATE to rgrid_grid
