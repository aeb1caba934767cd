import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from booking import cli, serving
from booking.people.registers.stand_in import StandIn
from booking.platform.base import logs
from booking.platform.base.server_error import ServerError
from booking.serving import check_address, run_both
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

BORN_AND_DEAD = "import os; open('births', 'a').write(f'{os.getpid()}\\n'); raise SystemExit(3)"
LIVES = "import os, time; open('births', 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"
UNTIL_THREE_BIRTHS = """
import os, time
while not os.path.exists('births') or len(open('births').readlines()) < 3: time.sleep(0.01)
raise SystemExit(7)
"""
TELLS_ITS_PARENT = """
import os, signal, time
while not os.path.exists('births') or not open('births').read(): time.sleep(0.01)
os.kill(os.getppid(), signal.SIGTERM); time.sleep(600)
"""
A_PARENT = """
import multiprocessing, os, time
from booking.platform.embedded.process import end_with_parent
def live():
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(600)
if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=live).start()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serving, "FIRST_PAUSE", 0.01)
    return tmp_path


def run(*, web, worker, compiler="pass", register=None, first=None):
    def command(source):
        return [sys.executable, "-S", "-c", source]

    worker, compiler, first = (None if source is None else command(source) for source in (worker, compiler, first))
    first = first and (first, {**os.environ, "OWNER": "the owner"})
    both = run_both(command(web), worker, os.environ, compiler=compiler, register=register, first=first)
    return asyncio.run(asyncio.wait_for(both, PATIENCE))


def births(folder):
    return [int(line) for line in (folder / "births").read_text().split()]


def test_web_processes_alone_start_no_worker_and_compile_nothing(folder):
    logs.configure(stream := io.StringIO())

    assert run(web="raise SystemExit(7)", worker=None, compiler=None) == 7

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["web_ended"]
    assert not (folder / "births").exists()


LOADS_AND_WAITS = """
import os, sys
open('loading', 'w').close()
told = sys.stdin.readline()
raise SystemExit(7 if told and sys.argv[1] == '--when-told' and os.path.exists('prepared') else 8)
"""
UNTIL_LOADING = "import os, time\nwhile not os.path.exists('loading'): time.sleep(0.01)\n"


def test_pages_load_beside_the_preparation_and_serve_once_it_is_done(folder):
    prepares = UNTIL_LOADING + "assert os.environ['OWNER']; open('prepared', 'w').close()"

    assert run(web=LOADS_AND_WAITS, worker=LIVES, first=prepares) == 7


@pytest.mark.parametrize(("ends", "code"), [("raise SystemExit(1)", 1), ("os.kill(os.getpid(), 9)", 128 + 9)])
def test_nobody_is_served_where_the_preparation_fails(folder, ends, code):
    served = "import sys; told = sys.stdin.readline(); open('births', 'a').write(told)"

    assert run(web=f"open('loading', 'w'); {served}", worker=LIVES, first=UNTIL_LOADING + ends) == code
    assert not (folder / "births").exists() or not (folder / "births").read_text()


def test_told_to_end_in_the_middle_of_the_preparation_both_end(folder):
    assert run(web=LIVES, worker="", first=TELLS_ITS_PARENT) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(births(folder)[0], 0)


def test_a_worker_that_ends_is_restarted_without_leaving_a_zombie(folder):
    logs.configure(stream := io.StringIO())

    assert run(web=UNTIL_THREE_BIRTHS, worker=BORN_AND_DEAD) == 7

    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    ended = {(one["event"], one["status"]) for one in said if one["event"].endswith("_ended")}
    assert ended == {("worker_ended", 3), ("web_ended", 7)}
    assert len(births(folder)) >= 3
    for process in births(folder):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_a_register_that_ends_is_restarted_on_the_same_socket(folder):
    logs.configure(stream := io.StringIO())
    with socket.create_server(("127.0.0.1", 0)) as door:
        listens = f"import os, socket; socket.socket(fileno={door.fileno()}).getsockname(); {BORN_AND_DEAD}"
        register = StandIn((sys.executable, "-S", "-c", listens), door.fileno(), {})

        assert run(web=UNTIL_THREE_BIRTHS, worker="import time; time.sleep(600)", register=register) == 7

    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {(one["event"], one["status"]) for one in said if one["event"] == "register_ended"} == {
        ("register_ended", 3)
    }
    assert len(births(folder)) >= 3


@pytest.mark.parametrize(("status", "event"), [(0, "draws_compiled"), (3, "draws_not_compiled")])
def test_draws_are_compiled_once_beside_pages_and_the_log_says_how_it_ended(folder, status, event):
    class Log(io.StringIO):
        def write(self, text):
            if f'"{event}"' in text:
                (folder / "told").touch()
            return super().write(text)

    logs.configure(stream := Log())
    until_told = "import os, time\nwhile not os.path.exists('told'): time.sleep(0.01)\nraise SystemExit(7)"

    assert run(web=until_told, worker=LIVES, compiler=f"raise SystemExit({status})") == 7

    said = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert said == ["compiling_draws", event, "web_ended"]


def test_a_compiler_at_work_ends_with_the_pages(folder):
    assert run(web=TELLS_ITS_PARENT, worker="", compiler=LIVES) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(births(folder)[0], 0)


def test_both_processes_end_cleanly_when_signalled(folder):
    assert run(web=TELLS_ITS_PARENT, worker=LIVES) == 0

    with pytest.raises(ProcessLookupError):
        os.kill(births(folder)[0], 0)


@pytest.mark.parametrize(
    ("web", "code"),
    [("raise SystemExit(0)", 1), ("import os; os.kill(os.getpid(), 9)", 128 + signal.SIGKILL)],
    ids=["cleanly", "killed"],
)
def test_serving_ends_with_an_error_when_the_web_process_ends_by_itself(web, code):
    assert run(web=web, worker=LIVES) == code


def test_a_process_ends_when_the_one_that_made_it_is_killed(folder):
    (folder / "parent.py").write_text(A_PARENT)
    with subprocess.Popen([sys.executable, "parent.py"], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
        try:
            assert parent.communicate(timeout=60) == ("", None)  # nobody has the pipe any more
        except subprocess.TimeoutExpired:
            os.kill(child, signal.SIGKILL)
            raise


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_reported_before_anything_starts(command, folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=rf"cannot serve on 127\.0\.0\.1, port {port}: Address already in use"):
            CliRunner().invoke(cli.app, [command, "--port", str(port)], catch_exceptions=False)

    assert list(folder.iterdir()) == []


def test_an_address_that_cannot_be_bound_is_reported():
    with pytest.raises(ServerError, match=r"cannot serve on 192\.0\.2\.1, port 80: "):
        check_address("192.0.2.1", 80)
    with pytest.raises(ServerError, match=r"cannot serve on nowhere\.invalid, port 80: "):
        check_address("nowhere.invalid", 80)
