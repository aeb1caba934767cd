"""The facts about one request, under one name each, for rules, features and the live gate alike."""

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, Self

import numpy as np

from fraud.reasons import REASONS, Reason

Kind = Literal["count", "number", "flag"]


class FactError(Exception):
    """A fact is unknown, missing, of the wrong type or out of its range; the message names it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The meaning of one fact.

    ``kind`` is *count* (a whole number), *number* (any finite number) or *flag* (true or false);
    ``low`` and ``high`` are the smallest and largest values that make sense. ``later``: verdicts that are older than
    the fact do not have it, and a model that they taught does without it. ``elsewhere``: it counts what was done for a
    person in whatever account, of which no applicant is told.
    """

    name: str
    kind: Kind
    low: float
    high: float
    en: str
    ar: str
    later: bool = False
    elsewhere: bool = False


_MANY: Final = 1e9


def _read_schema() -> tuple[Fact, ...]:
    text = Path(__file__).with_name("fact_schema.toml").read_text(encoding="utf-8")
    return tuple(
        Fact(**({"low": 0, "high": 1 if entry["kind"] == "flag" else _MANY} | entry))
        for entry in tomllib.loads(text)["fact"]
    )


SCHEMA: Final[tuple[Fact, ...]] = _read_schema()
BY_NAME: Final[Mapping[str, Fact]] = {fact.name: fact for fact in SCHEMA}
LATER: Final[frozenset[str]] = frozenset(fact.name for fact in SCHEMA if fact.later)
"""Facts that older verdicts do not have."""
FEATURES: Final[tuple[str, ...]] = tuple(fact.name for fact in SCHEMA)
ALWAYS: Final[tuple[str, ...]] = tuple(name for name in FEATURES if name not in LATER)
"""Features that every stored verdict has, however old."""
ELSEWHERE: Final[frozenset[str]] = frozenset(fact.name for fact in SCHEMA if fact.elsewhere)
"""Facts of which no applicant is told: a rule on one of them is shown as the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts about one request, as known strictly before it; see ``SCHEMA`` for their meaning."""

    requests_from_device_1h: int
    requests_from_device_24h: int
    requests_from_device_30d: int
    requests_from_network_1h: int
    requests_from_network_24h: int
    requests_from_network_30d: int
    requests_with_phone_1h: int
    requests_with_phone_24h: int
    requests_with_phone_30d: int
    requests_by_account_1h: int
    requests_by_account_24h: int
    requests_by_account_30d: int
    requests_for_person_1h: int
    requests_for_person_24h: int
    requests_for_person_30d: int
    people_on_device_30d: int
    people_on_phone_30d: int
    people_by_account: int
    accounts_on_device_30d: int
    accounts_on_phone_30d: int
    account_age_hours: float
    form_seconds: float
    hour_of_day: int
    cancellations_90d: int
    no_shows_365d: int
    lapsed_offers_365d: int
    rebookings_30d: int
    given_up_on_device_90d: int
    given_up_on_phone_90d: int
    odd_names: int
    odd_numbers: int
    people_with_one_birth_date: int
    party_size: int
    offices_ranked: int
    km_to_nearest_office: float
    asks_from_abroad: bool
    phone_is_registered_helper: bool
    reason_given: bool
    passport_days_left: int
    identity_level: int
    unproven_by_account: int
    claims_ended_365d: int
    asks_by_telephone: bool
    passed_on_by_account_30d: int
    passed_on_with_phone_30d: int
    handed_back_for_person_90d: int

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """Build facts from untrusted data: a stored verdict, a row of a table.

        Raises
        ------
        FactError
            A name is unknown or missing, or a value does not fit its fact.
        """
        unknown = sorted(set(values) - set(BY_NAME))
        if unknown:
            raise FactError(f"unknown fact: {', '.join(unknown)}")
        missing = [fact.name for fact in SCHEMA if fact.name not in values]
        if missing:
            raise FactError(f"missing fact: {', '.join(missing)}")
        fitting: dict[str, Any] = {fact.name: _fitting(fact, values[fact.name]) for fact in SCHEMA}
        return cls(**fitting)

    @classmethod
    def from_stored(cls, values: Mapping[str, object]) -> tuple[Self, frozenset[str]]:
        """Build facts from a stored verdict; the second are those of `LATER` that it does not have, or has as nan.

        They get the least value that makes sense, so that the facts are whole: ask no rule and no model that uses them.

        Raises
        ------
        FactError
            A name is unknown, a fact that every verdict has is missing, or a value does not fit its fact.
        """
        unknown = frozenset(name for name in LATER if _is_missing(values.get(name)))
        known = {name: value for name, value in values.items() if name not in unknown}
        return cls.from_mapping(known | {name: _least(BY_NAME[name]) for name in unknown}), unknown

    def as_dict(self) -> dict[str, int | float | bool]:
        """Return the facts as plain data, in schema order, to be stored with the verdict."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _least(fact: Fact) -> bool | int:
    return False if fact.kind == "flag" else int(fact.low)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _fitting(fact: Fact, value: object) -> bool | int | float:
    """Return the value as its fact's type; numpy scalars become plain numbers."""
    if isinstance(value, np.generic):
        value = value.item()
    if fact.kind == "flag":
        if isinstance(value, bool):
            return value
        raise FactError(f"{fact.name} must be true or false, not {value!r}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FactError(f"{fact.name} must be a number, not {value!r}")
    if not fact.low <= value <= fact.high:  # also where it is not a number (nan)
        raise FactError(f"{fact.name} must be between {fact.low:g} and {fact.high:g}")
    if fact.kind == "number":
        return float(value)
    if value != int(value):
        raise FactError(f"{fact.name} must be a whole number, not {value!r}")
    return int(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardFacts:
    """What registers and the database know for certain; only these can refuse a request."""

    has_live_request: bool
    registry_knows_person: bool
    passport_valid_long: bool
    reason_given: bool
    application_pending: bool
    age_eligible: bool


def hard_refusals(hard: HardFacts) -> list[Reason]:
    """Return every reason for which this request must be refused; none means it may go on."""
    broken = (
        (hard.has_live_request, "hard.live_request"),
        (not hard.registry_knows_person, "hard.unknown_person"),
        (hard.passport_valid_long and not hard.reason_given, "hard.passport_still_valid"),
        (hard.application_pending, "hard.application_pending"),
        (not hard.age_eligible, "hard.age_not_eligible"),
    )
    return [REASONS[code] for is_broken, code in broken if is_broken]


def row(facts: Facts, features: Sequence[str] = FEATURES) -> list[float]:
    """Return one request's features as plain floats, in the order of ``features`` (the live path)."""
    return [float(getattr(facts, name)) for name in features]


def schema_hash(features: Sequence[str] = FEATURES) -> str:
    """Return a hash of the names, kinds and order of features: a model takes those that it was trained on."""
    content = "\n".join(f"{name}:{BY_NAME[name].kind}" for name in features)
    return hashlib.sha256(content.encode()).hexdigest()[:16]
