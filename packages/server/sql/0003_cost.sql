-- What executions cost. Money is whole micros (1 EUR = 1,000,000), time whole microseconds; nothing is a fraction.
--
-- A slot is charged from its claim to the moment its attempt leaves it, in the statement that moves the execution on: a
-- settlement told twice, or by a stale attempt, moves nothing and so charges nothing. Lost attempts are charged too.

alter table executions
  -- Begin of the newest attempt's claim, and the price of the worker that made it.
  add column claimed_at timestamptz,
  add column hourly_micros bigint,
  add column worker_slots integer,
  -- Of all attempts that have ended.
  add column slot_microseconds bigint not null default 0,
  add column cost_micros bigint not null default 0,
  add constraint executions_price check (
    (hourly_micros is null) = (worker_slots is null) and hourly_micros >= 0 and worker_slots >= 1
  ),
  add constraint executions_cost check (slot_microseconds >= 0 and cost_micros >= 0)
--;;
create index executions_ended on executions (account_id, ended_at) where ended_at is not null
