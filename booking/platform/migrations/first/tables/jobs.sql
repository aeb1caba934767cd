-- The job queue: its tables are Procrastinate's own (procrastinate_3_10.sql); this is what we add to them.

-- Jobs that failed are found without reading all jobs: metrics and the administrators' page ask for them often.
CREATE INDEX ix_procrastinate_jobs_failed ON procrastinate_jobs (task_name) WHERE status = 'failed';
