"""The form of a service's file: who may ask, what for, with what, at what price, and what comes of it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, Literal, Self, TypeAlias

from pydantic import ConfigDict as Config
from pydantic import Field, RootModel, model_validator

from booking.country.packs.fields import (
    Audience,
    Code,
    Currency,
    Exact,
    IdentitySpec,
    OriginalsSpec,
    Residence,
    Sentence,
    Spec,
    Words,
)
from booking.country.packs.service_form import FieldSpec, form_parts

Delivery: TypeAlias = Literal["appointment", "online", "both"]
Gender: TypeAlias = Literal["female", "male"]

ABOUT_THE_HOLDER: Final = ("full-name", "national-number", "birth-date")
"""What a result can show besides the form's answers."""


class WhenSpec(Spec):
    """Only where the choice ``field`` of the form has one of these answers."""

    field: Code
    answers: tuple[Code, ...] = Field(strict=False, min_length=1)


class DocumentSpec(Spec):
    """A paper to bring to an appointment, or to attach online; ``note`` says when or how.

    ``residence`` is empty when everyone needs it; ``required`` false: those who have it bring it.
    """

    code: Code
    name: Words
    note: Words | None = None
    residence: Residence | None = None
    required: bool = True
    when: WhenSpec | None = None


class FeeSpec(Spec):
    """An amount to pay, in whole units of a currency, per person; 0 where the service is free.

    ``each`` names a whole number of the form by which the amount is multiplied, such as the months of a policy.
    """

    code: Code
    name: Words
    residence: Residence
    amount: Exact = Field(ge=0)
    currency: Currency
    each: Code | None = None
    source: Sentence
    when: WhenSpec | None = None


class ConditionSpec(Spec):
    """What must be true and no register knows: the person declares it, and an officer looks at the proof."""

    code: Code
    name: Words


class EligibilitySpec(Spec):
    """Who may ask for a service; where they live is the service's ``audience``.

    ``gender`` only where the law says so. ``passport``: "none" where the person may hold none, "held" where they must
    have one, valid or expired; left out: it does not matter.
    ``reason``: "always", "never", or "long-valid": only where more than ``passport_max_days_left`` days are left.
    ``reasons`` are codes of the pack's reasons.
    """

    min_age: int | None = Field(default=None, ge=0, le=120)
    max_age: int | None = Field(default=None, ge=0, le=120)
    gender: Gender | None = None
    passport: Literal["none", "held"] | None = None
    reason: Literal["never", "long-valid", "always"] = "never"
    passport_max_days_left: int | None = Field(default=None, ge=0)
    reasons: tuple[Code, ...] = Field(strict=False, default=())
    conditions: tuple[ConditionSpec, ...] = Field(strict=False, default=())

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.min_age is not None and self.max_age is not None and self.min_age > self.max_age:
            raise ValueError(f"min_age {self.min_age} is above max_age {self.max_age}")
        if (self.reason == "long-valid") != (self.passport_max_days_left is not None):
            raise ValueError('passport_max_days_left belongs to reason = "long-valid", and only there')
        if (self.reason == "never") == bool(self.reasons):
            raise ValueError("reasons must list codes where a reason can be needed, and only there")
        return self


class AppointmentSpec(Spec):
    """What the service takes at an office. ``units`` are the pack's ``unit_minutes`` of one counter, a person.

    Services of one ``exclusive_group`` exclude each other: a person has one live request in the group.
    """

    exclusive_group: Code
    units: int = Field(ge=1)
    maximum_wait_days: int = Field(ge=1, le=365)
    max_party: int = Field(ge=1)


class PersonSpec(Spec):
    """Those a prerequisite concerns; whatever is left out does not matter.

    ``register_lists``: only people whom the national register of that name lists, such as those whom the conscription
    register calls up. What no register says of a person binds nobody.
    """

    gender: Gender | None = None
    min_age: int | None = Field(default=None, ge=0, le=120)
    max_age: int | None = Field(default=None, ge=0, le=120)
    residence: Residence | None = None
    register_lists: Code | None = None


class PrerequisiteSpec(Spec):
    """What must be there first: the result of another ``service``, or a condition in words.

    ``valid`` says on which day it must hold: "on-the-day" of the appointment, or "when-asking".
    ``not_older_than_days`` counts back from that day to the day of issue. ``when``: only for those who answer so.
    """

    code: Code
    service: Code | None = None
    name: Words | None = None
    note: Words | None = None
    valid: Literal["when-asking", "on-the-day"] = "when-asking"
    not_older_than_days: int | None = Field(default=None, ge=1, le=3650)
    concerns: PersonSpec | None = None
    when: WhenSpec | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.service is None) == (self.name is None):
            raise ValueError("name either a service, or a condition in words (name.ar and name.en), not both")
        return self


class ResultSpec(Spec):
    """What the person gets.

    A "certificate" or "policy" is issued with a signed code; "appointment" is a day and time that the agency gives;
    "none": nothing that this system issues, such as a passport handed over at the counter.

    ``statement`` is the sentence that the document states. ``valid_days`` counts from the day of issue. A policy runs
    from the answer ``starts`` for ``months``, which are codes of fields. ``shown`` are the fields that the document
    shows; ``once_for`` those that name a thing, such as a vehicle, for which no two results may be valid at a time.
    """

    kind: Literal["certificate", "policy", "appointment", "none"]
    name: Words
    statement: Words | None = None
    valid_days: int | None = Field(default=None, ge=1, le=36_500)
    starts: Code | None = None
    months: Code | None = None
    shown: tuple[Code, ...] = Field(strict=False, default=())
    once_for: tuple[Code, ...] = Field(strict=False, default=())

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "policy") != (self.starts is not None and self.months is not None):
            raise ValueError('kind = "policy" needs starts and months, and nothing else has both')
        of_a_document = self.statement or self.shown or self.valid_days or self.once_for
        if self.kind in ("appointment", "none") and of_a_document:
            raise ValueError(
                f'kind = "{self.kind}" issues nothing: leave out statement, shown, valid_days and once_for'
            )
        if self.kind == "policy" and self.valid_days is not None:
            raise ValueError("a policy is valid for its months: leave out valid_days")
        return self


class LegalSpec(Spec):
    """A law or decision that the service rests on; ``source`` says where that is known from."""

    name: Words
    source: Sentence


class SearchWords(RootModel[Mapping[str, tuple[Sentence, ...]]]):
    """Other words by which people look for a service, by language; "latin" is Arabic in Latin letters."""

    model_config = Config(frozen=True)


class ServiceSpec(Spec):
    """A service: data that a civil servant writes, and every page, form and certificate follows.

    ``delivery``: at an office by "appointment", "online", or "both" as the person likes. ``processing_days`` are
    working days from a complete request to its result. ``source`` says where the facts come from and which of them
    are assumed. ``example`` is a set of answers that the form accepts.
    """

    code: Code
    position: int = Field(ge=1)
    group: Code
    agency: Code
    name: Words
    description: Words
    search: SearchWords = SearchWords({})
    audience: Audience
    delivery: Delivery
    processing_days: int | None = Field(default=None, ge=0, le=365)
    appointment: AppointmentSpec | None = None
    eligibility: EligibilitySpec = EligibilitySpec()
    identity: IdentitySpec = IdentitySpec()
    documents: tuple[DocumentSpec, ...] = Field(strict=False, default=())
    fees: tuple[FeeSpec, ...] = Field(strict=False, min_length=1)
    fields: tuple[FieldSpec, ...] = Field(strict=False, default=())
    example: Mapping[str, str | int | float | bool] = Field(default_factory=dict)
    prerequisites: tuple[PrerequisiteSpec, ...] = Field(strict=False, default=())
    result: ResultSpec
    originals: OriginalsSpec | None = None
    legal: tuple[LegalSpec, ...] = Field(strict=False, default=())
    source: Sentence

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read a file as it was loaded into the database, which keeps some things of the pack beside it."""
        return cls.model_validate({key: stored[key] for key in cls.model_fields if key in stored}, strict=False)

    @property
    def at_an_office(self) -> bool:
        """Return whether the service has appointments, and so slots and draws."""
        return self.delivery != "online"

    @property
    def online(self) -> bool:
        """Return whether the service can be asked for online."""
        return self.delivery != "appointment"

    @cached_property
    def parts(self) -> tuple[tuple[FieldSpec, ...], ...]:
        """Return the questions of the form by the page on which they stand."""
        return form_parts(self.fields)

    @property
    def issues(self) -> bool:
        """Return whether a certificate or policy comes of it, which everyone can check."""
        return self.result.kind in ("certificate", "policy")

    @property
    def issued_at_once(self) -> bool:
        """Return whether the result is issued as soon as it is paid for, with nobody to judge: 0 working days."""
        return self.online and self.processing_days == 0 and self.result.kind in ("certificate", "policy")

    @model_validator(mode="after")
    def _fits_its_delivery(self) -> Self:
        delivery = f'delivery = "{self.delivery}"'
        if self.at_an_office != (self.appointment is not None):
            raise ValueError(f"{delivery} {'needs' if self.at_an_office else 'has no'} [appointment]")
        if self.online != (self.processing_days is not None):
            raise ValueError(f"{delivery} {'needs' if self.online else 'has no'} processing_days")
        if self.online and not self.fields:
            raise ValueError(f"{delivery} needs at least one question in [[fields]]")
        if not self.online and self.fields:
            raise ValueError('delivery = "appointment" has no form: leave out [[fields]], or write delivery = "both"')
        if self.at_an_office and not self.documents:
            raise ValueError("an appointment needs [[documents]]: say what to bring, at least the identity card")
        if self.originals and (not self.online or self.issued_at_once or self.audience == "resident"):
            raise ValueError(
                "[originals] are for people abroad who ask online for what an officer decides: leave them out, or "
                "change audience, delivery or processing_days"
            )
        return self

    def documents_for(self, residence: Residence, answers: Mapping[str, Any]) -> list[DocumentSpec]:
        """List the papers of someone who lives here or abroad and gave these answers."""
        return [one for one in self.documents if one.residence in (None, residence) and _holds(one.when, answers)]

    def fees_for(self, residence: Residence, answers: Mapping[str, Any]) -> list[FeeSpec]:
        """List what someone who lives here or abroad and gave these answers pays, counted for their answers."""
        return [
            one if one.each is None else one.model_copy(update={"amount": one.amount * answers[one.each]})
            for one in self.fees
            if one.residence == residence and _holds(one.when, answers)
        ]

    def prerequisites_for(self, answers: Mapping[str, Any]) -> list[PrerequisiteSpec]:
        """List what someone who gave these answers needs first."""
        return [one for one in self.prerequisites if _holds(one.when, answers)]


def _holds(when: WhenSpec | None, answers: Mapping[str, Any]) -> bool:
    return when is None or answers.get(when.field) in when.answers
