"""A register over HTTP, by the contract in `docs/register.openapi.json`: whatever is not by it is a register away."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, Literal, TypeVar

import structlog
from pydantic import ValidationError
from typing_extensions import override

from booking.country.core.register import (
    ANSWERED,
    Agreement,
    Identity,
    Match,
    Register,
    RegisterAwayError,
    RegisterCalls,
    RegisterFacts,
    RegisterState,
)
from booking.people.registers import contract
from booking.people.registers.contract import A, Answer, Call, Question
from booking.people.registers.line import Deviation, Line, LineError
from booking.platform.base.bounded_http import Breaker
from booking.platform.base.clock import Clock
from booking.platform.models.identity import ProofKind

log: structlog.stdlib.BoundLogger = structlog.get_logger("mawid.register")

B = TypeVar("B", bound=Answer)

_NOT_ASKED: Final = frozenset({Deviation.CROWDED, Deviation.RESTING})
_DOES_NOT_ANSWER: Final = frozenset({Deviation.UNREACHABLE, Deviation.SLOW, Deviation.BUSY})
"""What the breaker counts. A question that is answered wrongly is not among them: somebody could make one up to have
the register left alone."""
_NOBODY: Final = Match(Agreement.UNKNOWN, Agreement.UNKNOWN, Agreement.UNKNOWN)


class HttpRegister(Register):
    """See `booking.country.core.register.Register`; every method may raise `RegisterAwayError`.

    Nothing is asked twice: a code that was sent twice, or a try that counted twice, is worse than one that failed.
    Numbers, names and grants are in bodies alone, never in an address, a log or a count.
    """

    def __init__(self, line: Line, clock: Clock, calls: RegisterCalls) -> None:
        self._line, self._calls, self._breaker = line, calls, Breaker(clock)
        calls.state = RegisterState.UNTRIED

    @override
    def match(self, identity: Identity) -> Match:
        answer = self._about(contract.MATCH, contract.IdentityQuestion, identity)
        return _NOBODY if answer is None else answer.read()

    @override
    def prove(self, identity: Identity, kind: Literal[ProofKind.CARD, ProofKind.PASSPORT], serial: str) -> str | None:
        answer = self._about(contract.PROVE, contract.ProofQuestion, identity, kind=kind.value, serial=serial)
        return None if answer is None else answer.grant

    @override
    def prove_guardian(self, identity: Identity, *, guardian: str, grant: str) -> str | None:
        answer = self._about(
            contract.PROVE_GUARDIAN, contract.GuardianQuestion, identity, guardian=guardian, grant=grant
        )
        return None if answer is None else answer.grant

    @override
    def send_code(self, identity: Identity) -> str | None:
        answer = self._about(contract.SEND_CODE, contract.IdentityQuestion, identity)
        return None if answer is None else answer.handle

    @override
    def check_code(self, identity: Identity, *, handle: str, code: str) -> str | None:
        answer = self._about(contract.CHECK_CODE, contract.CodeQuestion, identity, handle=handle, code=code)
        return None if answer is None else answer.grant

    @override
    def attest(
        self, identity: Identity, kind: Literal[ProofKind.PROVIDER, ProofKind.OFFICER], *, by: str
    ) -> str | None:
        answer = self._about(contract.ATTEST, contract.AttestationQuestion, identity, kind=kind.value, by=by)
        return None if answer is None else answer.grant

    @override
    def facts(self, number: str, grant: str) -> RegisterFacts | None:
        answer = self._ask(contract.FACTS, contract.FactsQuestion, number=number, grant=grant)
        return None if answer is None or answer.facts is None else answer.facts.read()

    @override
    def facts_of_many(self, asked: Sequence[tuple[str, str]]) -> list[RegisterFacts | None]:
        people = {place: one for place, (number, grant) in enumerate(asked) if (one := _question(number, grant))}
        found: list[RegisterFacts | None] = [None] * len(asked)
        if people:
            question = contract.ManyFactsQuestion(people=list(people.values()))
            numbers = [one.number for one in question.people]
            answer = self._exchange(
                contract.FACTS_OF_MANY, question, lambda said: [one.number for one in said.people] == numbers
            )
            for place, said in zip(people, answer.people, strict=True):
                found[place] = None if said.facts is None else said.facts.read()
        return found

    def close(self) -> None:
        """Close the connections."""
        self._line.close()

    def _about(self, call: Call[B], question: type[Question], identity: Identity, **more: str) -> B | None:
        return self._ask(
            call, question, number=identity.number, name=identity.name, birth_date=identity.birth_date, **more
        )

    def _ask(self, call: Call[B], question: type[Question], *, number: str, **more: str | date) -> B | None:
        """Ask about one number; raises RegisterAwayError.

        Return None for what cannot be asked: a serial of a thousand letters fits nobody.
        """
        try:
            asked = question.model_validate({"number": number, **more})
        except ValidationError:
            return None
        return self._exchange(call, asked, lambda answer: answer.number == number)

    def _exchange(self, call: Call[A], question: Question, is_about_them: Callable[[A], bool]) -> A:
        """Ask, unless the register rests, and count how it went; raises RegisterAwayError."""
        began = time.perf_counter()
        try:
            answer = _read(call, self._post(call, question.model_dump_json().encode()))
            if not is_about_them(answer):
                raise LineError(Deviation.OTHER_NUMBER)  # noqa: TRY301 - counted as every other deviation
        except LineError as error:
            self._failed(call, error, time.perf_counter() - began)
            raise RegisterAwayError(error.kind.value) from None
        self._calls.observe(call.name, ANSWERED, time.perf_counter() - began)
        self._breaker.answered()
        self._calls.state = RegisterState.ANSWERS
        return answer

    def _post(self, call: Call[Any], body: bytes) -> bytes:
        if not self._breaker.admits():
            raise LineError(Deviation.RESTING)
        return self._line.post(call.path, body, most=call.most_answer)

    def _failed(self, call: Call[Any], error: LineError, seconds: float) -> None:
        if error.kind in _NOT_ASKED:
            self._calls.observe(call.name, error.kind.value, None)
            return
        self._calls.observe(call.name, error.kind.value, seconds)
        log.warning("register_away", call=call.name, kind=error.kind.value, status=error.status)
        if error.kind in _DOES_NOT_ANSWER:
            if self._breaker.failed():
                log.error("register_rests", kind=error.kind.value)
            if self._breaker.is_open:
                self._calls.state = RegisterState.AWAY
        else:
            self._breaker.answered()


def _question(number: str, grant: str) -> contract.FactsQuestion | None:
    """Return the question about one of many; None for what cannot be asked."""
    try:
        return contract.FactsQuestion(number=number, grant=grant)
    except ValidationError:
        return None


def _read(call: Call[A], body: bytes) -> A:
    """Return an answer of the contract's form; raises LineError."""
    try:
        return call.answer.model_validate_json(body)
    except (ValidationError, UnicodeError, RecursionError):
        raise LineError(Deviation.OTHER_FORM) from None
