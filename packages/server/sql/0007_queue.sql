-- When what writes leave dead is cleared. `executions` has its settings since it was made: a hundredth of it, since a vacuum
-- reads all of its indexes and so must come in proportion to what there is.

-- One row for each batch, changed with each group of its ends: HOT while there is room on its page, which a vacuum makes.
alter table batches set (autovacuum_vacuum_threshold = 100, autovacuum_vacuum_cost_delay = 0)
--;;
-- One row, changed with each claim, and read by each newcomer. A vacuum of it is one page.
alter table turns set (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_cost_delay = 0
)
--;;
-- Only added to until an execution is deleted: vacuumed after a tenth of insertions, so that freezing comes in small pieces.
-- Analysed seldom, for what is asked of them is always one execution or one hash.
alter table events set (
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_vacuum_insert_scale_factor = 0.1,
  autovacuum_analyze_scale_factor = 0.2
)
--;;
alter table execution_parts set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1)
--;;
alter table execution_metadata set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1)
--;;
-- Whose turn a newcomer has is looked up in its own flow, yet never was: under row level security no index on `coalesce` is
-- used (it counts as leaking), and beside `state = 'queued'` the planner took the queue itself, backward through everybody's
-- until one of the flow's own came. As `case` the flow leaks nothing; with state and account inside there is one way to it.
drop index executions_flow
--;;
create index executions_flow on executions (
  account_id, (case when state = 'queued' then case when batch_id is null then account_id else batch_id end end), turn
) where (case when state = 'queued' then case when batch_id is null then account_id else batch_id end end) is not null
