"""No table changes: from here on each ciphertext names the secret that sealed it, in front."""

revision = "0008_keys"
down_revision = "0007_disputes"

old_code_can_run = False
"""The version before cannot read what is sealed from now on, and would call it damaged."""


def upgrade() -> None:
    """Change nothing: both forms are read, and what is written again gets an id."""
