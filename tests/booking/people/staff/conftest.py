"""Staff are accounts too: their tests use the fixtures of accounts."""

from tests.booking.people.accounts.conftest import an_account, last_code, origin

__all__ = ["an_account", "last_code", "origin"]
