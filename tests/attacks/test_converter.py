"""Somebody's file has taken over the process that converts files (M2): what it tries from there is refused.

Before, limits alone confined it: it read our secrets, started processes and opened connections.
"""

import json
import os
import socket
import sys
from urllib.parse import urlsplit

import pytest

from booking.people.evidence import apart, landlock
from booking.people.evidence.apart import convert_apart, missing_guards, run_apart
from booking.people.evidence.checkers import CommandChecker
from booking.people.evidence.confine import Guard
from booking.platform.base.errors import FieldError

pytestmark = pytest.mark.slow

PATIENCE = 90  # seconds; the machine may be busy
TAKEN_OVER = """
import ctypes, json, mmap, os, resource, socket, sys
from booking.people.evidence import confine, convert, landlock, system_calls
from booking.people.evidence.kinds import Kind

def away(*_, **__):
    raise OSError

given = json.loads(sys.stdin.read())
libc = ctypes.CDLL(None, use_errno=True)
convert.limit()
convert.import_all_for(Kind.PDF)
exec(given["before"])
confine.confine(convert.FONTS)

def call(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")

def fork_a_hundred():
    for _ in range(100):
        if os.fork() == 0:
            os._exit(0)

attacks = {
    "read the secret": lambda: open(given["secret"]).read(),
    "read a file that anybody may read": lambda: open("/etc/passwd").read(),
    "read its own program": lambda: open(convert.__file__).read(),
    "list a folder": lambda: os.listdir("/"),
    "read its parent's environment": lambda: open(f"/proc/{os.getppid()}/environ").read(),
    "write a file": lambda: open(given["secret"] + ".new", "w"),
    "remove a file": lambda: os.unlink(given["secret"]),
    "reach Valkey": lambda: socket.socket(socket.AF_UNIX).connect(given["valkey"]),
    "reach a port": lambda: socket.socket(socket.AF_INET).connect(("127.0.0.1", given["port"])),
    "send a datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    "fork": fork_a_hundred,
    "start a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "look into its parent": lambda: open(f"/proc/{os.getppid()}/mem", "rb"),
    "trace its parent": lambda: call(libc.ptrace(0x4206, os.getppid(), 0, 0)),  # seized, not stopped
    "end its parent": lambda: os.kill(os.getppid(), 0),
    "change its parent's limits": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, 0)),
    "become root": lambda: os.setuid(0),
    "make a namespace": lambda: call(libc.unshare(0x10000000)),
    "make code": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
}
ended = {}
for name in given["only"] or attacks:
    attack = attacks[name]
    try:
        attack()
    except OSError as error:
        ended[name] = "refused"
    else:
        ended[name] = "done"
ended["what is in the environment"] = sorted(set(os.environ) - {"LC_CTYPE"})
print(json.dumps(ended))
"""
PATIENCE = 120.0  # seconds; a busy machine is no fault
ORDINARY = "os.setgroups([]); os.setresgid(12345, 12345, 12345); os.setresuid(12345, 12345, 12345)"
NO_NAMESPACE = "confine._leave_network = lambda: False"
NO_LANDLOCK = "landlock.restrict = away"
NO_OWN_USER = "confine._become_converter = lambda: False"
NO_SECCOMP = "system_calls.allow_only_computing = away"
ONLY_SECCOMP = f"{NO_NAMESPACE}; {NO_LANDLOCK}; {NO_OWN_USER}"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another")
with_landlock = pytest.mark.skipif(landlock.version() < 6, reason="this kernel's Landlock holds no signals")


@pytest.fixture
def take_over(tmp_path, _servers):
    """Run the attacks from inside; give which were done."""
    secret = tmp_path / "secret.key"
    secret.write_text("a secret")
    given = {"secret": str(secret), "valkey": urlsplit(_servers[1].url).path}

    def run(before="", only=()):
        with socket.create_server(("127.0.0.1", 0)) as server:
            wanted = given | {"port": server.getsockname()[1], "before": before, "only": only}
            ended = json.loads(run_apart(("-c", TAKEN_OVER), json.dumps(wanted).encode()))
        assert ended.pop("what is in the environment") == []
        assert secret.exists()
        assert len(ended) == (len(only) or 19)
        return {name for name, how in ended.items() if how == "done"}

    return run


@pytest.mark.parametrize(
    "before",
    [
        "",
        NO_NAMESPACE,
        NO_LANDLOCK,
        ONLY_SECCOMP,
        pytest.param(ORDINARY, marks=as_root),
        pytest.param(f"{ORDINARY}; {ONLY_SECCOMP}", marks=as_root),
    ],
    ids=["whole", "no namespace", "no Landlock", "seccomp alone", "ordinary user", "ordinary user, seccomp alone"],
)
def test_a_converter_that_was_taken_over_reaches_nothing(take_over, before):
    assert take_over(before) == set()


@as_root
@with_landlock
def test_without_seccomp_the_other_guards_hold_what_matters(take_over):
    assert take_over(NO_SECCOMP) <= {"make code", "make a namespace"}


def test_everything_can_be_done_without_guards(take_over):
    """Else the attacks above would show nothing."""
    harmless = [
        "read the secret",
        "write a file",
        "reach Valkey",
        "reach a port",
        "fork",
        "start a program",
        "make code",
    ]

    assert take_over("confine.confine = lambda *_: None", harmless) == set(harmless)


@pytest.mark.parametrize(
    "script",
    [
        "confine(FONTS); bytearray(2 << 30)",
        "confine(FONTS)\nwhile True: pass",
        "confine(FONTS)\nwhile True: sys.stdout.buffer.write(bytes(1 << 20))",
        "confine(FONTS)\nimport ctypes; ctypes.string_at(0)",
    ],
    ids=["memory", "time", "output", "crash"],
)
def test_a_converter_that_takes_too_much_is_ended(monkeypatch, script):
    monkeypatch.setattr(apart, "SECONDS", PATIENCE)  # the limits of the process must end it, not whoever waits for it
    head = (
        "import resource, sys; from booking.people.evidence import convert\n"
        "from booking.people.evidence.confine import confine\n"
        "from booking.people.evidence.convert import FONTS; convert.CPU_SECONDS = 1; convert.limit()\n"
    )

    assert run_apart(("-c", head + script), b"") is None, "it was ended before patience with it was"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no JSON\n",
        b"[" * 100_000 + b"\n",
        b'{"refused": ["damaged_file"]}\n',
        b'{"refused": "<script>"}\n',
        b'{"pages": [5], "fingerprints": ["0123456789abcdef"]}\n<html',
        b'{"pages": [5], "fingerprints": ["../../../../etc"]}\n\xff\xd8\xff\xe0\x00',
        b'{"pages": [6], "fingerprints": ["0123456789abcdef"]}\n\xff\xd8\xff\xe0\x00',
        b'{"pages": [-5, 10], "fingerprints": ["0123456789abcdef", "0123456789abcdef"]}\n\xff\xd8\xff\xe0\x00',
        b'{"pages": [true], "fingerprints": ["0123456789abcdef"]}\n\xff\xd8\xff\xe0\x00',
        b'{"pages": [], "fingerprints": []}\n',
    ],
)
def test_an_answer_that_no_converter_gives_is_a_damaged_file(monkeypatch, answer):
    monkeypatch.setattr(apart, "run_apart", lambda *_: answer)

    with pytest.raises(FieldError) as refused:
        convert_apart(b"a file")
    assert refused.value.reason == "damaged_file"


def test_the_converter_says_which_guards_this_machine_does_not_offer():
    missing_guards.cache_clear()

    assert set(missing_guards()) <= set(Guard)
    assert Guard.SECCOMP not in missing_guards()


def test_the_scanner_is_given_no_secret(monkeypatch):
    monkeypatch.setenv("MAWID_SECRET_KEY", "a secret that is long enough for anybody")
    look = "import os, sys; sys.exit(any('MAWID' in name for name in os.environ))"

    CommandChecker([sys.executable, "-c", look]).check(b"a file")
