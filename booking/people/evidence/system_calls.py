"""Seccomp: which system calls a process that only computes may make; the kernel refuses it all others (EPERM).

There is no socket, no new process, no signal to others, no look into others, and no memory that becomes code.
"""

import ctypes
import errno
import os
import struct
from typing import Final, NamedTuple

_PR_SET_SECCOMP: Final = 22
_FILTER: Final = 2
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06  # of classic BPF
_ALLOW, _REFUSE, _UNKNOWN, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000  # EPERM, ENOSYS
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # where they are in what the filter is shown
_PROT_EXEC: Final = 4
_ANY_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Machine(NamedTuple):
    """A processor's mark, and its numbers of system calls."""

    mark: int
    always: tuple[int, ...]
    files: tuple[int, ...]
    openat: int
    memory: tuple[int, int]
    """mmap, mprotect: never executable."""
    to_itself: tuple[int, int]
    """tgkill, by which a process aborts, and prlimit64 (0 or its own number as process)."""
    clone: int


# read write close fstat lseek munmap brk rt_sigaction rt_sigprocmask rt_sigreturn pread64 readv writev sched_yield
# mremap madvise nanosleep getpid exit uname gettimeofday getrusage sysinfo sigaltstack gettid futex sched_getaffinity
# restart_syscall clock_gettime clock_getres clock_nanosleep exit_group set_robust_list getrandom membarrier rseq;
# then of files: fcntl getcwd getdents64 newfstatat statx, and by machine open's older sisters that only look.
_X86_64: Final = _Machine(
    mark=0xC000003E,
    always=(
        *(0, 1, 3, 5, 8, 11, 12, 13, 14, 15, 17, 19, 20, 24, 25, 28, 35, 39, 60, 63, 96, 98, 99, 131, 186, 202, 204),
        *(219, 228, 229, 230, 231, 273, 318, 324, 334),
    ),
    files=(72, 79, 217, 262, 332, 4, 6, 21, 89),  # stat lstat access readlink
    openat=257,
    memory=(9, 10),
    to_itself=(234, 302),
    clone=56,
)
_AARCH64: Final = _Machine(
    mark=0xC00000B7,
    always=(
        *(
            63,
            64,
            57,
            80,
            62,
            215,
            214,
            134,
            135,
            139,
            67,
            65,
            66,
            124,
            216,
            233,
            101,
            172,
            93,
            160,
            169,
            165,
            179,
            132,
        ),
        *(178, 98, 123, 128, 113, 114, 115, 94, 99, 278, 283, 293),
    ),
    files=(25, 17, 61, 79, 291, 48, 78),  # faccessat readlinkat
    openat=56,
    memory=(222, 226),
    to_itself=(131, 261),
    clone=220,
)
_MACHINES: Final = {"x86_64": _X86_64, "aarch64": _AARCH64}
_CLONE3: Final = 435
_CLONE_THREAD: Final = 0x10000
_X32: Final = 0x40000000


def allow_only_computing(*, opening: bool, threads: bool) -> None:
    """Refuse every other call from here on; ``no_new_privs`` must be set.

    Parameters
    ----------
    opening
        Files may be opened for reading: something else says which.
    threads
        It may have more threads; a new process never.

    Raises
    ------
    OSError
        The kernel refuses it, or has no seccomp; or the numbers of this processor's system calls are not known here.
    """
    machine = _MACHINES.get(os.uname().machine)
    if machine is None or struct.calcsize("P") != 8:  # noqa: PLR2004 - bytes of a pointer
        raise OSError(errno.ENOSYS, "seccomp")
    steps = _steps(machine, opening=opening, threads=threads)
    code = ctypes.create_string_buffer(b"".join(steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _FILTER, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def _steps(machine: _Machine, *, opening: bool, threads: bool) -> list[bytes]:
    """Return the filter; each test is followed by its answer, and what no test knows is refused."""
    steps = [_step(_LOAD, _MACHINE), _step(_EQUAL, machine.mark, 1, 0), _step(_RETURN, _KILL)]
    steps += [_step(_LOAD, _NUMBER), _step(_ANY_BIT, _X32, 0, 1), _step(_RETURN, _KILL)]
    for number in (*machine.always, *(machine.files if opening else ())):
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    for number in machine.memory:
        steps += _by_bits(number, argument=2, bits=_PROT_EXEC, with_them=_REFUSE, without=_ALLOW)
    if opening:
        steps += _by_bits(machine.openat, argument=2, bits=_ANY_WRITING, with_them=_REFUSE, without=_ALLOW)
    if threads:
        steps += _by_bits(machine.clone, argument=0, bits=_CLONE_THREAD, with_them=_ALLOW, without=_REFUSE)
    for number in machine.to_itself:
        steps += _only_to(number, {os.getpid(), 0} if number == machine.to_itself[1] else {os.getpid()})
    # The C library then tries the older call, and is refused that.
    return [*steps, _step(_EQUAL, _CLONE3, 0, 1), _step(_RETURN, _UNKNOWN), _step(_RETURN, _REFUSE)]


def _by_bits(number: int, *, argument: int, bits: int, with_them: int, without: int) -> list[bytes]:
    return [
        _step(_EQUAL, number, 0, 4),
        _step(_LOAD, _ARGUMENTS + 8 * argument),
        _step(_ANY_BIT, bits, 0, 1),
        _step(_RETURN, with_them),
        _step(_RETURN, without),
    ]


def _only_to(number: int, processes: set[int]) -> list[bytes]:
    tests = [step for one in processes for step in (_step(_EQUAL, one, 0, 1), _step(_RETURN, _ALLOW))]
    answer = [_step(_LOAD, _ARGUMENTS), *tests, _step(_RETURN, _REFUSE)]
    return [_step(_EQUAL, number, 0, len(answer)), *answer]


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
