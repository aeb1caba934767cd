"""The one error of private servers; it stands apart because logs may show its words."""


class ServerError(Exception):
    """A private server cannot be started; the message says why, with the end of its log."""
