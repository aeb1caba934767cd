-- the index of requests by their state goes
-- Requests are found by their queue (0027); each move of a request wrote this index anew.
DROP INDEX IF EXISTS ix_request_state;
