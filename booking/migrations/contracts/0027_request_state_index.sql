-- Requests are found by their queue: the index of their states, which each move of a request wrote anew, goes
DROP INDEX IF EXISTS ix_request_state;
