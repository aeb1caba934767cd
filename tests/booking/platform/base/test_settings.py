import os
import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from booking.platform.base.settings import (
    Environment,
    Settings,
    SettingsError,
    load_settings,
    master_secret,
    secrets_known,
)
from tests.support.root import ROOT

EXAMPLE = ROOT / ".env.example"
SECRET = "s" * 32
OUTSIDE = {"register_url": "https://register.example", "register_token": "t" * 32, "beacon": "drand", "witnesses": "w"}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.upper().startswith("MAWID_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_example_lists_every_setting_with_its_default():
    listed = re.findall(r"^MAWID_(\w+)=", EXAMPLE.read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)
    assert load_settings(EXAMPLE) == load_settings(None)


def test_settings_come_from_the_environment_before_the_file(monkeypatch):
    Path(".env").write_text("MAWID_HOLD_LIFETIME=PT5M\nMAWID_WORKERS=3\n")
    monkeypatch.setenv("MAWID_WORKERS", "2")

    settings = load_settings()

    assert (settings.hold_lifetime, settings.workers) == (timedelta(minutes=5), 2)


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().workers = 2


def test_an_unknown_variable_stops_the_start(monkeypatch):
    monkeypatch.setenv("MAWID_HOLD_LIFETIM", "PT5M")

    with pytest.raises(SettingsError, match="MAWID_HOLD_LIFETIM is unknown"):
        load_settings()


def test_an_unknown_variable_in_the_file_stops_the_start():
    Path(".env").write_text("MAWID_HOLD_LIFETIM=PT5M\n")

    with pytest.raises(SettingsError, match="MAWID_HOLD_LIFETIM is unknown"):
        load_settings()


def test_all_problems_are_reported_at_once_without_any_value(monkeypatch):
    monkeypatch.setenv("MAWID_DATABASE_URL", "mysql://root:hunter2@db/mawid")
    monkeypatch.setenv("MAWID_SECRET_KEY", "hunter3")
    monkeypatch.setenv("MAWID_WORKER", "1")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert "MAWID_DATABASE_URL: must start with postgresql://" in str(caught.value)
    assert "MAWID_SECRET_KEY: must have at least 32" in str(caught.value)
    assert "MAWID_WORKER is unknown" in str(caught.value)
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HOLD_LIFETIME", "ten minutes"),
        ("HOLD_LIFETIME", "PT0S"),
        ("WORKERS", "0"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("REDIS_URL", "http://cache"),
        ("BASE_URL", "localhost:8000"),
        ("COUNTRY", "../etc"),
        ("DIGITS", "roman"),
    ],
)
def test_an_unusable_value_stops_the_start(monkeypatch, variable, value):
    monkeypatch.setenv(f"MAWID_{variable}", value)

    with pytest.raises(SettingsError, match=f"MAWID_{variable}"):
        load_settings()


def test_proxies_are_networks_separated_by_commas(monkeypatch):
    monkeypatch.setenv("MAWID_TRUSTED_PROXIES", "10.0.0.0/8, ::1")

    assert load_settings().trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))


def test_a_database_address_is_kept_for_the_driver_in_use_and_not_shown(monkeypatch):
    monkeypatch.setenv("MAWID_DATABASE_URL", "postgres://mawid:hunter2@db/mawid")

    settings = load_settings()

    assert settings.database_url.get_secret_value() == "postgresql+psycopg://mawid:hunter2@db/mawid"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"show_outbox": True}, "MAWID_SHOW_OUTBOX"),
        ({"secret_key": None}, "MAWID_SECRET_KEY"),
        ({"base_url": "http://mawid.example"}, "MAWID_BASE_URL"),
        ({"register_url": None}, "MAWID_REGISTER_URL is needed"),
        ({"register_url": "http://register.example"}, "MAWID_REGISTER_URL must be https"),
        ({"register_token": None}, "MAWID_REGISTER_TOKEN or MAWID_REGISTER_CLIENT_CERTIFICATE"),
        ({"beacon": "own"}, "MAWID_BEACON must be"),
        ({"beacon": "witnesses"}, "MAWID_BEACON_GROUP is needed"),
        ({"witnesses": None}, "MAWID_WITNESSES is needed"),
        ({"drand_urls": ("http://drand.example",)}, "MAWID_DRAND_URLS must be https"),
        ({"database_url": "postgresql://db.example/mawid"}, "MAWID_DATABASE_URL must"),
        ({"database_url": "postgresql://db.example/mawid?sslmode=require"}, "MAWID_DATABASE_URL must"),
        ({"database_url": "postgresql:///mawid?host=/run/postgresql,db.example"}, "MAWID_DATABASE_URL must"),
        (
            {"database_url": "postgresql:///mawid", "database_owner_url": "postgresql://db.example/mawid"},
            "MAWID_DATABASE_OWNER_URL must",
        ),
        ({"redis_url": "redis://cache.example"}, "MAWID_REDIS_URL must"),
        ({"redis_url": "redis+sentinel://one.example/main/0"}, "MAWID_REDIS_URL must"),
        (
            {"oidc_issuer": "http://login.example", "oidc_client_id": "mawid", "oidc_client_secret": "hunter2"},
            "MAWID_OIDC_ISSUER",
        ),
    ],
)
def test_production_refuses_settings_meant_for_a_demonstration(change, told):
    fit = {"environment": Environment.PRODUCTION, "secret_key": SECRET, "base_url": "https://mawid.example", **OUTSIDE}
    Settings(**fit)

    with pytest.raises(ValidationError, match=told):
        Settings(**fit | change)


@pytest.mark.parametrize(
    "servers",
    [
        {"database_url": "postgresql:///mawid", "redis_url": "unix:///run/valkey.sock"},
        {"database_url": "postgresql://mawid@/mawid?host=%2Frun%2Fpostgresql", "redis_url": "rediss://cache.example"},
        {"database_url": "postgresql://one.example,two.example/mawid?sslmode=verify-full"},
        {"redis_url": "rediss+cluster://one.example,two.example"},
        {"database_url": "postgresql://db.example/mawid", "redis_url": "redis://c.example", "plain_connections": True},
    ],
)
def test_production_takes_sockets_tls_or_a_word_that_neither_is_needed(servers):
    fit = {"environment": Environment.PRODUCTION, "secret_key": SECRET, "base_url": "https://mawid.example", **OUTSIDE}

    assert bool(Settings(**fit | servers).plain_servers()) is servers.get("plain_connections", False)


def test_the_owner_of_no_database_is_refused():
    with pytest.raises(ValidationError, match="need MAWID_DATABASE_URL"):
        Settings(database_owner_url="postgresql:///mawid")


def test_the_secret_is_made_once_and_only_the_owner_can_read_it(tmp_path):
    settings = Settings(state_dir=tmp_path / "state")

    secret = master_secret(settings)

    assert len(secret) == 64
    assert master_secret(settings) == secret
    assert [path.name for path in settings.state_dir.iterdir()] == ["secret.key"]
    assert (settings.state_dir / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_secret_in_the_settings_is_used_as_it_is(tmp_path):
    settings = Settings(state_dir=tmp_path, secret_key=SECRET)

    assert master_secret(settings) == SECRET.encode()
    assert not list(tmp_path.iterdir())


def test_secrets_before_the_present_one_are_listed_and_never_shown(monkeypatch):
    monkeypatch.setenv("MAWID_SECRET_KEY", SECRET)
    monkeypatch.setenv("MAWID_SECRET_KEY_OLD", f"{'a' * 32}, {'b' * 32},")
    settings = load_settings(None)

    assert secrets_known(settings) == (SECRET.encode(), b"a" * 32, b"b" * 32)
    assert "aaa" not in repr(settings)
    monkeypatch.setenv("MAWID_SECRET_KEY_OLD", "hunter4")
    with pytest.raises(SettingsError, match="MAWID_SECRET_KEY_OLD: must have at least 32") as caught:
        load_settings(None)
    assert "hunter4" not in str(caught.value)


@pytest.mark.parametrize(("content", "mode", "told"), [("short", 0o600, "too short"), (SECRET, 0o644, "chmod 600")])
def test_a_damaged_secret_file_is_refused(tmp_path, content, mode, told):
    path = tmp_path / "secret.key"
    path.write_text(content)
    path.chmod(mode)

    with pytest.raises(SettingsError, match=told):
        master_secret(Settings(state_dir=tmp_path))


def test_a_provider_needs_all_its_settings_and_its_lists_are_split(monkeypatch):
    monkeypatch.setenv("MAWID_OIDC_ISSUER", "https://login.example/realms/state")
    with pytest.raises(SettingsError, match="MAWID_OIDC_CLIENT_ID"):
        load_settings()

    monkeypatch.setenv("MAWID_OIDC_CLIENT_ID", "mawid")
    monkeypatch.setenv("MAWID_OIDC_CLIENT_SECRET", "hunter2")
    monkeypatch.setenv("MAWID_OIDC_REQUIRED_CLAIMS", "groups=mawid, hd=example.org")
    monkeypatch.setenv("MAWID_OIDC_TRUSTED_AMR", "hwk, mfa")
    settings = load_settings()
    assert settings.oidc_required_claims == (("groups", "mawid"), ("hd", "example.org"))
    assert (settings.oidc_trusted_amr, settings.oidc_trusted_acr) == (("hwk", "mfa"), ())
    assert "hunter2" not in repr(settings)

    monkeypatch.setenv("MAWID_OIDC_REQUIRED_CLAIMS", "groups")
    with pytest.raises(SettingsError, match="MAWID_OIDC_REQUIRED_CLAIMS"):
        load_settings()


def test_an_address_that_cannot_be_read_is_one_problem_without_its_value(monkeypatch):
    monkeypatch.setenv("MAWID_DATABASE_URL", "postgresql://root:hunter2@db:port/mawid")

    with pytest.raises(SettingsError, match=r"^MAWID_DATABASE_URL: is no address") as caught:
        load_settings()

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "content", "told"),
    [
        (0o604, f"MAWID_SECRET_KEY={SECRET}\n", True),
        (0o604, f"MAWID_SECRET_KEY_OLD={SECRET}\n", True),
        (0o620, f"MAWID_SECRET_KEY={SECRET}\n", True),
        (0o640, f"MAWID_SECRET_KEY={SECRET}\n", False),
        (0o644, "MAWID_WORKERS=2\n", False),
    ],
)
def test_a_file_with_a_secret_that_others_can_read_stops_production(monkeypatch, capsys, mode, content, told):
    Path(".env").write_text(content)
    Path(".env").chmod(mode)
    load_settings()
    assert ("chmod 600" in capsys.readouterr().err) is told

    production = {"environment": "production", "base_url": "https://a.example", "secret_key": SECRET, **OUTSIDE}
    for name, value in production.items():
        monkeypatch.setenv(f"MAWID_{name.upper()}", value)
    if told:
        with pytest.raises(SettingsError, match="chmod 600"):
            load_settings()
    else:
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "https://mawid:hunter2@register.example"),
        ("URL", "register.example"),
        ("URL", "https://register.example/?number="),
        ("TOKEN", "hunter2"),
        ("TOKEN", "hunter2 hunter2 hunter2"),
        ("ANSWER_WITHIN", "PT0S"),
        ("ANSWER_WITHIN", "PT2M"),
        ("CLIENT_KEY", "hunter2.pem"),
    ],
)
def test_unusable_settings_of_the_register_are_told_without_their_values(monkeypatch, name, value):
    monkeypatch.setenv(f"MAWID_REGISTER_{name}", value)

    with pytest.raises(SettingsError, match=f"MAWID_REGISTER_{name}") as caught:
        load_settings()

    assert "hunter2" not in str(caught.value)
