"""Why a request is at the desk, in words for officers: what was noticed, not what its owner is told about it."""

from collections.abc import Mapping
from typing import Any, Final

from api.i18n import N_, Words
from fraud.facts import SCHEMA
from fraud.reasons import MEASURED, as_shown

_OF_RULES: Final = "rule."
_NOTICED: Final[Mapping[str, str]] = {
    "hard.live_request": N_("One of these people has a live request or appointment for this service."),
    "hard.unknown_person": N_("The civil register does not know one of these national numbers."),
    "hard.passport_still_valid": N_("A passport is still valid for a long time, and no reason was given."),
    "hard.application_pending": N_("A passport application of one of these people is already being processed."),
    "hard.age_not_eligible": N_("The service does not fit the age of one of these people."),
    "limit.network": N_("Many requests came from the same network."),
    "limit.device": N_("Many requests came from the same device."),
    "limit.account": N_("Many requests came from the same account."),
    "limit.visitor": N_("Many tries for this account came from one place."),
    "limit.person": N_("Many requests came for the same person."),
    "limit.phone": N_("Many requests came with the same phone number."),
    "limit.office": N_("Very many requests came for one office."),
    "limit.prefix": N_("Many requests came from neighbouring phone numbers."),
    "limit.country": N_("Many requests came from phone numbers of the country where they live."),
    "limit.everyone": N_("Very many requests came at that time."),
    "limit.degraded": N_("Part of the system was away: everyone was asked for a check."),
    "score.challenge": N_("The score found it a little unusual."),
    "score.review": N_("The score found it unusual."),
}
_FACTS: Final = {fact.name: fact for fact in SCHEMA}


def reason_for_officers(reason: Mapping[str, Any], facts: Mapping[str, Any], words: Words) -> str:
    """Return what was noticed: a stored reason of a verdict with the facts that the verdict was given.

    A rule speaks in the words that its author wrote for the applicant, and they are marked as such.
    """
    code = str(reason["code"])
    said = words.pick(reason["ar"], reason["en"])
    name = code.removeprefix(MEASURED)
    if code in _NOTICED:
        return words.gettext(_NOTICED[code])
    if code.startswith(MEASURED) and name in _FACTS and name in facts:
        return _measured(name, facts[name], words)
    if code.startswith(_OF_RULES):
        read = as_shown(reason)
        return words.gettext("A rule applied. Its owner reads: “%(words)s”") % {
            "words": words.pick(read["ar"], read["en"])
        }
    return said


def _measured(name: str, value: Any, words: Words) -> str:
    fact = _FACTS[name]
    number = round(float(value))
    if name == "form_seconds":
        said = words.ngettext("Sent within %(n)s second", "Sent within %(n)s seconds", number)
        return said % {"n": words.number(number)}
    if name == "hour_of_day":
        return words.gettext("Sent in the hour from %(n)s:00, local time") % {"n": words.number(number)}
    what = words.pick(fact.ar, fact.en)
    return what if fact.kind == "flag" else f"{what}: {words.number(round(float(value), 1))}"
