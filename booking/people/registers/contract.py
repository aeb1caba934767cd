"""What goes over the wire to a register and comes back, version 1; `docs/register.openapi.json` is made of it.

A question holds nothing that it need not. Every answer repeats the number that it is about, so that one meant for
somebody else is noticed. In an answer each field named here must be there, with exactly this type, null where nothing
is known; fields that are not named here are passed over, so that a register can grow without a new version.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from booking.country.core.register import MOST_PEOPLE, Agreement, Holding, Match, RegisterFacts

MOST_QUESTION: Final = 4 * 1024
MOST_ANSWER: Final = 64 * 1024
MOST_QUESTION_OF_MANY: Final = 64 * 1024
MOST_ANSWER_OF_MANY: Final = 1024 * 1024
"""Bytes of a body."""

Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{4,32}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Token = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,512}$")]
Serial = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]


class Question(BaseModel):
    """What Mawid asks; a register refuses fields that are not named here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IdentityQuestion(Question):
    """Number, name and birth date as somebody typed them; the number is normalised."""

    number: Number
    name: Name
    birth_date: date


class ProofQuestion(IdentityQuestion):
    """The serial of a document, as it was typed."""

    kind: Literal["card", "passport"]
    serial: Serial


class GuardianQuestion(IdentityQuestion):
    """A minor, and the number of a parent or guardian with the grant that this one has."""

    guardian: Number
    grant: Token


class CodeQuestion(IdentityQuestion):
    """The code that came to the person's phone; the handle is from the answer to the sending."""

    handle: Token
    code: Code


class AttestationQuestion(IdentityQuestion):
    """What Mawid saw: a sign-in at the state's provider, or an officer face to face; `by` is a reference, no name."""

    kind: Literal["provider", "officer"]
    by: Token


class FactsQuestion(Question):
    """What is known of a number, asked with the grant for it."""

    number: Number
    grant: Token


class ManyFactsQuestion(Question):
    """The same for several people at once."""

    people: Annotated[list[FactsQuestion], Field(min_length=1, max_length=MOST_PEOPLE)]


class Answer(BaseModel):
    """What a register answers."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    number: Number


class MatchAnswer(Answer):
    """Whether the identity is one living person (yes, no; unknown: no such number), and each field."""

    person: Agreement
    name: Agreement
    birth_date: Agreement

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        fields = {self.name, self.birth_date}
        if self.person is not Agreement.NO and fields != {self.person}:
            raise ValueError("the person is one thing and the fields are another")
        return self

    def read(self) -> Match:
        """Return it as the core knows it."""
        return Match(self.person, self.name, self.birth_date)


class GrantAnswer(Answer):
    """A grant for a proof; null where it proves nothing, whatever the reason."""

    grant: Token | None


class SentAnswer(Answer):
    """A handle for the code that was sent; null where none was."""

    handle: Token | None


class HoldingAnswer(BaseModel):
    """The result of a service that a person holds; `valid_until` null: without an end."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    service: Word
    issued: date
    valid_until: date | None


class KnownFacts(BaseModel):
    """What is known of a person.

    `passport_valid_until` null: never had a passport. `region` is the code of the region where the person is
    registered, as the country pack has it. `listed` names the registers of duties that list the person.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    passport_valid_until: date | None
    application_pending: bool
    region: Word
    gender: Literal["female", "male"] | None
    listed: Annotated[list[Word], Field(max_length=32)]
    held: Annotated[list[HoldingAnswer], Field(max_length=256)]

    @classmethod
    def of(cls, facts: RegisterFacts) -> Self:
        """Write what a register knows."""
        return cls(
            passport_valid_until=facts.passport_valid_until,
            application_pending=facts.application_pending,
            region=facts.region,
            gender=facts.gender,
            listed=sorted(facts.listed),
            held=[HoldingAnswer(service=h.service, issued=h.issued, valid_until=h.valid_until) for h in facts.held],
        )

    def read(self) -> RegisterFacts:
        """Return them as the core knows them."""
        return RegisterFacts(
            passport_valid_until=self.passport_valid_until,
            application_pending=self.application_pending,
            region=self.region,
            gender=self.gender,
            listed=frozenset(self.listed),
            held=tuple(Holding(one.service, one.issued, one.valid_until) for one in self.held),
        )


class FactsAnswer(Answer):
    """Facts; null where the grant is not, or no longer, one for this number."""

    facts: KnownFacts | None


class ManyFactsAnswer(BaseModel):
    """An answer about each person of the question, in its order."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    people: Annotated[list[FactsAnswer], Field(max_length=MOST_PEOPLE)]


A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call(Generic[A]):
    """A POST below the register's address: what it is called in logs and metrics, its path, its answer, their bytes."""

    name: str
    path: str
    answer: type[A]
    most_question: int = MOST_QUESTION
    most_answer: int = MOST_ANSWER


MATCH: Final = Call("match", "/v1/match", MatchAnswer)
PROVE: Final = Call("prove", "/v1/proofs", GrantAnswer)
PROVE_GUARDIAN: Final = Call("prove_guardian", "/v1/guardian-proofs", GrantAnswer)
SEND_CODE: Final = Call("send_code", "/v1/codes", SentAnswer)
CHECK_CODE: Final = Call("check_code", "/v1/code-proofs", GrantAnswer)
ATTEST: Final = Call("attest", "/v1/attestations", GrantAnswer)
FACTS: Final = Call("facts", "/v1/facts", FactsAnswer)
FACTS_OF_MANY: Final = Call(
    "facts_of_many", "/v1/facts-of-many", ManyFactsAnswer, MOST_QUESTION_OF_MANY, MOST_ANSWER_OF_MANY
)
