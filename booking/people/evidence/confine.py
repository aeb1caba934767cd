"""Take from this process, for good, all that turning a file into pages does not need."""

import ctypes
import os
import resource
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from booking.people.evidence import landlock, system_calls

CONVERTER: Final = 65533
"""The user and group that root becomes here: nobody's, and not the one under which a private PostgreSQL runs."""

_NEW_USER, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_NO_NEW_PRIVS: Final = 38
_CAPABILITIES_V3: Final = 0x20080522
_libc: Final = ctypes.CDLL(None, use_errno=True)


class Guard(StrEnum):
    """What the kernel can hold a process with; each holds alone, so that one that is missing opens nothing yet."""

    NETWORK_NAMESPACE = "network_namespace"
    OWN_USER = "own_user"
    NO_RIGHTS = "no_rights"
    LANDLOCK = "landlock"
    LANDLOCK_NETWORK = "landlock_network"
    SECCOMP = "seccomp"


_TCP_SINCE: Final = 4


def confine(readable: Sequence[Path], *, threads: bool = False) -> list[Guard]:
    """Give up network, files, rights and new processes; return what this machine does not offer, weakest first.

    The process must have one thread, and have imported and opened all that it needs.

    Parameters
    ----------
    readable
        Folders whose files it may go on reading; without Landlock it may not even these.
    threads
        It may start threads.
    """
    missing: list[Guard] = []
    os.chdir("/")
    if not _leave_network():
        missing.append(Guard.NETWORK_NAMESPACE)
    if os.geteuid() == 0 and not _become_converter():
        missing.append(Guard.OWN_USER)
    if not _drop_rights():
        missing.append(Guard.NO_RIGHTS)
    closed = _close_files(readable)
    if not closed:
        missing.append(Guard.LANDLOCK)
    if landlock.version() < _TCP_SINCE:
        missing.append(Guard.LANDLOCK_NETWORK)
    try:
        system_calls.allow_only_computing(opening=closed, threads=threads)
    except OSError:
        missing.append(Guard.SECCOMP)
        # A count of all that this user runs, so a thread of ours might be one too many: only where nothing else helps.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    return missing


def _leave_network() -> bool:
    """Enter an empty network; root may do so as it is, others in a user namespace of their own."""
    wanted = _NEW_NETWORK | _NEW_IPC
    return 0 in (int(_libc.unshare(flags)) for flags in (wanted, _NEW_USER | wanted))


def _become_converter() -> bool:
    try:
        os.setgroups([])
        os.setresgid(CONVERTER, CONVERTER, CONVERTER)
        os.setresuid(CONVERTER, CONVERTER, CONVERTER)
    except OSError:
        return False
    return True


def _drop_rights() -> bool:
    """Give up every capability, and the way back to them."""
    head = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    none = (ctypes.c_uint32 * 6)()
    dropped = int(_libc.capset(head, none))
    return int(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) == 0 == dropped


def _close_files(readable: Sequence[Path]) -> bool:
    try:
        landlock.restrict(readable)
    except OSError:
        return False
    return True
