"""The plan of larger requests: a first draft, exchanges, then CP-SAT where most is lost."""
