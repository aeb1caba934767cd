"""Witnesses asked over HTTP: programs of others, which sign, are behind, are ahead, refuse, babble or are not there."""

from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from allocation.lottery import merkle_root
from allocation.merkle import is_consistent
from booking.platform.base.settings import Settings, SettingsError
from booking.platform.models import LogCosignature, LogEntry
from booking.transparency.log.asking import ask_witnesses
from booking.transparency.log.checkpoints import cosign, read_checkpoint
from booking.transparency.log.log import append_in, log_keys, sequence
from booking.transparency.log.notes import COSIGNATURE, VerifierKey
from booking.transparency.log.proofs import read_hashes
from booking.transparency.log.proving import proof_of
from booking.transparency.log.views import show_log
from booking.transparency.log.witnesses import needed, read_witnesses

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "paper.example"
KEY = VerifierKey.of(NAME, PRIVATE, COSIGNATURE)


class Witness:
    """Another organisation's program: it knows the log of a size, and answers as the protocol says, or does not."""

    def __init__(self, core):
        self.core, self.size, self.root, self.lies, self.calls = core, 0, merkle_root([]), {}, 0

    def answer(self, body):
        self.calls += 1
        if self.lies:
            return self.lies["status"], self.lies["words"]
        head, _, note = body.partition(b"\n\n")
        first, *lines = head.decode().split("\n")
        seen, signed = read_checkpoint(note, log_keys(self.core))
        if first != f"old {self.size}":
            return 409, f"{self.size}\n".encode()
        if not is_consistent(self.size, self.root, seen.size, seen.root, read_hashes(lines)):
            return 422, b"no"
        self.size, self.root = seen.size, seen.root
        return 200, cosign(signed.text, NAME, PRIVATE, int(self.core.clock.now().timestamp())).line.encode()


@contextmanager
def served(witness):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.path == "/w/add-checkpoint"
            status, words = witness.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Location", "/w/add-checkpoint")
            self.end_headers()
            self.wfile.write(words)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/w"
        server.shutdown()


@pytest.fixture
def witness(core):
    return Witness(core)


@pytest.fixture
def watched(core, witness, tmp_path):
    with served(witness) as url:
        file = tmp_path / "witnesses"
        file.write_text(f"{KEY.text} {url}/\n", encoding="utf-8")
        yield replace(core, settings=core.settings.model_copy(update={"witnesses": file}))


def grow(core, *numbers):
    with core.sessions.begin() as session:
        for number in numbers:
            append_in(session, "receipt", {"receipt": f"{number:064x}"}, f"{number:064x}")
    return sequence(core).size


def test_a_witness_signs_each_new_checkpoint_once(watched, witness):
    grow(watched, 1, 2, 3)
    ask_witnesses(watched)
    ask_witnesses(watched)
    assert (witness.calls, witness.size) == (1, 3)
    grow(watched, 4)
    assert proof_of(watched, "receipt", f"{4:064x}", need=1) is None
    ask_witnesses(watched)

    assert (witness.calls, witness.size) == (2, 4)
    assert proof_of(watched, "receipt", f"{1:064x}", need=1, earliest=True).note.text.split("\n")[1] == "3"
    assert proof_of(watched, "receipt", f"{4:064x}", need=1).note.signed_by(KEY) is not None
    (shown,) = show_log(watched).witnesses
    assert (shown.seen_size, shown.seen_at, shown.refusal) == (4, watched.clock.now(), None)


def test_a_witness_that_knows_another_size_gets_a_new_proof(watched, witness):
    grow(watched, 1, 2)
    with watched.sessions() as session:
        bodies = session.scalars(select(LogEntry.body).order_by(LogEntry.index)).all()
    witness.size, witness.root = 2, merkle_root(bodies)
    grow(watched, 3, 4, 5)
    ask_witnesses(watched)
    assert (witness.calls, witness.size, show_log(watched).witnesses[0].seen_size) == (2, 5, 5)


def test_what_a_witness_answers_instead_is_kept_and_shown(watched, witness):
    size = grow(watched, 1)
    for status, words, shown in (
        (409, b"9\n", "was a backup restored?"),
        (409, b"0\n", "409 0"),
        (409, b"many\n", "not a number"),
        (422, "لا\n".encode(), "422 لا"),
        (302, b"", "302"),
        (200, b"", "did not sign"),
        (200, b"\xff\n", "dash"),
        (200, cosign("another text\n", NAME, PRIVATE, 1).line.encode(), "does not fit"),
        (200, b"x" * 100_000, "too long"),
    ):
        witness.lies = {"status": status, "words": words}
        ask_witnesses(watched)
        assert shown in show_log(watched).witnesses[0].refusal
    with watched.sessions() as session:
        assert session.scalars(select(LogCosignature)).all() == []
    witness.lies = {}
    ask_witnesses(watched)
    assert show_log(watched).witnesses[0].seen_size == size


def test_a_witness_that_is_not_there_holds_nothing_up(core, tmp_path):
    (tmp_path / "witnesses").write_text(f"{KEY.text} http://127.0.0.1:9\n", encoding="utf-8")
    alone = replace(core, settings=core.settings.model_copy(update={"witnesses": tmp_path / "witnesses"}))
    grow(alone, 1)
    ask_witnesses(alone)
    assert "no answer" in show_log(alone).witnesses[0].refusal


@pytest.mark.parametrize(
    "text",
    ["x", f"{KEY.text} ftp://paper", f"{KEY.text} https://a https://b", f"{KEY.text}\n{KEY.text}", "\x00", None],
)
def test_a_file_of_witnesses_that_cannot_be_read_is_named(tmp_path, text):
    if text is not None:
        (tmp_path / "witnesses").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="MAWID_WITNESSES"):
        read_witnesses(Settings(_env_file=None, witnesses=tmp_path / "witnesses"))


def test_more_than_half_of_the_witnesses_are_needed_where_nothing_is_set(tmp_path):
    names = [VerifierKey.of(f"w{number}", PRIVATE, COSIGNATURE).text for number in range(4)]
    for there, expected in ((0, 0), (1, 1), (2, 2), (3, 2), (4, 3)):
        (tmp_path / "witnesses").write_text("\n".join(names[:there]), encoding="utf-8")
        settings = Settings(_env_file=None, witnesses=tmp_path / "witnesses")
        assert needed(settings) == expected
        assert needed(settings.model_copy(update={"witnesses_needed": 3})) == min(3, there)
