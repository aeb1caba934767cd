"""The witness as a program: asked over HTTP, watching a log over HTTP, with nothing around it but its folder."""

import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from booking.platform.base.clock import SettableClock
from booking.transparency.log.checkpoints import cosigned_at
from booking.transparency.log.notes import read_note, read_signature
from booking.transparency.witness.findings import Finding
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.serve import Asked
from tests.booking.transparency.witness.a_log import FORKED, HONEST, OPENS, FakeLog, a_watch, receipts
from tests.support.root import ROOT

EMPTY = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def watch(tmp_path: Path):
    return a_watch(Folder.new(tmp_path / "w", "gazette.example"), FakeLog(HONEST[:9]), SettableClock(OPENS))


def asked(watch, method: str, path: str, body: bytes = b""):
    reply = Asked(watch).answer(method, path, body)
    return reply.status, reply.body


def test_every_status_of_the_protocol(watch):
    honest, fork = FakeLog(HONEST[:9]), FakeLog(FORKED[:9])
    other = FakeLog(HONEST[:9])
    other.origin = "other.example/log"
    forged = FakeLog(HONEST[:9], private=watch.folder.keys.signing)
    post = lambda body: asked(watch, "POST", "/add-checkpoint", body)  # noqa: E731 - short
    status, line = post(honest.offer(0))
    assert status == 200
    signature = read_signature(line.decode().rstrip("\n"))
    assert cosigned_at(read_note(honest.checkpoint()).text, signature, watch.folder.vkey) == OPENS.timestamp()
    assert post(honest.offer(9))[0] == 200
    assert post(honest.offer(3)) == (409, b"9\n")
    assert post(fork.offer(9))[0] == 409
    assert post(FakeLog(FORKED[:11]).offer(9))[0] == 422
    assert post(other.offer(0))[0] == 404
    assert post(forged.offer(0))[0] == 403
    assert post(FakeLog(HONEST[:4]).offer(4).replace(b"old 4", b"old 9"))[0] == 400
    assert [one.kind for one in watch.findings.all()] == ["fork"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"old 1\n",
        b"old 01\n\n",
        b"old -1\n\n",
        b"old " + b"9" * 5000 + b"\n\n",
        b"old 0\n" + b"AAAA\n" * 64 + b"\n",
        b"old 0\n\nmawid.example/log\n9\nAAAA\n\n",
        "old ٣\n\n".encode(),
        b"\xff" * 1000,
        b"old 0\n\n" + b"x" * 200_000,
        b"{" * 200_000,
    ],
)
def test_what_is_no_request_is_refused_with_words(watch, body):
    for path in ("/add-checkpoint", "/sign-round"):
        status, words = asked(watch, "POST", path, body)
        assert (status, words[-1:]) == (400, b"\n")
    assert watch.cosigner.accepted.size == 0


def test_others_see_the_copy_and_nothing_else_of_the_folder(watch):
    watch.look()
    assert asked(watch, "GET", "/checkpoint")[0] == 200
    assert asked(watch, "GET", "/tile/entries/000.p/9")[0] == 200
    for path in (
        "/keys",
        "/tile/entries/../../keys",
        "/tile/entries/000.p/9/../../../../../keys",
        "/rounds.json",
        "/evidence/",
    ):
        assert asked(watch, "GET", path)[0] == 404
    assert asked(watch, "PUT", "/checkpoint")[0] == 405


def test_page_shows_what_was_found_as_text_and_links_to_its_evidence(watch):
    assert "لم يرَ السجل بعد" in asked(watch, "GET", "/")[1].decode()
    watch.look()
    assert "Nothing was found." in asked(watch, "GET", "/en")[1].decode()
    reason = "<script>alert('x')</script>"
    watch.keep(Finding("abandoned", {"draw": "d1", "reason": reason}, {"entry-1.json": reason.encode()}))
    page = asked(watch, "GET", "/en")[1].decode()
    assert "9 entries" in page
    assert "given up" in page
    assert "<script" not in page
    links = re.findall(r'href="(/evidence/[^"]+)"', page)
    assert [asked(watch, "GET", link)[0] for link in links] == [200, 200]
    assert asked(watch, "GET", next(link for link in links if link.endswith("entry-1.json")))[1] == reason.encode()
    assert asked(watch, "GET", links[0].rpartition("/")[0] + "/../../keys.txt")[0] == 404
    arabic = asked(watch, "GET", "/")[1].decode()
    assert 'dir="rtl"' in arabic
    assert "أُلغيت القرعة d1" in arabic


class _Served(ThreadingHTTPServer):
    """A log over HTTP, that tells when a cosignature was brought."""

    def __init__(self, log: FakeLog) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.log, self.cosigned = log, threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Served

    def do_GET(self):
        path = self.path.removeprefix("/log/")
        self._answer(self.server.log.key.text.encode() if path == "key" else self.server.log.get(path).body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.log.post(self.path.removeprefix("/log/"), body)
        self._answer(b"")
        self.server.cosigned.set()

    def _answer(self, body: bytes):
        self.send_response(200 if body or self.command == "POST" else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object):
        """Say nothing."""


@pytest.mark.slow
def test_program_watches_and_is_asked_without_any_settings(tmp_path):
    log = FakeLog(HONEST[:9])
    command = [sys.executable, "-m", "booking", "witness"]
    made = [*command, "new", tmp_path / "w", "--name", "gazette.example"]
    subprocess.run(made, cwd=ROOT, env=EMPTY, check=True, capture_output=True)
    with _Served(log) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/log"
        run = [*command, "serve", tmp_path / "w", "--log", address, "--port", "0"]
        with subprocess.Popen(run, cwd=ROOT, env=EMPTY, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                where = next(line for line in process.stdout if "is asked at" in line).split()[-1]
                assert server.cosigned.wait(60)
                log.entries += receipts(500, 3)
                with httpx.Client(base_url=where) as client:
                    assert client.post("/add-checkpoint", content=log.offer(0)).text == "9\n"
                    assert client.post("/add-checkpoint", content=log.offer(9)).status_code == 200
                    assert client.post("/add-checkpoint", content=b"x" * 300_000).status_code == 400
                    assert client.get("/checkpoint").text.startswith("mawid.example/log\n9\n")
            finally:
                process.terminate()
        server.shutdown()
    assert log.brought[0][0] == "cosignatures"
    (tmp_path / "receipt").write_bytes(FakeLog(FORKED[:9]).checkpoint())
    checked = subprocess.run(
        [*command, "check", tmp_path / "w", tmp_path / "receipt"],
        check=False,
        cwd=ROOT,
        env=EMPTY,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 1
    assert "Two histories were shown" in checked.stdout


def test_program_loads_nothing_of_databases_or_settings():
    code = (
        "import sys, booking.entrypoints.commands.witness; "
        "heavy = {'sqlalchemy', 'psycopg', 'redis', 'pydantic_settings', "
        "'fastapi', 'ortools', 'numba', 'booking.platform.base.settings', 'booking.country.core.core'}; "
        "sys.exit(' '.join(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, env=EMPTY, stderr=subprocess.PIPE, text=True
    )
    assert run.stderr.strip() == ""
