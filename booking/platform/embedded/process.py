"""Processes of ours: who a server runs as, when one dies, where a socket is."""

import functools
import hashlib
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import Final

from booking.platform.base.server_error import ServerError

NOBODY: Final = 65534
LONGEST_SOCKET_PATH: Final = 100  # bytes; Linux takes 107, other systems 103


@functools.cache
def dies_with_parent(signal_name: str) -> tuple[str, ...]:
    """Return the prefix that has the kernel send ``signal_name`` to the command when its parent dies.

    Empty where ``setpriv`` (util-linux) is missing: there a server outlives a killed owner and the next attaches to it.
    """
    setpriv = shutil.which("setpriv")
    prefix = (setpriv or "", "--pdeathsig", signal_name)
    return prefix if setpriv and _works(*prefix) else ()


def end_with_parent() -> None:
    """Have this process end, as if told to (SIGTERM), when the one of ours that made it by `multiprocessing` dies.

    Else the children of a killed process would go on, and hold its port. Nothing is done in any other process.
    """
    if (parent := multiprocessing.parent_process()) is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="until the parent dies", daemon=True).start()


@functools.cache
def as_someone() -> tuple[str, ...]:
    """Return the prefix that gives the command a user that PostgreSQL accepts: named, and not root.

    A user namespace is tried first: nothing changes owner, no right is gained. Containers often forbid it; there root
    becomes ``nobody`` and keeps no right at all, so the folders on the way must let others pass.

    Raises
    ------
    ServerError
        We are root or a user without a name, and the system offers neither way.
    """
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return ()
    unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
    namespace = (unshare or "", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
    if unshare and _works(*namespace):
        return namespace
    nothing_more = ("--clear-groups", "--inh-caps=-all", "--no-new-privs")
    nobody = (setpriv or "", "--reuid", str(NOBODY), "--regid", str(NOBODY), *nothing_more)
    if setpriv and os.geteuid() == 0 and _works(*nobody):
        return nobody
    raise ServerError(
        "PostgreSQL runs neither as root nor as a user without a name, and neither unshare nor setpriv can help here: "
        "start Mawid as an ordinary user, or set MAWID_DATABASE_URL"
    )


def changes_owner(prefix: tuple[str, ...]) -> bool:
    """Return whether files that the command makes belong to ``nobody`` on disk."""
    return "--reuid" in prefix


def socket_folder(folder: Path, socket_name: str) -> Path:
    """Return where the socket goes: ``folder``, or where its path is too long, a short folder that only we can enter.

    Raises
    ------
    ServerError
        Someone else made the short folder.
    """
    if len(os.fsencode(folder / socket_name)) <= LONGEST_SOCKET_PATH:
        return folder
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(f"/tmp/mawid-{os.geteuid()}-{mark}")  # noqa: S108 - checked to be ours, below
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    given_away = os.geteuid() == 0 and changes_owner(as_someone())
    ours = {os.geteuid(), NOBODY} if given_away else {os.geteuid()}
    if short.is_symlink() or found.st_uid not in ours or found.st_mode & 0o077:
        raise ServerError(f"{short} is not ours alone: remove it, or choose a shorter MAWID_STATE_DIR")
    return short


def _works(*prefix: str) -> bool:
    return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0  # noqa: S603


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
