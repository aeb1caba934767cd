"""Landlock: from here on this process reads only below some folders, writes nothing, and reaches no TCP port.

The kernel needs no right for it, and nothing takes it back (Linux 5.13; TCP since 6.7, other sockets since 6.12).
"""

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every machine
_TELL_VERSION: Final = 1
_BELOW_A_PATH: Final = 1
_READ: Final = 1 << 2 | 1 << 3  # files, and the names in a folder
_FILES: Final = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_TCP: Final = {4: 1 << 0 | 1 << 1}
_OTHERS: Final = {6: 1 << 0 | 1 << 1}  # abstract sockets of others, signals to others
"""What each version of Landlock can forbid beside what those before it can."""

_libc: Final = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_: ClassVar = [("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("others", ctypes.c_uint64)]


class _BelowAPath(ctypes.Structure):
    _pack_ = 1
    _fields_: ClassVar = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def version() -> int:
    """Return which version of Landlock the kernel has; 0: none, or it is switched off."""
    return max(0, int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), _TELL_VERSION)))


def restrict(readable: Sequence[Path]) -> None:
    """Forbid everything but reading below ``readable``, of which some may be missing; ``no_new_privs`` must be set.

    Raises
    ------
    OSError
        The kernel refuses it, or has no Landlock.
    """
    has = version()
    wanted = _Ruleset(*(sum(bits for since, bits in kind.items() if since <= has) for kind in (_FILES, _TCP, _OTHERS)))
    rules = _call(_CREATE, ctypes.byref(wanted), ctypes.c_size_t(ctypes.sizeof(wanted)), 0)
    try:
        for folder in filter(Path.is_dir, readable):
            descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            try:
                _call(_ADD_RULE, rules, _BELOW_A_PATH, ctypes.byref(_BelowAPath(_READ, descriptor)), 0)
            finally:
                os.close(descriptor)
        _call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock")
    return result
