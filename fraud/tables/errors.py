"""What is wrong with a table or with what was asked of it."""


class TableError(Exception):
    """A table cannot be evaluated; the message says in one sentence why, and what would help."""
