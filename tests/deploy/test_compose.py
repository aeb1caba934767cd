"""Compose for one machine: understood by Docker Compose, nobody has more than it needs, and its secrets are made."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.settings_named import secrets, unknown
from tests.deploy.tools import need
from tests.support.root import ROOT

FOLDER = ROOT / "deploy/compose"
OURS = {"web", "worker", "migrate", "telephone"}
OTHERS_GIVE = {"mawid_register_token", "mawid_gateway_sms", "mawid_s3_access_key", "mawid_s3_secret_key"}
"""Empty until somebody writes them in: an empty file sets nothing."""

URLS = ("mawid_database_url", "database_url_direct", "mawid_database_owner_url", "mawid_database_reader_url")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder as an administrator has it, with secrets."""
    folder = tmp_path_factory.mktemp("deploy") / "compose"
    shutil.copytree(FOLDER, folder)
    shutil.copy(folder / "mawid.env.example", folder / "mawid.env")
    subprocess.run(["sh", "make-secrets"], cwd=folder, check=True)
    return folder


def secrets_of(service):
    """The secrets that a service is given, by their sources."""
    return {one if isinstance(one, str) else one["source"] for one in service.get("secrets", ())}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))["services"]


def test_docker_compose_understands_it(made):
    command = [need("docker-compose"), "--file", made / "compose.yaml", "config", "--format", "json"]
    done = subprocess.run(
        command, env=os.environ | {"MAWID_SITE": "mawid.example"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    whole = json.loads(done.stdout)
    for one in whole["secrets"].values():
        assert Path(one["file"]).stat().st_size or Path(one["file"]).name in OTHERS_GIVE, one


def test_without_a_site_nothing_starts(made):
    command = [need("docker-compose"), "--file", made / "compose.yaml", "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "MAWID_SITE" in done.stderr


def test_secrets_that_are_there_stay_as_they_are(made):
    before = {file.name: file.read_bytes() for file in (made / "secrets").iterdir()}
    subprocess.run(["sh", "make-secrets"], cwd=made, check=True)
    assert {file.name: file.read_bytes() for file in (made / "secrets").iterdir()} == before
    assert (made / "secrets").stat().st_mode & 0o077 == 0


def test_every_service_is_bounded_watched_and_may_do_little(services):
    for name, service in services.items():
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert service.get("healthcheck") or name == "web", name  # its image has one
        assert "privileged" not in service
        if name != "postgres":  # which begins as root, to make its folder
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name


def test_only_the_proxy_has_ports_for_everyone_and_data_lead_nowhere(services):
    networks = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))["networks"]
    ports = {name: service["ports"] for name, service in services.items() if name != "caddy" and service.get("ports")}
    assert ports == {"telephone": ["127.0.0.1:4573:4573"]}, "FastAGI is not encrypted"
    assert networks["data"]["internal"] is True
    for name in ("postgres", "valkey", "pgbouncer", "migrate"):
        assert services[name]["networks"] == ["data"], name
    assert "data" not in services["caddy"]["networks"]


def test_each_secret_is_a_setting_and_only_migrations_get_the_owner(services):
    for name in OURS:
        given = [one if isinstance(one, str) else one.get("target", one["source"]) for one in services[name]["secrets"]]
        settings = [one for one in given if not one.startswith("dask_")]  # files that settings name
        assert unknown(settings) == set()
        assert all(one.startswith("mawid_") for one in settings)
        assert len(settings) < len(given) or name != "worker"
        assert ("mawid_database_owner_url" in given) == (name == "migrate")


def test_whoever_goes_through_pgbouncer_says_so_and_migrations_go_past_it(made, services):
    """Else an upgrade takes connections that PgBouncer keeps for processes that live, and waits for them."""
    through = {name for name in OURS | {"worker-notices"} if "mawid_database_url" in secrets_of(services[name])}
    said = {name for name in services if services[name].get("environment", {}).get("MAWID_DATABASE_POOLED") == "true"}
    assert said == through == {"web", "telephone"}
    hosts = {name: (made / "secrets" / name).read_text().split("@")[1].split("/")[0] for name in URLS}
    assert hosts == {name: "pgbouncer:6432" if name == "mawid_database_url" else "postgres:5432" for name in URLS}
    assert secrets_of(services["migrate"]) >= {"database_url_direct", "mawid_database_owner_url"}


def test_whoever_keeps_files_has_the_keys_of_the_bucket(made, services):
    keys = {"mawid_s3_access_key", "mawid_s3_secret_key"}
    for name in ("web", "worker", "worker-notices", "telephone"):
        assert keys <= secrets_of(services[name]), name
    assert all((made / "secrets" / name).read_bytes() == b"" for name in OTHERS_GIVE), "made, and left to be filled"


def test_asterisk_reads_speech_where_it_is_told_that_it_lies(services):
    service = services["telephone"]
    folder = service["environment"]["MAWID_SPEECH_DIR"]
    assert f"{folder}:{folder}" in service["volumes"]
    assert service["profiles"] == ["telephone"]
    assert [name for name, one in services.items() if "mawid_agi_secret" in secrets_of(one)] == ["telephone"]
    assert unknown(service["environment"]) == set()


def test_who_only_computes_has_a_certificate_and_reaches_nobody_else(services):
    networks = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))["networks"]
    assert networks["computing"] == {"internal": True}
    for name in ("computing-scheduler", "computing-worker"):
        assert services[name]["networks"] == ["computing"]
        assert services[name]["profiles"] == ["computing"]
        assert services[name]["secrets"] == ["dask_ca", "dask_certificate", "dask_key"]
        assert "env_file" not in services[name]
        assert unknown(services[name]["environment"]) == set()


def test_the_certificate_of_those_who_compute_is_signed_by_an_authority_that_is_gone(made):
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "dask_ca", "dask_certificate"]  # as Python 3.13 asks for
    done = subprocess.run(command, cwd=made / "secrets", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "dask_certificate: OK\n")
    assert not (made / "secrets/authority_key").exists()


def test_settings_of_the_example_are_ours(services):
    text = (FOLDER / "mawid.env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^(MAWID_\w+)=", text, re.MULTILINE))
    assert (unknown(named), named & secrets()) == (set(), set())
    assert unknown(services["web"]["environment"]) == set()


def test_the_user_of_valkey_is_the_one_that_the_runbook_names(made):
    (ours,) = re.findall(r"^user mawid .*$", (made / "secrets/valkey_users").read_text(), re.MULTILINE)
    (documented,) = re.findall(r"^user mawid .*$", (ROOT / "docs/runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.sub(r"#\w+", "#SHA256", ours) == documented
