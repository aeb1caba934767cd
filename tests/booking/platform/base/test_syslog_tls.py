"""Security events reach another machine, over TLS alone, and wait while it is away."""

import json
import socket
import ssl

import pytest

from booking.platform.base import security_events, syslog_tls
from booking.platform.base.security_events import Outcome
from booking.platform.base.settings import SettingsError
from booking.platform.base.syslog_tls import open_syslog
from deploy.checks.free_ports import free_port
from tests.support.country import START, cheap_settings
from tests.support.redis_servers import make_certificate

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(syslog_tls, "FIRST_PAUSE", 0.01)
    yield
    security_events.write_to()  # ends the thread


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


class Machine:
    """Takes lines, one connection after the other, each of which it ends after some lines."""

    def __init__(self, port, files):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(files[1], files[0])
        self.door = socket.create_server(("127.0.0.1", port))
        self.door.settimeout(PATIENCE)

    def take(self, last):
        """Take lines until one holds the last action, and hang up."""
        raw, _ = self.door.accept()
        raw.settimeout(PATIENCE)
        with self.context.wrap_socket(raw, server_side=True) as connection, connection.makefile("rb") as stream:
            lines = [self.line(stream)]
            while f'"{last}"' not in lines[-1]:
                lines.append(self.line(stream))
            return lines

    @staticmethod
    def line(stream):
        length = b""
        while (sign := stream.read(1)) != b" ":
            assert sign.isdigit(), "hung up"
            length += sign
        return stream.read(int(length)).decode()


def begin(port, files, path):
    address = {"security_syslog": f"tls://127.0.0.1:{port}", "security_syslog_ca_file": files[1]}
    security_events.write_to(path=path, beside=open_syslog(cheap_settings(**address)))


def say(action):
    security_events.emit(action, Outcome.SUCCESS, at=START)


def test_events_wait_for_a_machine_that_is_away_and_that_hangs_up(files, tmp_path):
    port = free_port()
    begin(port, files, tmp_path / "events.log")
    say("audit.broken")
    say("staff.break_glass")

    machine = Machine(port, files)
    first = machine.take("staff.break_glass")
    say("audit.read")
    (third,) = machine.take("audit.read")

    said = [json.loads(line.partition(" - ")[2]) for line in (*first, third)]
    assert [one["event.action"] for one in said] == ["audit.broken", "staff.break_glass", "audit.read"]
    assert first[0].startswith("<109>1 20")
    assert said == [json.loads(line) for line in (tmp_path / "events.log").read_text().splitlines()]
    machine.door.close()


def test_nothing_is_told_to_a_machine_that_cannot_show_who_it_is(files, tmp_path):
    machine = Machine(0, make_certificate(tmp_path))
    begin(machine.door.getsockname()[1], files, tmp_path / "events.log")
    say("audit.broken")

    raw, _ = machine.door.accept()
    with raw, pytest.raises(ssl.SSLError):
        machine.context.wrap_socket(raw, server_side=True)
    machine.door.close()


def test_a_crowd_of_events_gives_up_the_oldest_and_never_waits(files, tmp_path, monkeypatch):
    monkeypatch.setattr(syslog_tls, "MOST_WAITING", 2)
    begin(port := free_port(), files, tmp_path / "events.log")
    for action in ("audit.read", "audit.read", "audit.read", "audit.broken"):
        say(action)

    machine = Machine(port, files)
    assert 2 <= len(machine.take("audit.broken")) <= 3, "one was on its way already"
    assert len((tmp_path / "events.log").read_text().splitlines()) == 4
    machine.door.close()


def test_a_file_of_signers_that_is_not_there_stops_the_start(tmp_path):
    settings = cheap_settings(security_syslog="tls://siem.example:6514", security_syslog_ca_file=tmp_path / "none.pem")

    with pytest.raises(SettingsError, match="cannot be read"):
        open_syslog(settings)
    assert open_syslog(cheap_settings()) == ()
