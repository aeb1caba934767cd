"""A backup is tried in a server of its own; the night's job makes one, tries it, and keeps enough of them."""

import io
import shutil
import sys
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from booking import cli
from booking.country.core.roles import migrate_and_grant
from booking.operations.backup.age import AgeError, new_identity, recipient_of, unseal
from booking.operations.backup.folder import newest_backup
from booking.operations.backup.make import make_backup
from booking.operations.backup.manifest import NAME, SEALED
from booking.operations.backup.ours import PROOF, leave_proof
from booking.operations.backup.programs import BackupError
from booking.operations.backup.restore import Opener, restore_backup
from booking.operations.recovery.nightly import back_up, verify_backup
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.libpq import libpq_address
from booking.platform.embedded import roles
from booking.platform.files.folder import RESTORING, FolderFiles
from booking.platform.models import AccountCopy
from booking.transparency.log.log import sequence
from tests.booking.operations.backup.test_backup import empty_url
from tests.support.country import a_request, cheap_settings
from tests.support.roles import as_role, past_the_roles, servers_of

__all__ = ["empty_url"]
IDENTITY = new_identity()


@pytest.fixture
def own_address(country_url):
    """The database's address for the role that works, past any pooler."""
    return as_role(country_url, roles.APP)


@pytest.fixture
def settings(country, own_address, tmp_path):
    """Settings of the country with a folder for backups, for one who can read them."""
    changed = cheap_settings(
        database_url=SecretStr(own_address),
        database_listen_url=SecretStr(own_address),
        evidence_dir=tmp_path / "evidence",
        state_dir=tmp_path / "state",
        backups_dir=tmp_path / "backups",
        backup_recipients=(recipient_of(IDENTITY),),
        backups_kept=1,
    )
    object.__setattr__(country, "settings", changed)
    return changed


@pytest.fixture
def asked(country, settings):
    """Somebody asked, and a copy of their data lies in the evidence folder."""
    account_id, _ = a_request(country)
    copy_id = uuid4()
    EvidenceStore(FolderFiles(settings.evidence_folder), country.vault, "copies").put(copy_id, 0, b"a copy")
    now = country.clock.now()
    with country.sessions.begin() as session:
        session.add(
            AccountCopy(id=copy_id, account_id=account_id, language="ar", asked_at=now, made_at=now, parts=1, size=6)
        )
    sequence(country)
    return copy_id


def earlier(settings):
    """A backup made by hand, and two of nights before, of which the first was tried."""
    by_hand = settings.backups_dir / "by hand"
    make_backup(by_hand, dsn=libpq_address(settings.database_url.get_secret_value()), settings=settings)
    for name, tried in (("nightly-2026-10-01T032000", True), ("nightly-2026-10-02T032000", False)):
        shutil.copytree(by_hand, settings.backups_dir / name)
        if tried:
            (settings.backups_dir / name / "verified.json").touch()
    return by_hand


@pytest.mark.slow
@pytest.mark.usefixtures("asked")
def test_the_nights_backup_is_sealed_tried_and_restored_with_the_secret_key_alone(
    country, country_url, settings, empty_url, tmp_path, monkeypatch, capsys
):
    by_hand = earlier(settings)

    back_up(country)

    made = newest_backup(settings.backups_dir)
    assert made.verified_at is not None
    assert sorted(settings.backups_dir.iterdir()) == [by_hand, made.folder], "one of the nights is kept"
    (page,) = made.folder.glob("evidence/copies/*/*")
    assert page.stat().st_nlink > 1, "a file that did not change is kept once for all backups"
    files = {path.name: path for path in made.folder.rglob("*")}
    assert b"age-encryption.org/v1" in files[SEALED].read_bytes()[:30]
    assert "database.dump" not in files
    assert {path.stat().st_mode & 0o077 for path in files.values()} == {0}
    assert list(settings.state_dir.iterdir()) == []

    (tmp_path / "key").write_text(IDENTITY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAWID_DATABASE_URL", empty_url)
    monkeypatch.setenv("MAWID_REDIS_URL", "unix:///nowhere")
    monkeypatch.setenv("MAWID_SECRET_KEY", settings.secret_key.get_secret_value())
    monkeypatch.setenv("MAWID_EVIDENCE_DIR", str(tmp_path / "restored"))

    def mawid(*words):
        monkeypatch.setattr(sys, "argv", ["mawid", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return ended.value.code, told.out + told.err

    code, told = mawid("restore", made.folder)
    assert (code, "is encrypted: name the file with the secret key" in told) == (1, True)
    (tmp_path / "other").write_text(new_identity())
    code, told = mawid("restore", made.folder, "--identity", tmp_path / "other")
    assert (code, "none of these secret keys opens it" in told) == (1, True)
    assert mawid("restore", made.folder, "--identity", tmp_path / "key")[0] == 0
    with psycopg.connect(libpq_address(empty_url)) as restored, psycopg.connect(libpq_address(country_url)) as ours:
        count = (
            "SELECT (SELECT count(*) FROM slot_pool), (SELECT count(*) FROM request), max(sequence) FROM audit_entry"
        )
        assert restored.execute(count).fetchone() == ours.execute(count).fetchone()


@pytest.mark.slow
def test_a_backup_with_a_fault_in_it_is_not_marked_as_tried(country, settings, asked):
    EvidenceStore(FolderFiles(settings.evidence_folder), country.vault, "copies").remove(asked, 1)
    with past_the_roles(country) as session:
        session.execute(text("SET session_replication_role = replica"))
        session.execute(text("UPDATE audit_entry SET actor = 'somebody else' WHERE sequence = 1"))

    with pytest.raises(BackupError, match="2 faults were found"):
        back_up(country)

    assert newest_backup(settings.backups_dir).verified_at is None


def test_nothing_is_backed_up_by_itself_where_no_folder_is_named(country, tmp_path):
    object.__setattr__(country, "settings", cheap_settings(evidence_dir=tmp_path, backups_dir=None))

    back_up(country)

    assert list(tmp_path.iterdir()) == []


def test_a_trial_without_room_is_refused_before_it_begins(settings, own_address, tmp_path):
    folder = tmp_path / "backup"
    made = make_backup(folder, dsn=libpq_address(own_address), settings=settings)
    (folder / NAME).write_text(made.manifest.model_copy(update={"database_bytes": 10**18}).model_dump_json())
    (folder / PROOF).unlink()
    leave_proof(folder, settings)

    with pytest.raises(BackupError, match="to try the backup takes 1396983861"):
        verify_backup(folder, settings=settings, opener=Opener.from_identity(made.identity))


def test_the_secret_key_of_a_trial_opens_one_backup_and_is_written_nowhere(settings, own_address, capfd):
    settings.backups_dir.mkdir()
    folders = settings.backups_dir / "a", settings.backups_dir / "b"
    one, two = (make_backup(folder, dsn=libpq_address(own_address), settings=settings) for folder in folders)

    told = capfd.readouterr()
    said = [told.out, told.err, repr(one), repr(Opener.from_identity(one.identity))]
    written = [path.read_bytes() for path in settings.backups_dir.rglob("*") if path.is_file()]
    assert not any(one.identity in text for text in said)
    assert not any(one.identity.encode() in content for content in written)
    file = (settings.backups_dir / "a" / SEALED).read_bytes()
    unseal(io.BytesIO(file), io.BytesIO(), [one.identity])
    with pytest.raises(AgeError, match="made for others"):
        unseal(io.BytesIO(file), io.BytesIO(), [two.identity])


def test_half_a_restore_is_told_from_a_folder_in_use(settings, own_address, empty_url, tmp_path):
    folder, dsn = tmp_path / "backup", libpq_address(empty_url)
    made = make_backup(folder, dsn=libpq_address(own_address), settings=settings)
    target = cheap_settings(evidence_dir=tmp_path / "restored")
    target.evidence_folder.mkdir()
    (target.evidence_folder / RESTORING).touch()

    with pytest.raises(BackupError, match="holds half of a backup: a restore broke off"):
        restore_backup(folder, dsn=dsn, settings=target, opener=Opener.from_identity(made.identity))


def test_the_role_that_works_may_read_all_that_a_backup_needs(country_url):
    migrate_and_grant(servers_of(country_url), always=True)
    with psycopg.connect(libpq_address(servers_of(country_url).database_url)) as connection:
        lacks = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"
            " AND NOT CASE relkind WHEN 'S' THEN has_sequence_privilege(oid, 'SELECT')"
            " ELSE has_table_privilege(oid, 'SELECT') END"
        ).fetchall()
    assert lacks == []
