"""Faults of the machine: settings that others read, certificates, clocks, disk, backups."""

import json
import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from booking.country.core.presence import own_number
from booking.operations.doctor import machine
from booking.operations.doctor.findings import Level, Patient
from booking.platform.base.clock import SettableClock, SystemClock
from booking.platform.base.settings_servers import BeaconKind
from booking.transparency.beacons.drand import quicknet
from tests.booking.country.core.test_presence import a_process
from tests.booking.transparency.beacons.test_values import QUICKNET, ROUND, SIGNATURE
from tests.support.a_relay import a_relay
from tests.support.certificates import a_certificate
from tests.support.country import cheap_settings
from tests.support.file_places import a_bucket, refuse
from tests.support.roles import past_the_roles, reconnect, servers_of

NOW = SystemClock().now()
Disk = namedtuple("Disk", "total used free")  # noqa: PYI024 - what shutil gives


def found(look, patient, *more):
    return [(one.level, one.words) for one in look(patient, *more)]


def patient(**changes):
    settings = cheap_settings(database_pooled=False).model_copy(update=changes)
    return Patient(settings, servers_of("postgresql+psycopg://x@/x?host=/nowhere"))


def test_secrets_that_others_can_read_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("MAWID_SECRET_KEY=a secret that is long enough for it, so it is\n")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "secret.key").write_text("x" * 64)
    (tmp_path / "secret.key").chmod(0o640)

    said = found(machine.look_at_settings, patient(secret_key=None, state_dir=tmp_path))

    assert [words.partition(" ")[0] for _, words in said] == [".env", f"{tmp_path}/secret.key"]
    assert {level for level, _ in said} == {Level.FAULT}


@pytest.mark.parametrize(("days", "level"), [(-1, Level.FAULT), (1, Level.FAULT), (20, Level.WARNING), (40, None)])
def test_a_certificate_that_ends_tonight_is_a_fault_and_one_in_weeks_a_warning(tmp_path, days, level):
    file = tmp_path / "authority.pem"
    file.write_bytes(a_certificate(NOW + timedelta(days=days)))

    said = found(machine.look_at_certificates, patient(register_ca_file=file))

    assert [one for one, _ in said] == ([] if level is None else [level])


def test_a_site_that_does_not_answer_is_found():
    said = found(machine.look_at_site, patient(base_url="https://127.0.0.1:9"))

    assert (Level.FAULT, "https://127.0.0.1:9: certificate: ConnectionRefusedError") in said


@pytest.mark.parametrize(("free", "level"), [(5, Level.FAULT), (15, Level.WARNING), (50, None)])
def test_a_disk_that_fills_up_is_found_before_it_is_full(monkeypatch, tmp_path, free, level):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(100, 100 - free, free))

    said = found(machine.look_at_disk, patient(evidence_dir=tmp_path / "none"))

    assert [one for one, _ in said] == ([] if level is None else [level])


def test_a_folder_of_evidence_that_others_enter_is_found(tmp_path):
    tmp_path.chmod(0o755)

    assert (Level.WARNING, f"{tmp_path} can be entered by others") in found(
        machine.look_at_disk, patient(evidence_dir=tmp_path)
    )


def test_backups_that_are_missing_old_untried_or_half_are_found(tmp_path):
    def words():
        return [one.partition(" of ")[0] for _, one in found(machine.look_at_backups, patient(backups_dir=tmp_path))]

    assert words() == [f"there is no backup in {tmp_path}"]
    for name in ("one", "half.part"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "manifest.json").touch()
    assert words() == ["the last backup was never tried: whether it can be restored is not known"]
    (tmp_path / "one" / "verified.json").touch()
    assert words() == []
    later = SettableClock(NOW + timedelta(days=3))
    core = namedtuple("Core", "clock")(later)  # noqa: PYI024 - all that the look needs of one
    settings = patient(backups_dir=tmp_path).settings
    old = [one.words for one in machine.look_at_backups(Patient(settings, None, core))]
    assert old[0].startswith("the last backup is of ")
    assert old[1].endswith("half.part is half a backup, which broke off")


def test_a_nightly_backup_that_would_go_through_a_pooler_is_found(tmp_path):
    def said(**more):
        return found(machine.look_at_backups, patient(backups_dir=tmp_path, **more))

    through = (Level.WARNING, "the job back_up makes no backup through a pooler")
    assert through in said(database_pooled=True)
    assert through not in said(database_pooled=True, database_listen_url=SecretStr("postgresql://server.example/mawid"))
    assert through not in said()


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_is_told_from_that_of_both_servers(country_url, redis_url, hours):
    servers = servers_of(country_url)._replace(redis_url=redis_url)
    wrong = SettableClock(SystemClock().now() + timedelta(hours=hours))

    said = found(machine.look_at_clocks, Patient(cheap_settings(), servers), wrong)

    way = "ahead of" if hours > 0 else "behind"
    assert [(level, way in words) for level, words in said] == [(Level.FAULT, True)] * 2
    assert found(machine.look_at_clocks, Patient(cheap_settings(), servers)) == []


def test_the_one_machine_of_three_whose_clock_is_an_hour_off_is_named(country, country_url):
    with country.sessions.begin() as session:
        for host, ahead in (("one.example", 0.01), ("two.example", 3600.2), ("three.example", -0.02)):
            a_process(session, number=own_number(), host=host, ahead=ahead)
        a_process(session, number="0026", host="three.example")

    said = found(machine.look_at_processes, Patient(cheap_settings(), servers_of(country_url)))

    assert said == [
        (Level.FAULT, "the clock of two.example is 3600 seconds ahead of that of the database"),
        (Level.WARNING, "processes of another version live: web of 0.1.0 (schema 0026) on three.example"),
    ]


def test_a_clock_is_compared_with_the_round_that_the_beacon_signed_last():
    out = quicknet(1).time_of(ROUND)
    with a_relay() as (address, answers):
        settings = {"beacon": BeaconKind.DRAND, "drand_urls": (address,)}
        assert found(machine.look_at_beacon, patient(**settings)) == [
            (Level.WARNING, "no relay of drand answers rightly")
        ]
        said = json.dumps({"round": ROUND, "signature": SIGNATURE.hex() if isinstance(SIGNATURE, bytes) else SIGNATURE})
        answers[f"/{QUICKNET['chain']}/public/latest"] = 200, said.encode()

        def levels(at):
            return [level for level, _ in found(machine.look_at_beacon, patient(**settings), SettableClock(at))]

        assert levels(out) == []
        assert levels(out - timedelta(hours=1)) == [Level.FAULT]
        assert levels(out + timedelta(hours=1)) == [Level.WARNING]


def test_a_server_whose_log_quotes_people_and_an_old_transaction_are_found(country, country_url, examined):
    with past_the_roles(country) as session:
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f"ALTER DATABASE {name} SET log_error_verbosity = verbose"))
    reconnect()

    said = [one.words for one in examined(quick=True, workers=200)["database server"].findings]

    assert "PostgreSQL's log would quote people's rows" in said
    assert any("this machine's processes may open 4010" in one for one in said)


def test_a_place_for_files_that_does_not_do_its_part_is_found_with_what_to_do(tmp_path):
    with a_bucket(tmp_path) as bucket:
        settings = bucket.settings()
        well = Patient(settings, servers_of("postgresql+psycopg://x@/x?host=/nowhere"))
        assert found(machine.look_at_place, well) == []
        bucket.fault = refuse(403, "AccessDenied")

        (said,) = machine.look_at_place(well)

    assert (said.level, said.words) == (Level.FAULT, "the bucket mawid-files: refused")
    assert said.remedy.endswith("keys or policy of the bucket; then `mawid files try`")
