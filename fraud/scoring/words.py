"""Which facts moved a score, in plain words: for the person, the officer and the stored verdict."""

from collections.abc import Mapping, Sequence
from typing import Final

from fraud.facts import BY_NAME, FEATURES, Fact, Facts
from fraud.reasons import MEASURED, Reason
from fraud.scoring.trees import Contributions

MOST: Final = 3
LEAST: Final = 0.1
"""In log-odds: what moves the odds by less than a tenth is not worth a sentence."""

# The schema's words where they would not make a sentence.
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "hour_of_day": ("الساعة التي أُرسل فيها من اليوم", "the hour of the day at which it was sent"),
    "passport_days_left": (
        "الأيام المتبقية لصلاحية الجواز، وسالب واحد يعني أنه لا جواز",
        "days until the passport ends, where -1 means no passport",
    ),
}


def named(contributions: Contributions, features: Sequence[str] = FEATURES) -> dict[str, float]:
    """Return the contributions of a model's features by their names, to be stored: those of 0 are left out.

    ``baseline`` comes first; all values add up exactly to the raw sum, in any order.
    """
    parts = {name: part for name, part in zip(features, contributions.parts, strict=True) if part}
    return {"baseline": contributions.baseline} | parts


def score_reasons(contributions: Contributions, facts: Facts, features: Sequence[str] = FEATURES) -> tuple[Reason, ...]:
    """Return a sentence for each of the few facts that raised a score most; none that lowered it.

    The sentences say what was counted and never what it might mean: the score's own reason, shown before them, says
    that it is not an accusation.
    """
    ranked = sorted(zip(contributions.parts, features, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return tuple(_sentence(BY_NAME[name], getattr(facts, name)) for part, name in ranked[:MOST] if part >= LEAST)


def _sentence(fact: Fact, value: float) -> Reason:
    ar, en = _WORDS.get(fact.name, (fact.ar, fact.en[:1].lower() + fact.en[1:]))
    shown = {True: ("نعم", "yes"), False: ("لا", "no")}[bool(value)] if fact.kind == "flag" else (f"{value:.0f}",) * 2
    code = f"{MEASURED}{fact.name}"
    return Reason(code, f"مما أُخذ في الحسبان: {ar} ({shown[0]}).", f"What counted: {en} ({shown[1]}).")
