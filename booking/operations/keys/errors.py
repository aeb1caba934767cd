"""What keeps a secret from being replaced."""


class RotationError(Exception):
    """The secret cannot be replaced now; the message says what to do first."""
