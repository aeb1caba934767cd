"""An observer's key as text, and what its signatures hold for."""

import pytest

from booking.transparency.log.notes import NoteError
from booking.transparency.observers.keys import ObserverKey, SignedCall, read_observer_key

HERE = "https://mawid.example/api/v1/observers/draws/d1/files/plan.csv"
KEY = ObserverKey.new("high-court")


def call_of(key=KEY, address=HERE, at=1_000):
    return SignedCall.read(key.sign(method="GET", address=address, at=at))


def test_a_key_is_read_back_from_its_line_and_no_changed_line_is():
    assert ObserverKey.read(f"{KEY.text}\n").public_line == KEY.public_line
    assert read_observer_key(f" {KEY.public_line}\n").key == KEY.verifier.key
    for line in ("", "high-court", KEY.public_line, KEY.text.replace("high", "low"), KEY.text[:-4]):
        with pytest.raises(NoteError):
            ObserverKey.read(line)
    for line in (KEY.text, KEY.public_line.replace("high", "low"), KEY.public_line.replace("+", " ", 1), "a b+1+x"):
        with pytest.raises(NoteError):
            read_observer_key(line)


@pytest.mark.parametrize("name", ["", "A", "a b", "a+b", "-a", "a-", "محكمة", "a" * 41])
def test_a_name_that_no_log_line_can_hold_is_refused(name):
    with pytest.raises(NoteError):
        ObserverKey.new(name)


def test_a_signature_holds_for_one_method_address_and_second_alone():
    call_of().verify(KEY.verifier.key, method="GET", address=HERE)
    other = HERE.replace("mawid", "lure")
    wrong = [
        (call_of(), "POST", HERE),
        (call_of(), "GET", HERE.replace("plan.csv", "turns.jsonl.gz")),
        (call_of(address=other), "GET", HERE),  # what another site was given does not open ours
        (SignedCall("high-court", 1_001, call_of().signature), "GET", HERE),
        (call_of(ObserverKey.new("high-court")), "GET", HERE),
    ]
    for call, method, address in wrong:
        with pytest.raises(NoteError):
            call.verify(KEY.verifier.key, method=method, address=address)


@pytest.mark.parametrize(
    "header",
    [
        *("", "Bearer abc", "Mawid-Observer high-court 1000", "Mawid-Observer high-court ١٠٠٠ AAAA"),
        *("Mawid-Observer high-court -1 AAAA", "Mawid-Observer high-court 1000 A", "Mawid-Observer a 1 " + "A" * 400),
    ],
)
def test_a_header_in_another_spelling_is_refused(header):
    with pytest.raises(NoteError):
        SignedCall.read(header)
