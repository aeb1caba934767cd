"""The commands ``mawid keys``, as an administrator types them."""

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from booking.cli import app
from booking.platform.base.vault import Secret
from booking.platform.models import Account
from booking.platform.models.states import Role
from tests.booking.operations.keys.processes import NEW, OLD, started
from tests.support.country import a_colleague


@pytest.fixture
def typed(database_url, redis_url, monkeypatch, tmp_path):
    """Run a command with a new secret and the one before it; return what it tells."""
    monkeypatch.chdir(tmp_path)
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "STAFF_SECOND_FACTOR": "off", "SECRET_KEY": NEW}
    for name, value in (given | {"SECRET_KEY_OLD": OLD, "STATE_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(f"MAWID_{name}", value)

    def run(*words):
        done = CliRunner().invoke(app, ["keys", *words], catch_exceptions=False)
        assert done.exit_code == 0
        return " ".join(done.output.split())

    return run


def test_a_secret_is_replaced_at_the_terminal_and_never_shown(typed, database_url, redis_url, clock):
    with started(database_url, redis_url, clock, OLD) as core:
        boss = a_colleague(core, Role.ADMINISTRATOR)
        with core.sessions() as session:
            name = session.scalar(select(Account.username).where(Account.id == boss))
    old, new = (Secret(secret.encode()).key_id.hex() for secret in (OLD, NEW))

    rotated, after = typed("rotate", "--by", name), typed("list")

    assert rotated.startswith(
        f"the secret with the key id {new} is in use account: 1 sealed anew nothing is left; keep"
    )
    assert f"{new} │ in use" in after
    assert f"{old} │ still needed" in after
    assert "account 1" in after
    assert not [secret for secret in (OLD, NEW) if secret in rotated + after]
