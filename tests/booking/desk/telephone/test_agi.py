"""A telephone exchange is answered by FastAGI with speech, step by step; nobody without the secret is."""

import os
import shlex
import shutil
import socket
import stat
import sys
import threading
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.desk.telephone import agi
from booking.desk.telephone.agi import AgiServer
from booking.platform.models import Request, Verdict
from tests.booking.desk.telephone.callers import an_owner, phone_of
from tests.booking.desk.telephone.exchange import Exchange
from tests.support.country import last_secret
from tests.support.waiting import ended

SECRET = "s" * 40
BEEP = (
    f"{shlex.quote(sys.executable)} -Sc \"import sys, wave; w = wave.open(sys.argv[1], 'wb'); "
    "w.setparams((1, 2, 8000, 0, 'NONE', '')); w.writeframes(bytes(800))\" {file}"
)
ESPEAK = "espeak-ng -v {language} -w {file} --stdin"


@pytest.fixture
def answered(tmp_path):
    """Serve calls of a core; give the address."""
    servers = []

    def serve(core, command):
        server = AgiServer(("127.0.0.1", 0), core, secret=SECRET, command=command, folder=tmp_path)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        servers.append((server, thread))
        return server.server_address

    yield serve
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        ended(thread)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_family_asks_by_voice_with_speech_that_is_heard(country, clock, answered):
    account, number = an_owner(country, "أمل الخيالية", "سامر الخيالي", "ليلى الخيالية")
    with Exchange(answered(country, ESPEAK), caller=phone_of(country, account), script=SECRET) as exchange:
        assert exchange.next() == "ANSWER"
        assert exchange.press("0").startswith("GET DATA /")
        for keys, digits in (("1", 11), (number, 1), ("1", 6)):
            assert exchange.press(keys).endswith(f" {digits}")
        exchange.press(last_secret(country, account, "telephone"))
        # ask; renew a passport; for no special reason; everybody; Damascus and no other; any time; send
        for key in ("2", "1", "1", "1", "1", "1", "1"):
            clock.advance(timedelta(seconds=8))
            assert exchange.press(key).endswith(" 1")
        exchange.press("1")
        assert exchange.press("2").startswith("STREAM FILE /")
        assert [exchange.press("0"), exchange.press("1")] == ["HANGUP", ""]
    with country.sessions() as session:
        request = session.scalars(select(Request)).one()
        verdict = session.scalars(select(Verdict)).one()
        assert (request.party_size, [one.office_id for one in request.offices]) == (3, [request.offices[0].office_id])
    assert verdict.inputs["by"] == "voice"
    assert verdict.inputs["facts"]["asks_by_telephone"] is True
    assert len(exchange.said) == 14
    assert all(seconds > 0.3 for seconds in exchange.said)
    assert sum(exchange.said) < 180, "a family asks in three minutes, even if it hears everything to the end"


def test_asterisk_reads_speech_by_its_group_whatever_the_umask_and_nobody_else_does(core, answered, tmp_path):
    before, group = os.umask(0o077), 65_534 if os.getuid() == 0 else os.getgroups()[-1]
    os.chown(tmp_path, -1, group)
    tmp_path.chmod(0o2750)  # as deploy/systemd does: what is made there is of its group
    try:
        with Exchange(answered(core, BEEP), caller="+963944123456", script=SECRET) as exchange:
            exchange.next()
            exchange.press("0")
            (folder,) = tmp_path.iterdir()
            made = [one.stat() for one in (folder, *folder.iterdir())]
            assert [stat.filemode(one.st_mode) for one in made] == ["drwxr-s---", "-rw-r-----"]
            assert {one.st_gid for one in made} == {group}
    finally:
        os.umask(before)


def test_a_caller_who_hangs_up_or_stays_silent_leaves_nothing_behind(core, answered, tmp_path):
    address = answered(core, BEEP)
    with Exchange(address, caller="+963944123456", script=SECRET) as gone:
        gone.next()
        gone.press("0")
        gone.send("HANGUP")
        assert gone.next() == ""
    with Exchange(address, caller="+963944123456", script=SECRET, unique="2") as silent:
        silent.next()
        heard = [
            silent.press("0"),
            *(silent.press(" (timeout)") for _ in range(4)),
            silent.press("0"),
            silent.press("1"),
        ]
        assert [line.split(" ")[0] for line in heard] == ["GET", "GET", "GET", "GET", "STREAM", "HANGUP", ""]
    with Exchange(address, caller="unknown", script=SECRET, unique="3") as withheld:
        withheld.next()
        heard = [withheld.press("0").split(" ")[0], withheld.press("0"), withheld.press("1")]
        assert heard == ["STREAM", "HANGUP", ""]
    assert list(tmp_path.iterdir()) == [], "no word that was said lies there"


@pytest.mark.parametrize("script", ["", "x" * 40, SECRET[:-1]])
def test_an_exchange_without_the_secret_is_hung_up_on(core, answered, script):
    with Exchange(answered(core, BEEP), caller="+963944123456", script=script) as exchange:
        assert exchange.next() == ""


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\n\r\n", b"x" * 3000, b"a: b\n" * 150, b"\xff\n\n"])
def test_what_speaks_no_agi_is_hung_up_on(core, answered, said):
    with socket.create_connection(answered(core, BEEP), timeout=60) as other:
        other.sendall(said)
        other.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            assert other.recv(10) == b""


def test_who_connects_and_says_nothing_takes_no_place_of_a_call(core, answered, monkeypatch):
    monkeypatch.setattr(agi, "GREETING_SECONDS", 600)
    address = answered(core, BEEP)
    with ExitStack() as stack:
        for number in range(agi.MOST_CALLS + 1):
            silent = stack.enter_context(socket.create_connection(address, timeout=60))
            if number % 2:
                silent.sendall(b"agi_network: y")
        with Exchange(address, caller="+963944123456", script=SECRET) as exchange:
            assert exchange.next() == "ANSWER"


@pytest.mark.parametrize("said", [b"", b"agi_network: y"])
def test_who_connects_and_does_not_say_all_in_time_is_hung_up_on(core, answered, monkeypatch, said):
    monkeypatch.setattr(agi, "GREETING_SECONDS", 0.2)
    address, over_before = answered(core, BEEP), suppress(ConnectionResetError, BrokenPipeError)
    with socket.create_connection(address, timeout=60) as silent, over_before:
        silent.sendall(said)
        assert silent.recv(10) == b""


def test_a_call_ends_where_speech_cannot_be_made(core, answered):
    with Exchange(answered(core, "false {file}"), caller="+963944123456", script=SECRET) as exchange:
        exchange.next()
        assert exchange.press("0") == "HANGUP"
