"""The public log over HTTP: what anyone reads and checks, and what a witness brings."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from allocation.lottery import leaf_hash
from api.main import create_app
from booking.transparency.log.checkpoints import cosign, cosigners, read_checkpoint
from booking.transparency.log.log import append_in, log_keys, sequence
from booking.transparency.log.notes import COSIGNATURE, VerifierKey, read_note, read_vkey
from booking.transparency.log.proofs import read_proof
from tests.api.pages.browser import Browser
from tests.support.country import METRICS

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS = VerifierKey.of("paper.example", PRIVATE, COSIGNATURE)
RECEIPTS = [f"{number:064x}" for number in range(1, 301)]


@pytest.fixture
def watched(core, tmp_path):
    (tmp_path / "witnesses").write_text(f"# who watches us\n{WITNESS.text}\n", encoding="utf-8")
    return replace(core, settings=core.settings.model_copy(update={"witnesses": tmp_path / "witnesses"}))


@pytest.fixture
def client(watched):
    with TestClient(create_app(watched), base_url="http://localhost:8000", follow_redirects=False) as client:
        yield client


def bring(client, content):
    return client.post("/log/cosignatures", content=content.encode(), headers={"content-type": "text/plain"})


def grow(core, receipts):
    with core.sessions.begin() as session:
        for receipt in receipts:
            append_in(session, "receipt", {"receipt": receipt}, receipt)
    return sequence(core)


def entries_in(bundle):
    found = []
    while bundle:
        end = 2 + int.from_bytes(bundle[:2], "big")
        found.append(bundle[2:end])
        bundle = bundle[end:]
    return found


def test_a_stranger_fetches_the_whole_log_and_finds_the_signed_root(client, watched):
    before = sequence(watched).size
    grow(watched, RECEIPTS)
    key = read_vkey(client.get("/log/key").text.splitlines()[0])
    checkpoint, _ = read_checkpoint(client.get("/log/checkpoint").content, [key])
    rest = checkpoint.size - 256

    answers = [client.get(f"/log/tile/entries/{path}") for path in ("000", f"001.p/{rest}")]
    entries = [entry for answer in answers for entry in entries_in(answer.content)]
    hashes = [client.get(f"/log/tile/0/{path}").content for path in ("000", f"001.p/{rest}")]
    assert (key, checkpoint.size) == (log_keys(watched)[0], len(entries))
    assert b"".join(map(leaf_hash, entries)) == b"".join(hashes)
    assert "max-age=31536000" in answers[0].headers["cache-control"]
    assert len(client.get("/log/tile/1/000.p/1").content) == 32
    proof = read_proof(client.get(f"/log/proof/receipt/{RECEIPTS[7]}").content)
    assert proof.check(entries[before + 7], [key]) == checkpoint


def test_what_no_signed_checkpoint_has_is_not_there(client, watched):
    grow(watched, RECEIPTS[:3])
    for path in (
        *("tile/entries/001", "tile/entries/000.p/256", "tile/entries/000.p/0", "tile/entries/000.p/01"),
        *("tile/entries/0", "tile/entries/x000/000", "tile/00/000.p/1", "tile/64/000.p/1", "tile/2/000.p/1"),
        *("tile/entries/٠٠٠", "tile/0/x999/x999/x999/999", "proof/receipt/00", "proof/nothing/1"),
    ):
        assert client.get(f"/log/{path}").status_code == 404, path


def test_a_witness_brings_its_signature_and_nobody_else(client, watched, clock):
    grow(watched, RECEIPTS[:3])
    text, now = read_note(client.get("/log/checkpoint").content).text, int(clock.now().timestamp())
    good = cosign(text, WITNESS.name, PRIVATE, now)
    other = cosign(text.replace("localhost", "elsewhere"), WITNESS.name, PRIVATE, now)
    bad = {
        f"{text}\n{cosign(text, 'nobody.example', PRIVATE, now).line}": "no witness",
        f"{text}\n{other.line}": "does not fit",
        f"{text.replace('localhost', 'elsewhere')}\n{other.line}": "never signed",
        f"{text}\n{cosign(text, WITNESS.name, PRIVATE, now + 7200).line}": "far from",
        text: "no signatures",
        "": "no text",
    }
    for content, words in bad.items():
        answer = bring(client, content)
        assert (answer.status_code, words in answer.text) == (422, True), words
    assert bring(client, "x" * 70_000).status_code == 413
    assert cosigners(read_note(client.get("/log/checkpoint").content), [WITNESS]) == {}

    assert bring(client, f"{text}\n{good.line}").status_code == 204
    assert cosigners(read_note(client.get("/log/checkpoint").content), [WITNESS]) == {WITNESS: now}
    proof = read_proof(client.get(f"/log/proof/receipt/{RECEIPTS[0]}").content)
    assert cosigners(proof.note, [WITNESS]) == {WITNESS: now}


def test_the_page_says_what_the_log_is_and_what_each_witness_did(client, watched, clock):
    size = grow(watched, RECEIPTS[:3]).size
    browser = Browser(client)
    assert "Has signed nothing yet" in browser.go("/language/en?back=/log").text
    text = read_note(client.get("/log/checkpoint").content).text
    note = f"{text}\n{cosign(text, WITNESS.name, PRIVATE, int(clock.now().timestamp())).line}"
    bring(client, note)
    page = browser.go("/log").text
    assert f"Signed {size} entries" in page
    assert log_keys(watched)[0].text.split("+")[0] in page
    metrics = client.get("/metrics", headers=METRICS).text
    assert f'mawid_log_witness_signed{{witness="{WITNESS.name}"}} {size}.0' in metrics
    assert 'mawid_draws_held_up{reason="late"} 0.0' in metrics
    assert "السجل العلني" in browser.go("/language/ar?back=/log").text


def test_the_page_tells_whether_another_receipt_replaced_ones_own(client, watched):
    one, other, unknown = RECEIPTS[:3]
    with watched.sessions.begin() as session:
        for receipt in (one, other):
            append_in(session, "receipt", {"receipt": receipt}, receipt)
        append_in(session, "replaced", {"receipt": one, "by": other, "at": "2026-11-01T06:00:00+00:00"}, one)
    sequence(watched)
    browser = Browser(client)
    browser.go("/language/en?back=/log")

    replaced = browser.go(f"/log?receipt={one}").text
    assert "Another receipt replaced this one on" in replaced
    assert other in replaced
    assert "Nothing replaced this receipt" in browser.go(f"/log?receipt={other.upper()}").text
    for digits in (unknown, "<b>"):
        assert "no such receipt" in browser.go(f"/log?receipt={digits}").text
    assert read_proof(client.get(f"/log/proof/replaced/{one}").content).index > 1
