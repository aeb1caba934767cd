"""Whatever a register does that is not by the contract is a register away, and tells nobody about anyone."""

import io
import json
import threading
from datetime import timedelta

import pytest

from booking.country.core.register import RegisterAwayError, RegisterState
from booking.people.registers.contract import MOST_ANSWER
from booking.people.registers.http import HttpRegister
from booking.people.registers.line import AT_ONCE, Patience
from booking.platform.base import logs
from booking.platform.base.bounded_http import FAILURES, REST
from booking.platform.models.identity import ProofKind
from tests.booking.people.registers import liar as lies
from tests.booking.people.registers.liar import a_liar, sends
from tests.booking.people.registers.people import MOTHER, another
from tests.support.stand_in import TOKEN, a_line
from tests.support.waiting import ended

pytestmark = pytest.mark.slow

RIGHT = {"number": MOTHER.number, "person": "yes", "name": "yes", "birth_date": "yes"}
FACTS = {
    "passport_valid_until": "2027-01-01",
    "application_pending": False,
    "region": "damascus",
    "gender": None,
    "listed": [],
    "held": [],
}
HASTY = Patience(connect=30, silence=0.2, whole=30)
HASTY_IN_ALL = Patience(connect=30, silence=30, whole=0.2)
SERIAL, CODE, GRANT = "C12345678", "864209", "a-grant-of-somebody"


def asked(clock, calls, answer, *, ask=lambda register: register.match(MOTHER), **line):
    with a_liar(answer) as liar, a_line(liar.address, **line) as opened:
        register = HttpRegister(opened, clock, calls)
        try:
            return ask(register), liar
        except RegisterAwayError as error:
            return str(error), liar


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lies.hangs_up, "unreachable"),
        (lies.breaks_off, "unreachable"),
        (lies.speaks_another_protocol, "unreachable"),
        (lies.never_ends, "too_large"),
        (sends(b" " * 70_000), "too_large"),
        (sends(RIGHT, status="503 Service Unavailable"), "busy"),
        (sends(RIGHT, status="429 Too Many Requests"), "busy"),
        (sends(RIGHT, status="401 Unauthorized"), "refuses_us"),
        (sends(RIGHT, status="302 Found", more="location: /v1/match\r\n"), "redirect"),
        (sends(RIGHT, status="307 Temporary Redirect", more="location: http://127.0.0.1:9/\r\n"), "redirect"),
        (sends(RIGHT, status="500 Internal Server Error"), "status"),
        (sends(RIGHT, status="201 Created"), "status"),
        (sends(b"<html>", kind="text/html"), "other_form"),
        (sends(RIGHT, more="content-encoding: gzip\r\n"), "other_form"),
        (sends(b"\xff\xfe"), "other_form"),
        (sends(b"[" * 60_000), "other_form"),
        (sends([RIGHT]), "other_form"),
        (sends({**RIGHT, "person": "Yes"}), "other_form"),
        (sends({**RIGHT, "person": True}), "other_form"),
        (sends({**RIGHT, "name": None}), "other_form"),
        (sends({**RIGHT, "name": "no"}), "other_form"),
        (sends({key: value for key, value in RIGHT.items() if key != "birth_date"}), "other_form"),
        (sends({**RIGHT, "number": int(MOTHER.number)}), "other_form"),
        (sends({**RIGHT, "number": "01000000002"}), "other_number"),
    ],
)
def test_a_deviation_of_any_kind_is_a_register_away(clock, calls, answer, kind):
    said, liar = asked(clock, calls, answer)

    assert said == kind
    assert len(liar.asked) == 1  # nothing is sent twice
    assert calls.read()["match"].outcomes == {kind: 1}


@pytest.mark.parametrize(
    ("answer", "patience"),
    [(lies.says_nothing, HASTY), (lies.says_nothing, HASTY_IN_ALL), (lies.trickles, HASTY_IN_ALL)],
)
def test_no_answer_takes_longer_than_the_settings_say(clock, calls, answer, patience):
    said, liar = asked(clock, calls, answer, patience=patience)

    assert said == "slow"
    assert len(liar.asked) <= 1  # nothing is sent twice; on a busy machine who hangs may not even have read it
    assert calls.read()["match"].seconds < 20  # of 30 that the other time would take


@pytest.mark.parametrize("send", [sends, lies.in_pieces], ids=["length told", "in pieces"])
def test_an_answer_has_no_byte_more_than_it_may(clock, calls, send):
    whole = json.dumps(RIGHT).encode().ljust(MOST_ANSWER)

    assert asked(clock, calls, send(whole))[0].person == "yes"
    assert asked(clock, calls, send(whole + b" "))[0] == "too_large"


def test_a_register_that_is_not_there_is_away(clock, calls):
    with a_liar(lies.hangs_up) as liar:
        address = liar.address
    with a_line(address) as line, pytest.raises(RegisterAwayError, match="unreachable"):
        HttpRegister(line, clock, calls).match(MOTHER)


def test_fields_that_the_contract_does_not_name_are_passed_over(clock, calls):
    said, _ = asked(clock, calls, sends({**RIGHT, "since": 7, "more": {"of": ["that"]}}))

    assert said.person == "yes"


@pytest.mark.parametrize(
    "change",
    [
        {"passport_valid_until": 1_800_000_000},
        {"passport_valid_until": "01/02/2027"},
        {"application_pending": "no"},
        {"application_pending": 0},
        {"region": "Damascus; DROP"},
        {"gender": "m"},
        {"listed": "conscription"},
        {"listed": ["x"] * 33},
        {"held": [{"service": "study-deferral", "issued": "2026-01-01"}]},
    ],
)
def test_facts_of_another_form_are_no_facts(clock, calls, change):
    def answer(facts):
        return sends({"number": MOTHER.number, "facts": facts})

    def ask(register):
        return register.facts(MOTHER.number, GRANT)

    assert asked(clock, calls, answer(FACTS), ask=ask)[0].region == "damascus"
    assert asked(clock, calls, answer(FACTS | change), ask=ask)[0] == "other_form"
    for missing in FACTS:
        part = {key: value for key, value in FACTS.items() if key != missing}
        assert asked(clock, calls, answer(part), ask=ask)[0] == "other_form"


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([MOTHER.number, "01000000002"], "damascus"),
        (["01000000002", MOTHER.number], "other_number"),
        ([MOTHER.number], "other_number"),
        ([MOTHER.number, "01000000002", MOTHER.number], "other_number"),
        ([MOTHER.number] * 101, "other_form"),
    ],
)
def test_an_answer_about_many_is_about_all_of_them_or_none(clock, calls, people, said):
    def ask(register):
        return register.facts_of_many([(MOTHER.number, GRANT), ("not a number", GRANT), ("01000000002", GRANT)])

    answer = sends({"people": [{"number": number, "facts": FACTS} for number in people]})
    got, liar = asked(clock, calls, answer, ask=ask)

    assert (got if isinstance(got, str) else got[0].region) == said
    assert isinstance(got, str) or got[1] is None
    assert len(liar.asked) == 1


def ask_everything(register):
    """Ask all that there is to ask; return how many questions failed."""
    failed = 0
    for ask in (
        lambda: register.match(MOTHER),
        lambda: register.prove(MOTHER, ProofKind.CARD, SERIAL),
        lambda: register.prove_guardian(MOTHER, guardian="01000000077", grant=GRANT),
        lambda: register.send_code(MOTHER),
        lambda: register.check_code(MOTHER, handle="a-handle", code=CODE),
        lambda: register.attest(MOTHER, ProofKind.OFFICER, by="visit-17"),
        lambda: register.facts(MOTHER.number, GRANT),
        lambda: register.facts_of_many([(MOTHER.number, GRANT)] * 2),
    ):
        try:
            ask()
        except RegisterAwayError:
            failed += 1
    return failed


@pytest.mark.parametrize(
    "answer", [sends({"number": MOTHER.number, "facts": GRANT}), sends({"words": MOTHER.name}, status="500 Oh")]
)
def test_neither_logs_nor_addresses_nor_counts_name_anybody(clock, calls, answer):
    logs.configure(stream := io.StringIO())

    failed, liar = asked(clock, calls, answer, ask=ask_everything)

    assert failed == len(liar.asked) == 8
    said = stream.getvalue() + repr(calls.read())
    heads = b"".join(request.partition(b"\r\n\r\n")[0] for request in liar.asked).decode()
    assert {json.loads(line)["event"] for line in stream.getvalue().splitlines()} == {"register_away"}
    for secret in (
        MOTHER.number,
        "01000000077",
        MOTHER.name,
        MOTHER.birth_date.isoformat(),
        SERIAL,
        CODE,
        GRANT,
        "a-handle",
        "visit-17",
    ):
        assert secret not in said + heads
    assert TOKEN not in said
    assert heads.count(f"authorization: Bearer {TOKEN}") + heads.count(f"Authorization: Bearer {TOKEN}") == 8


def test_what_cannot_be_asked_is_not_asked(clock, calls):
    def ask(register):
        return [
            register.match(another(MOTHER, name="ا" * 200)).person,
            register.prove(MOTHER, ProofKind.CARD, "\ud800"),
            register.check_code(MOTHER, handle="a handle", code="1"),
            register.facts(MOTHER.number, "ق"),
        ]

    said, liar = asked(clock, calls, sends(RIGHT), ask=ask)

    assert said == ["unknown", None, None, None]
    assert liar.asked == []


def test_a_register_that_does_not_answer_is_left_alone_and_tried_again(clock, calls):
    busy = sends(b"", status="503 Busy")
    with a_liar(busy) as liar, a_line(liar.address) as line:
        register = HttpRegister(line, clock, calls)

        def kind():
            try:
                return register.match(MOTHER).person.value
            except RegisterAwayError as error:
                return str(error)

        assert calls.state is RegisterState.UNTRIED
        assert [kind() for _ in range(FAILURES + 3)] == ["busy"] * FAILURES + ["resting"] * 3
        assert (len(liar.asked), calls.state) == (FAILURES, RegisterState.AWAY)

        clock.advance(REST)
        assert [kind(), kind()] == ["busy", "resting"]
        clock.advance(REST - timedelta(seconds=1))
        assert kind() == "resting"

        liar.answer = sends(RIGHT)
        clock.advance(timedelta(seconds=1))
        assert [kind(), kind()] == ["yes", "yes"]
        assert calls.state is RegisterState.ANSWERS


def test_questions_that_are_answered_wrongly_do_not_have_the_register_left_alone(clock, calls):
    with a_liar(sends({}, status="500 Oh")) as liar, a_line(liar.address) as line:
        register = HttpRegister(line, clock, calls)
        for _ in range(FAILURES + 1):
            with pytest.raises(RegisterAwayError, match="status"):
                register.match(MOTHER)

        assert len(liar.asked) == FAILURES + 1


def test_a_register_that_hangs_takes_no_more_than_a_few_threads(clock, calls):
    with a_liar(lies.says_nothing) as liar, a_line(liar.address) as line:
        register = HttpRegister(line, clock, calls)
        arrived = threading.Semaphore(0)
        liar.answer = lambda liar, *_: (arrived.release(), liar.over.wait())

        def ask():
            with pytest.raises(RegisterAwayError):
                register.match(MOTHER)

        waiting = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
        for thread in waiting:
            thread.start()
        for _ in waiting:
            arrived.acquire()
        with pytest.raises(RegisterAwayError, match="crowded"):
            register.match(MOTHER)
        liar.over.set()
        for thread in waiting:
            ended(thread)
