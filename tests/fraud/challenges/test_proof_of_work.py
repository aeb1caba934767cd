import base64
import json
from datetime import UTC, datetime, timedelta

import altcha
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.challenges.proof_of_work import (
    LIFETIME,
    LONGEST_SOLUTION,
    MOST_TRIES,
    ProofResult,
    Risk,
    check_solution,
    make_challenge,
    tries_for,
)

KEY = b"a key for tests only, 32 bytes.."
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SUBJECT = "request:7K2M9D4QX:account 7:session 1"


def made(**changes):
    return make_challenge(**({"key": KEY, "subject": SUBJECT, "tries": 3, "now": NOW} | changes))


def solve(challenge):
    return altcha.solve_challenge(altcha.Challenge.from_dict(challenge)).to_dict()


def packed(challenge, solution):
    return base64.b64encode(json.dumps({"challenge": challenge, "solution": solution}).encode()).decode()


def check(sent, **changes):
    return check_solution(sent, **({"key": KEY, "subject": SUBJECT, "now": NOW} | changes))


@pytest.fixture(scope="module")
def solved():
    """A challenge with its solution."""
    challenge = made()
    return challenge, solve(challenge)


def test_any_altcha_client_solves_a_challenge_and_the_solution_is_right(solved):
    checked = check(packed(*solved))

    assert checked.result is ProofResult.RIGHT
    assert checked.mark == solved[0]["signature"]
    assert checked.expires_at == NOW + LIFETIME


def test_the_server_checks_without_computing_again(solved, monkeypatch):
    monkeypatch.setattr("hashlib.pbkdf2_hmac", lambda *_: pytest.fail("the key was derived again"))

    assert check(packed(*solved)).result is ProofResult.RIGHT


def test_a_solution_is_found_within_the_tries_that_were_asked_for():
    counters = {solve(made(tries=4))["counter"] for _ in range(30)}

    assert counters <= set(range(4))
    assert len(counters) > 1


def test_a_solution_fits_nobody_and_nothing_else(solved):
    for subject in ("request:7K2M9D4QX:account 7:session 2", "request:7K2M9D4QX:account 8:session 1", ""):
        assert check(packed(*solved), subject=subject).result is ProofResult.FOREIGN


def test_a_solution_ends_at_its_time(solved):
    assert check(packed(*solved), now=NOW + LIFETIME - timedelta(seconds=1)).result is ProofResult.RIGHT
    assert check(packed(*solved), now=NOW + LIFETIME).result is ProofResult.EXPIRED


def test_another_installations_challenge_is_forged(solved):
    assert check(packed(*solved), key=b"another key").result is ProofResult.FORGED


@pytest.mark.parametrize(
    "change",
    [
        {"cost": 1},
        {"keyPrefix": ""},
        {"keyPrefix": "00"},
        {"keyLength": 1},
        {"algorithm": "SHA-256"},
        {"algorithm": None},
        {"keySignature": None},
        {"expiresAt": 1},
        {"expiresAt": None},
        {"data": None},
        {"data": {"for": "x", "until": 2**40, "tries": 1}},
        {"data": {"__proto__": {}}},
        {"cost": 10**400},
    ],
    ids=str,
)
def test_a_challenge_made_easier_or_later_is_forged(solved, change):
    challenge, solution = solved
    changed = challenge | {"parameters": challenge["parameters"] | change}

    assert check(packed(changed, solution)).result is ProofResult.FORGED


@pytest.mark.parametrize(
    "solution",
    [
        {"counter": 0, "derivedKey": "00" * 32},
        {"counter": 0, "derivedKey": ""},
        {"counter": 0, "derivedKey": "no hex"},
        {"counter": 0, "derivedKey": ["00"]},
        {"counter": 0, "derivedKey": None},
        {"counter": [], "derivedKey": 7},
    ],
    ids=str,
)
def test_a_guessed_key_is_wrong(solved, solution):
    assert check(packed(solved[0], solution)).result is ProofResult.WRONG


@pytest.mark.parametrize(
    "sent",
    [
        *("", "0", "=", "é", "\0", "\ud800", "e30=", "W10=", "bnVsbA==", "NzI3", "A" * LONGEST_SOLUTION),
        base64.b64encode(b"[" * 900).decode(),
        base64.b64encode(b'{"challenge": [], "solution": []}').decode(),
        base64.b64encode(b'{"challenge": {"parameters": "x"}, "solution": {}}').decode(),
        base64.b64encode(b'{"challenge": {"parameters": {}}, "solution": {"counter": NaN}}').decode(),
        "A" * 100_000_000,
    ],
    ids=lambda sent: sent[:20].encode(errors="replace").decode(),
)
def test_nonsense_is_forged(sent):
    assert check(sent).result is ProofResult.FORGED


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(where=st.sampled_from(["challenge", "parameters", "solution", "data", "signature", "all"]), value=ANYTHING)
def test_a_replaced_part_never_passes_and_never_raises(solved, where, value):
    challenge, solution = solved
    parameters = challenge["parameters"]
    sent = {
        "challenge": packed(value, solution),
        "parameters": packed(challenge | {"parameters": value}, solution),
        "solution": packed(challenge, value),
        "data": packed(challenge | {"parameters": parameters | {"data": value}}, solution),
        "signature": packed(challenge | {"signature": value}, solution),
        "all": base64.b64encode(json.dumps(value).encode()).decode(),
    }[where]

    assert check(sent).result in {ProofResult.FORGED, ProofResult.WRONG}


RISKS = st.builds(Risk, score=st.floats(0, 1), degraded=st.booleans(), failures=st.integers(0, 10**9))


@given(risk=RISKS, base=st.integers(1, 1_000), more=st.floats(0, 1), wrong=st.integers(0, 20))
def test_the_work_never_falls_as_the_risk_rises_and_keeps_its_bounds(risk, base, more, wrong):
    def tries(risk):
        return tries_for(risk, base=base, most=10 * base)

    assert base <= tries(risk) <= 10 * base
    assert tries(risk) <= tries(Risk(min(1.0, risk.score + more), risk.degraded, risk.failures))
    assert tries(risk) <= tries(Risk(risk.score, risk.degraded, risk.failures + wrong))
    assert tries(Risk(risk.score, degraded=False, failures=risk.failures)) <= tries(
        Risk(risk.score, degraded=True, failures=risk.failures)
    )


def test_risk_costs_what_is_documented():
    def tries(**risk):
        return tries_for(Risk(**risk), base=80, most=100_000)

    assert tries() == 80
    assert tries(score=1.0) == 320
    assert tries(degraded=True) == 160
    assert tries(failures=3) == 640


@pytest.mark.parametrize("tries", [0, -1, MOST_TRIES + 1])
def test_a_challenge_without_work_or_without_end_is_not_made(tries):
    with pytest.raises(ValueError, match="tries"):
        made(tries=tries)


def test_a_challenge_names_nobody():
    text = json.dumps(made())

    assert "account 7" not in text
    assert "session 1" not in text
