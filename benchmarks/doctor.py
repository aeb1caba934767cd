"""How long ``mawid doctor`` looks at a nation that waits, and how long a backup of it is made and tried.

Usage: ``python -P benchmarks/doctor.py REQUESTS FOLDER``. The folder is filled first where it is not (see
`benchmarks/nation.py`), and stays; backups in it are removed.
"""

import shutil
import sys
import time
from pathlib import Path

from pydantic import SecretStr

from benchmarks.nation import SECRET, LargePostgres, fill
from booking.country.core.roles import migrate_and_grant
from booking.opening import open_core
from booking.operations.backup.age import new_identity, recipient_of
from booking.operations.backup.make import make_backup
from booking.operations.backup.restore import Opener
from booking.operations.doctor.examine import examine_servers
from booking.operations.doctor.findings import Report
from booking.operations.recovery.nightly import verify_backup
from booking.platform.base.libpq import libpq_address
from booking.platform.base.settings import Settings
from booking.platform.embedded import Servers, roles


def measure(requests: int, folder: Path) -> None:
    """Print what each check took, and what a sealed backup and its trial took."""
    settings = Settings(
        _env_file=None,
        secret_key=SecretStr(SECRET),
        state_dir=folder / "state",
        backup_recipients=(recipient_of(new_identity()),),
    )
    filled = (folder / "data").exists()
    with LargePostgres(folder) as postgres:
        servers = Servers(
            *(postgres.url_of(roles.APP), "unix:///nowhere"), *map(postgres.url_of, (roles.OWNER, roles.READER))
        )
        migrate_and_grant(servers)
        if not filled:
            with open_core(settings, database_url=servers.database_url, redis_url=servers.redis_url) as core:
                fill(core, postgres.dsn, requests)
        for quick in (True, False):
            began, spent = time.perf_counter(), time.process_time()
            report = Report()
            examine_servers(report, settings, servers, quick=quick)
            seconds, spent = time.perf_counter() - began, time.process_time() - spent
            print(f"{'quick' if quick else 'whole'}: {seconds:.1f} s, {spent:.1f} s of our own processor time")
        for one in sorted(report.looked, key=lambda one: one.seconds, reverse=True)[:6]:
            print(f"  {one.check}: {one.seconds:.1f} s")
        print(*(found.words for found in report.faults), sep="\n")
        began, backup = time.perf_counter(), folder / "backup"
        made = make_backup(backup, dsn=libpq_address(servers.owner_url), settings=settings)
        size = sum(file.stat().st_size for file in backup.rglob("*") if file.is_file())
        seconds, whole = time.perf_counter() - began, made.manifest.database_bytes
        print(f"backup: {seconds:.0f} s, {whole / 1e9:.2f} GB in {size / 1e9:.2f} GB")
        began = time.perf_counter()
        report = verify_backup(backup, settings=settings, opener=Opener.from_identity(made.identity))
        print(f"trial: {time.perf_counter() - began:.0f} s, {len(report.faults)} faults")
        shutil.rmtree(backup)


if __name__ == "__main__":
    measure(int(sys.argv[1]), Path(sys.argv[2]).absolute())
