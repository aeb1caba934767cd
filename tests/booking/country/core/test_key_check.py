"""Starts with a secret that is not the one which sealed the database."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, func, select, update

from api.main import app_from_settings
from booking import cli
from booking.country.core.key_check import WrongSecretError
from booking.opening import open_core
from booking.platform.base import logs
from booking.platform.base.vault import Secret, Vault
from booking.platform.models import KeyCheck
from booking.platform.models.states import Role
from tests.support.country import a_colleague, cheap_settings

OTHER = "another secret that is as long as it must be"


def start(database_url: str, secret: str) -> bytes:
    settings = cheap_settings().model_copy(update={"secret_key": SecretStr(secret)})
    with (
        open_core(settings, database_url=database_url, redis_url="unix:///nowhere") as core,
        core.sessions() as session,
    ):
        return session.scalars(select(KeyCheck.value)).one()


@pytest.mark.usefixtures("no_web")
@pytest.mark.parametrize("words", [("audit", "verify"), ("worker",), ("serve",), None])
def test_every_start_with_another_secret_is_refused_in_one_line(
    core, database_url, monkeypatch, capfd, tmp_path, words
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logs, "configure", lambda **_: None)
    monkeypatch.setenv("MAWID_DATABASE_URL", database_url)
    monkeypatch.setenv("MAWID_REDIS_URL", "redis://nowhere.example")
    monkeypatch.setenv("MAWID_SECRET_KEY", OTHER)
    monkeypatch.setattr(sys, "argv", ["mawid", *(words or ())])

    with pytest.raises(SystemExit) as ended:
        cli.main() if words else app_from_settings()

    told = capfd.readouterr().err if words else f"{ended.value.code}\n"
    assert ended.value.code != 0
    assert told.startswith("WrongSecretError: MAWID_SECRET_KEY is not the secret that sealed this database")
    assert told.count("\n") == 1
    assert OTHER not in told


def test_a_secret_in_a_file_is_named_by_its_file(core, database_url, tmp_path):
    settings = cheap_settings().model_copy(update={"secret_key": None, "state_dir": tmp_path})

    with pytest.raises(WrongSecretError, match=r"secret\.key is not the secret"):
        open_core(settings, database_url=database_url, redis_url="unix:///nowhere").__enter__()


def test_only_one_of_two_first_starts_with_different_secrets_succeeds(database_url):
    with ThreadPoolExecutor(2) as both:
        starts = [both.submit(start, database_url, secret * 20) for secret in ("one", "two")]

    refused = [one.exception() for one in starts if one.exception() is not None]
    assert [type(one) for one in refused] == [WrongSecretError]


def test_existing_data_decides_which_secret_is_the_right_one(core, database_url):
    secret = core.settings.secret_key.get_secret_value()
    a_colleague(replace(core, vault=Vault(secret.encode())), Role.ANALYST)  # of before there was a lasting key
    with core.sessions.begin() as session:
        session.execute(delete(KeyCheck))

    with pytest.raises(WrongSecretError):
        start(database_url, OTHER)
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(KeyCheck)) == 0

    assert start(database_url, secret) == core.vault.present.check_value


@pytest.mark.parametrize(
    "lasting", [None, b"", Secret(OTHER.encode()).seal_lasting([b"k" * 32])], ids=["none", "empty", "of another"]
)
def test_a_start_with_another_lasting_key_is_refused_before_anybody_is_doubled(core, database_url, lasting):
    a_colleague(core, Role.ANALYST)
    with core.sessions.begin() as session:
        session.execute(update(KeyCheck).values(lasting=lasting))

    with pytest.raises(WrongSecretError, match="restore that table from a backup"):
        start(database_url, core.settings.secret_key.get_secret_value())


def test_the_stored_check_value_reveals_neither_the_secret_nor_its_keys(core, database_url):
    secret = core.settings.secret_key.get_secret_value()
    kept = start(database_url, secret)

    assert len(kept) == 32
    assert kept not in {secret.encode(), core.vault.key("key check"), core.vault.key("encryption")}
