"""A draw that witnesses decide: parts are brought or asked for, checked, kept once, and put together."""

import json
import threading
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from booking.platform.base.errors import NotFoundError
from booking.platform.base.exact_json import one_line
from booking.platform.base.settings import SettingsError
from booking.platform.models import AuditEntry, BeaconPart
from booking.transparency.beacons import bring, choose, terms
from booking.transparency.beacons.bring import AUDIT, STATEMENT, Part, ask_witnesses, bring_round, take_part
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.values import round_message
from booking.transparency.log.entries import instant, write_entry
from booking.transparency.log.log import append_in, log_keys, sequence
from booking.transparency.log.proofs import read_proof
from tests.booking.transparency.beacons.test_values import QUICKNET, ROUND, SIGNATURE
from tests.booking.transparency.beacons.test_values import STATEMENT as HASH
from tests.booking.transparency.beacons.witnesses import made


@pytest.fixture
def watched(core, tmp_path):
    """A core whose draws are decided by three of four witnesses."""
    (tmp_path / "group.json").write_bytes(made().file)
    changes = {"beacon": "witnesses", "beacon_group": (tmp_path / "group.json",)}
    object.__setattr__(core, "settings", core.settings.model_copy(update=changes))
    return core


def part(index, kind=STATEMENT, digest=HASH):
    ours = Part(kind, digest, index, b"")
    return Part(kind, digest, index, made().parts(ours.message, index)[index])


def test_three_of_four_decide_a_draw_and_who_is_silent_is_named(watched, clock):
    announced = choose.terms(watched, clock.now())
    names = made().group.names
    with pytest.raises(NotFoundError):
        take_part(watched, part(1))
    assert choose.fetch(watched, announced, HASH, reference="D") is None

    assert [take_part(watched, part(index)) for index in (4, 2, 4)] == [True, True, False]
    assert choose.fetch(watched, announced, HASH, reference="D") is None
    waiting = choose.waiting(watched, announced, HASH)
    assert (waiting.need, waiting.gave, waiting.silent) == (3, (names[1], names[3]), (names[0], names[2]))

    take_part(watched, part(1))
    value = choose.fetch(watched, announced, HASH, reference="D")
    terms.check(announced, HASH, value)
    take_part(watched, part(3))
    assert choose.fetch(watched, announced, HASH, reference="D") == value


def test_a_part_that_is_not_its_witnesss_is_refused_and_not_kept(watched, clock):
    announced = choose.terms(watched, clock.now())
    choose.fetch(watched, announced, HASH, reference="D")
    lies = (
        Part(STATEMENT, HASH, 1, part(2).signature),
        Part(STATEMENT, HASH, 1, part(1, AUDIT).signature),
        Part(STATEMENT, HASH, 5, part(1).signature),
        Part(STATEMENT, HASH, 1, b"\xc0" + bytes(47)),
    )
    for lie in lies:
        with pytest.raises(BeaconError):
            take_part(watched, lie)
    with watched.sessions() as session:
        assert session.query(BeaconPart).count() == 0


def test_parts_that_an_insider_wrote_into_the_database_decide_nothing(watched, clock):
    announced, group = choose.terms(watched, clock.now()), made().group
    choose.fetch(watched, announced, HASH, reference="D")
    with watched.sessions.begin() as session:
        for index in (1, 2, 3):
            lie = part(index, AUDIT).signature
            bring.add_part_in(
                session, key=group.key, message=part(1).message, index=index, signature=lie, now=clock.now()
            )
    assert choose.fetch(watched, announced, HASH, reference="D") is None


def test_a_new_group_leaves_draws_to_the_one_they_were_announced_with(watched, clock, tmp_path):
    announced = choose.terms(watched, clock.now())
    (tmp_path / "newer.json").write_bytes(made(3, 2).file)
    changes = {"beacon_group": (tmp_path / "newer.json", tmp_path / "group.json")}
    object.__setattr__(watched, "settings", watched.settings.model_copy(update=changes))

    assert choose.terms(watched, clock.now())["need"] == 2
    choose.fetch(watched, announced, HASH, reference="D")
    assert take_part(watched, part(1))


def test_a_file_that_is_no_group_stops_an_announcement(watched, clock, tmp_path):
    for content, words in ((b"{}\n", "not the file of a group"), (None, "cannot be read")):
        (tmp_path / "group.json").unlink()
        if content is not None:
            (tmp_path / "group.json").write_bytes(content)
        with pytest.raises(SettingsError, match=words):
            choose.terms(watched, clock.now())
        (tmp_path / "group.json").touch()


@pytest.mark.parametrize(
    "spoilt",
    [
        {"kind": "drand"},
        {"index": 0},
        {"index": "1"},
        {"sha256": HASH.hex().upper()},
        {"signature": "00" * 47},
        {"more": 1},
    ],
)
def test_what_is_no_part_is_refused_in_words(spoilt):
    said = {"kind": STATEMENT, "sha256": HASH.hex(), "index": 1, "signature": "00" * 48}
    assert Part.of(one_line(said)).content == one_line(said)
    with pytest.raises(BeaconError, match=r"\w+ \w+ \w+"):
        Part.of(one_line(said | spoilt))


@pytest.fixture
def called():
    """The group with an address for each witness, where a test says what it answers, and what they were asked."""
    answers, asked = {}, []

    class Witness(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["content-length"])))
            status, body = answers[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Witness)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    urls = [*(f"http://127.0.0.1:{server.server_port}/{index}" for index in (1, 2, 3)), "http://127.0.0.1:9"]
    ceremony = made().group.ceremony
    witnesses = tuple(replace(one, url=url) for one, url in zip(ceremony.witnesses, urls, strict=True))
    yield replace(made().group, ceremony=replace(ceremony, witnesses=witnesses)), answers, asked
    server.shutdown()
    server.server_close()


FILES = [
    *("line.csv", "turns.csv", "bins.csv", "report.json", "certificate.json", "beacon.json"),
    *("requests.jsonl.gz", "turns.jsonl.gz", "plan.csv"),
]


def a_result(at):
    """The body of the result of a draw D."""
    nothing = "00" * 32
    return {
        "at": instant(at),
        "audit": None,
        "beacon": {"signature": "00" * 48, "value": nothing},
        "files": dict.fromkeys(FILES, nothing),
        "places_root": nothing,
        "reference": "D",
        "seed": nothing,
        "statement": nothing,
        "served_people": 0,
        "served_requests": 0,
    }


def test_witnesses_are_asked_and_only_right_parts_count(watched, clock, called):
    """One answers, one lies, one refuses, one is away; all that are there see the entry and its proof."""
    group, answers, asked = called
    entry = write_entry("result", a_result(clock.now()))
    digest = sha256(entry).digest()
    mine = part(1, AUDIT, digest)
    with watched.sessions.begin() as session:
        bring.await_in(session, key=group.key, message=mine.message, kind=AUDIT, sha256=digest, now=clock.now())
        append_in(session, "result", a_result(clock.now()), "D")
    ask_witnesses(watched, group, AUDIT, digest, of_log="result", reference="D", have=())
    assert asked == []  # it is not in the log yet
    sequence(watched)
    answers["/1/sign-round"], answers["/2/sign-round"] = (500, b""), (200, mine.content)
    answers["/3/sign-round"] = 409, b"\x1b[2Ja second result"

    ask_witnesses(watched, group, AUDIT, HASH, of_log="result", reference="D", have=())
    assert asked == []  # what is in the log is something else
    ask_witnesses(watched, group, AUDIT, digest, of_log="result", reference="D", have=())
    with watched.sessions() as session:
        assert bring.parts_in(session, key=group.key, message=mine.message) == {}
    answers["/1/sign-round"] = 200, mine.content
    ask_witnesses(watched, group, AUDIT, digest, of_log="result", reference="D", have=(2, 3))

    assert len(asked) == 4
    said = json.loads(asked[0])
    assert said["entry"].encode() == entry
    read_proof(said["proof"].encode()).check(entry, log_keys(watched))
    with watched.sessions() as session:
        assert bring.parts_in(session, key=group.key, message=mine.message) == {1: mine.signature}


def test_a_round_carried_in_by_hand_decides_without_a_network(core):
    out = terms.earliest(QUICKNET)
    object.__setattr__(core, "clock", type(core.clock)(out))
    object.__setattr__(core, "settings", core.settings.model_copy(update={"drand_urls": ("http://127.0.0.1:9",)}))
    assert choose.fetch(core, QUICKNET, HASH, reference="D") is None
    with pytest.raises(BeaconError, match=f"the value of round {ROUND}, not of round {ROUND + 1}"):
        bring_round(core, ROUND + 1, SIGNATURE, actor="amal")

    assert [bring_round(core, ROUND, SIGNATURE, actor="amal") for _ in range(2)] == [True, False]
    later = QUICKNET | {"round": ROUND + 1}
    object.__setattr__(core, "clock", type(core.clock)(terms.earliest(later)))
    key, message = bytes.fromhex(QUICKNET["key"]), round_message(ROUND + 1)
    with core.sessions.begin() as session:  # an insider writes another round's value into the database
        bring.await_in(session, key=key, message=message, kind="drand", sha256=None, now=core.clock.now())
        bring.add_part_in(session, key=key, message=message, index=0, signature=SIGNATURE, now=core.clock.now())
    assert choose.fetch(core, later, HASH, reference="D") is None

    assert choose.fetch(core, QUICKNET, HASH, reference="D") == SIGNATURE
    with core.sessions() as session:
        entries = session.query(AuditEntry).where(AuditEntry.action == "beacon.brought").all()
        assert [(one.actor, one.subject) for one in entries] == [("amal", str(ROUND))]
