"""A backup and its restore on another database: everything verifies afterwards, or nothing is changed."""

import re
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from booking import cli
from booking.country.core import audit
from booking.desk.helpers import papers as consents
from booking.eservices.online import rows as cases
from booking.opening import open_core
from booking.operations.backup import ours
from booking.operations.backup.make import make_backup
from booking.operations.backup.manifest import DATABASE, NAME, compare_files
from booking.operations.backup.ours import PROOF, leave_proof
from booking.operations.backup.programs import BackupError, choose_dump, choose_restore
from booking.operations.backup.restore import restore_backup
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.libpq import libpq_address, libpq_environment
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, postgres
from booking.platform.files.folder import FolderFiles
from booking.scheduling.draws.verification import verify_files
from booking.transparency.log.log import HeldLogError, sequence
from tests.booking.scheduling.draws.world import World
from tests.support.country import cheap_settings

OLDER = sorted(Path("/usr/lib/postgresql").glob("1[5-7]/bin"))


@pytest.fixture
def mawid(monkeypatch, capsys, tmp_path):
    """Run ``mawid`` as at a terminal on this database and evidence; return its exit code and what it told."""
    monkeypatch.chdir(tmp_path)

    def run(core, url, evidence, *words):
        monkeypatch.setenv("MAWID_DATABASE_URL", url)
        monkeypatch.setenv("MAWID_REDIS_URL", "unix:///nowhere")
        monkeypatch.setenv("MAWID_SECRET_KEY", core.settings.secret_key.get_secret_value())
        monkeypatch.setenv("MAWID_EVIDENCE_DIR", str(evidence))
        monkeypatch.setattr(sys, "argv", ["mawid", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return ended.value.code, told.out + told.err

    return run


@pytest.fixture
def empty_url(database_url):
    """An empty database with a name of its own, beside the test's."""
    name = f"restored_{uuid4().hex}"
    with psycopg.connect(libpq_address(database_url), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield database_url.replace(connection.info.dbname, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def tables(url):
    with psycopg.connect(libpq_address(url)) as connection:
        return connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone()


def test_draw_audit_log_and_evidence_verify_after_a_restore(world, database_url, empty_url, office, mawid, tmp_path):
    office(2, 1)
    for _ in range(4):
        world.ask("a")
    files = world.published()
    number, kinds = uuid4(), ("", cases.FOLDER, consents.FOLDER)
    for kind in kinds:
        EvidenceStore(FolderFiles(tmp_path / "evidence"), world.core.vault, kind).put(number, 0, b"a page")
    (tmp_path / "evidence" / "aa").mkdir(exist_ok=True)
    (tmp_path / "evidence" / "aa" / "note of a colleague").touch()
    with world.core.sessions() as session:
        entries = audit.verify(session)
    backup = tmp_path / "backup"
    sequence(world.core)

    code, told = mawid(world.core, database_url, tmp_path / "evidence", "backup", backup)
    assert (code, "3 files of evidence" in told, "The secret is not in it" in told) == (0, True, True)
    assert {path.stat().st_mode & 0o077 for path in (backup, *backup.rglob("*"))} == {0}
    code, told = mawid(world.core, empty_url, tmp_path / "restored", "restore", backup)
    assert code == 0, told

    assert mawid(world.core, empty_url, tmp_path / "restored", "migrate")[1].endswith("is up to date\n")
    with open_core(world.core.settings, database_url=empty_url, redis_url="unix:///nowhere") as restored:
        with restored.sessions() as session:
            assert audit.verify(session) == entries > 0
        with pytest.raises(HeldLogError):
            sequence(restored)
        for kind in kinds:
            assert EvidenceStore(FolderFiles(tmp_path / "restored"), restored.vault, kind).get(number, 0) == b"a page"
        again = World(restored, world.clock).files()
        assert again == files
        assert verify_files(again).ok


def prove_again(backup, settings):
    (backup / PROOF).unlink()
    assert leave_proof(backup, settings)


def test_restoring_a_backup_that_does_not_fit_changes_nothing(core, database_url, empty_url, tmp_path):
    evidence = EvidenceStore(FolderFiles(tmp_path / "evidence"), core.vault)
    evidence.put(uuid4(), 0, b"a page")
    backup, address = tmp_path / "backup", libpq_address(empty_url)
    make_backup(backup, dsn=libpq_address(database_url), settings=cheap_settings(evidence_dir=tmp_path / "evidence"))
    settings = cheap_settings(evidence_dir=tmp_path / "restored")

    def refused(words, *, dsn=address, changed: Settings = settings):
        with pytest.raises(BackupError, match=words):
            restore_backup(backup, dsn=dsn, settings=changed)
        assert tables(empty_url) == (0,)
        assert not (tmp_path / "restored").exists()

    refused("the database is not empty", dsn=libpq_address(database_url))
    refused(
        "of the country syria, and MAWID_COUNTRY is utopia", changed=settings.model_copy(update={"country": "utopia"})
    )
    refused("another secret", changed=settings.model_copy(update={"secret_key": SecretStr("x" * 40)}))
    refused("put back the secret first", changed=settings.model_copy(update={"secret_key": None}))
    refused("is not empty", changed=settings.model_copy(update={"evidence_dir": tmp_path / "evidence"}))
    (backup / PROOF).rename(tmp_path / "proof")
    refused("nothing proves that this backup was made here")
    (tmp_path / "proof").rename(backup / PROOF)
    page = next((backup / "evidence").glob("*/*"))
    content = page.read_bytes()
    page.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    refused("SHA-256 differs")
    page.unlink()
    refused("is missing")
    manifest = (backup / NAME).read_text()
    (backup / NAME).write_text(manifest.replace('"evidence/', '"../evidence/'))
    refused("cannot be read by this version")
    (backup / NAME).write_text(manifest.replace('"schema_revision": "', '"schema_revision": "9'))
    page.write_bytes(content)
    refused("changed since it was made, or made up by somebody")
    prove_again(backup, settings)
    refused("of a newer Mawid")
    (backup / NAME).write_text(re.sub('"schema_revision": "[^"]*', '"schema_revision": "0039', manifest))
    prove_again(backup, settings)
    refused("of a Mawid from before its first release")
    (backup / NAME).unlink()
    refused("is not a whole backup")


def test_a_backup_made_without_the_secret_is_restored_where_somebody_says_so(
    core, database_url, empty_url, mawid, tmp_path
):
    unknown = {"secret_key": None, "state_dir": tmp_path / "state"}
    stranger = cheap_settings(evidence_dir=tmp_path / "none").model_copy(update=unknown)
    assert not make_backup(tmp_path / "backup", dsn=libpq_address(database_url), settings=stranger).proven
    assert not (tmp_path / "state").exists()

    code, told = mawid(core, empty_url, tmp_path / "restored", "restore", tmp_path / "backup")
    assert (code, "say --unproven" in told) == (1, True)
    assert tables(empty_url) == (0,)
    code, told = mawid(core, empty_url, tmp_path / "restored", "restore", tmp_path / "backup", "--unproven")
    assert code == 0, told


def test_a_dump_that_is_exchanged_after_it_was_compared_is_not_restored(
    core, database_url, empty_url, tmp_path, monkeypatch
):
    settings, backup = cheap_settings(evidence_dir=tmp_path / "evidence"), tmp_path / "backup"
    make_backup(backup, dsn=libpq_address(database_url), settings=settings)

    def compare_and_exchange(folder, manifest):
        compare_files(folder, manifest)
        with (folder / DATABASE).open("ab") as dump:
            dump.write(b"more")

    monkeypatch.setattr(ours, "compare_files", compare_and_exchange)
    with pytest.raises(BackupError, match="was changed while it was read"):
        restore_backup(backup, dsn=libpq_address(empty_url), settings=settings)
    assert tables(empty_url) == (0,)


def test_a_backup_that_cannot_be_written_fails_in_one_line_and_leaves_nothing(core, database_url, mawid, tmp_path):
    (tmp_path / "a file").touch()

    code, told = mawid(core, database_url, tmp_path / "none", "backup", tmp_path / "a file" / "backup")

    assert code == 1
    assert told.startswith("BackupError: the backup cannot be written: ")
    assert told.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


def test_a_failed_restore_is_rolled_back_completely(core, database_url, empty_url, tmp_path):
    EvidenceStore(FolderFiles(tmp_path / "evidence"), core.vault).put(uuid4(), 0, b"a page")
    make_backup(
        tmp_path / "backup",
        dsn=libpq_address(database_url),
        settings=cheap_settings(evidence_dir=tmp_path / "evidence"),
    )
    (tmp_path / "a file").touch()

    with pytest.raises(BackupError, match="nothing was changed"):
        restore_backup(
            tmp_path / "backup",
            dsn=libpq_address(empty_url),
            settings=cheap_settings(evidence_dir=tmp_path / "a file" / "evidence"),
        )

    assert tables(empty_url) == (0,)


def test_the_dump_program_is_as_new_as_the_server_and_speaks_tls_if_needed():
    assert choose_dump(server=15, tls=False).name == "pg_dump"
    assert choose_restore(made_by=15).name == "pg_restore"
    with pytest.raises(BackupError, match="apt install postgresql-client-99, or"):
        choose_dump(server=99, tls=False)
    with pytest.raises(BackupError, match="can speak TLS"):
        choose_dump(server=99, tls=True)
    with pytest.raises(BackupError, match="no pg_restore here is as new"):
        choose_restore(made_by=99)


def test_programs_get_the_whole_address_but_no_password_as_an_argument():
    told = libpq_environment("postgresql://me:word@one,two:5433/db?sslmode=verify-full&sslcert=/c&passfile=/p")

    assert told == {
        "PGHOST": "one,two",
        "PGPORT": ",5433",
        "PGUSER": "me",
        "PGPASSWORD": "word",
        "PGDATABASE": "db",
        "PGSSLMODE": "verify-full",
        "PGSSLCERT": "/c",
        "PGPASSFILE": "/p",
    }


@pytest.mark.skipif(not OLDER, reason="no older PostgreSQL is installed")
def test_a_newer_servers_backup_is_restored_on_an_older_one(core, database_url, tmp_path, monkeypatch):
    make_backup(
        tmp_path / "backup", dsn=libpq_address(database_url), settings=cheap_settings(evidence_dir=tmp_path / "none")
    )
    monkeypatch.setattr(postgres, "installed_programs", lambda: [OLDER[0]])

    with EmbeddedPostgres(tmp_path / "p", durable=False) as older:
        restore_backup(tmp_path / "backup", dsn=older.dsn, settings=cheap_settings(evidence_dir=tmp_path / "e"))

        assert tables(older.url) == tables(database_url)
        again = make_backup(tmp_path / "again", dsn=older.dsn, settings=cheap_settings(evidence_dir=tmp_path / "none"))
        assert again.manifest.postgresql == int(OLDER[0].parent.name)
