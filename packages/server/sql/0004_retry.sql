-- The execution whose job this one runs once more. No foreign key: the original may be deleted, the retry stands for itself.
alter table executions add column retry_of text collate "C"
