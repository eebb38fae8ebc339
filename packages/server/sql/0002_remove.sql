-- What an account deletes is gone: the row, its pins and events, and the parts nobody else of the account pins.
grant delete on executions, execution_parts, events, parts to rgrid_app
