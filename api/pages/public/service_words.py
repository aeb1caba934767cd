"""What a service's file says, in sentences: who can ask, what comes first, what depends on an answer, what one gets."""

from collections.abc import Iterator, Mapping
from typing import Final

from api.i18n import N_, Words
from booking.country.packs.service import (
    EligibilitySpec,
    PersonSpec,
    PrerequisiteSpec,
    ResultSpec,
    ServiceSpec,
    WhenSpec,
)
from booking.platform.models.identity import IdentityLevel

_KNOWN: Final = {
    IdentityLevel.MATCHED: N_("name, birth date and national number fit the civil register"),
    IdentityLevel.PROVEN: N_(
        "each person has proven who they are: by the number of a document, a code from the register or at an office"
    ),
    IdentityLevel.SEEN: N_("an officer has compared each person’s face with their document"),
}
_AT_HOME, _ABROAD = N_("people who live %(inside)s"), N_("people who live abroad")


def who_can_ask(rules: EligibilitySpec, reasons: Mapping[str, str], words: Words) -> list[str]:
    """Return who may ask for a service; ``reasons`` are those of the pack by code, in the reader's language."""
    return [
        *_age_and_gender(rules, words),
        *_passport(rules, reasons, words),
        *(words.said(condition.name) for condition in rules.conditions),
    ]


def who_is_known(spec: ServiceSpec, words: Words) -> list[str]:
    """Return how sure it must be who somebody is: to ask, and, where that is more, to be given the result."""
    asking = spec.identity.to_ask(at_an_office=spec.at_an_office)
    told = [words.say(N_("to ask: %(how)s"), {"how": words.gettext(_KNOWN[asking])})] if asking in _KNOWN else []
    issuing = spec.identity.issue
    if spec.issues and issuing.rank > asking.rank:
        told.append(words.say(N_("to be given the result: %(how)s"), {"how": words.gettext(_KNOWN[issuing])}))
    return told


def only_when(spec: ServiceSpec, when: WhenSpec | None, words: Words) -> str:
    """Return in words on which answer something depends; "" where it always holds."""
    field = next((one for one in spec.fields if when is not None and one.code == when.field), None)
    if when is None or field is None:
        return ""
    answers = [words.said(choice.name) for choice in field.choices if choice.code in when.answers]
    sentence = N_("only if you answer “%(question)s” with: %(answers)s")
    return words.say(sentence, {"question": words.said(field.name), "answers": words.listed(answers)})


def rules_of(spec: ServiceSpec, prerequisite: PrerequisiteSpec, words: Words, *, inside: str) -> list[str]:
    """Return whom a prerequisite concerns, when it must hold and how old it may be; ``inside`` is "in Syria"."""
    note = prerequisite.note
    told = [words.said(note)] if note else _whom(spec, prerequisite, words, inside)
    if prerequisite.valid == "on-the-day":
        told.append(words.gettext("valid on the day of the appointment"))
    if (days := prerequisite.not_older_than_days) is not None:
        sentence = words.ngettext("not older than %(n)s day", "not older than %(n)s days", days)
        told.append(words.say(sentence, {"n": words.number(days)}))
    return told


def _whom(spec: ServiceSpec, prerequisite: PrerequisiteSpec, words: Words, inside: str) -> list[str]:
    answer = only_when(spec, prerequisite.when, words)
    told = [answer] if answer else []
    if (person := prerequisite.concerns) is not None:
        told += _age_and_gender(person, words)
        if person.register_lists is not None:
            told.append(words.gettext("only people whom the register of this duty lists"))
        if person.residence is not None:
            sentence = _AT_HOME if person.residence == "resident" else _ABROAD
            told.append(words.say(sentence, {"inside": inside}))
    return told


def validity_of(result: ResultSpec, words: Words) -> str:
    """Return in words how a result comes and how long it is valid; "" where there is nothing to say."""
    match result.kind:
        case "appointment":
            return words.gettext("The agency gives you the day and the time.")
        case "policy":
            return words.gettext("Valid for the months that you choose. Its code shows everyone that it is genuine.")
        case "certificate" if result.valid_days is not None:
            sentence = words.ngettext(
                "Valid for %(n)s day from its issue. Its code shows everyone that it is genuine.",
                "Valid for %(n)s days from its issue. Its code shows everyone that it is genuine.",
                result.valid_days,
            )
            return words.say(sentence, {"n": words.number(result.valid_days)})
        case "certificate":
            return words.gettext("It does not expire. Its code shows everyone that it is genuine.")
        case "none":
            return ""


def _age_and_gender(rules: EligibilitySpec | PersonSpec, words: Words) -> Iterator[str]:
    least, most = rules.min_age, rules.max_age
    ages = {"least": words.number(least or 0), "most": words.number(most or 0)}
    if least is not None and most is not None:
        yield words.say(N_("from %(least)s to %(most)s years old"), ages)
    elif least is not None:
        yield words.say(N_("at least %(least)s years old"), ages)
    elif most is not None:
        yield words.say(N_("at most %(most)s years old"), ages)
    if rules.gender is not None:
        yield words.gettext("men") if rules.gender == "male" else words.gettext("women")


def _passport(rules: EligibilitySpec, reasons: Mapping[str, str], words: Words) -> Iterator[str]:
    if rules.passport is not None:
        held = rules.passport == "held"
        yield (
            words.gettext("who have a passport, valid or expired")
            if held
            else words.gettext("who have never had a passport")
        )
    named = {"reasons": words.listed([reasons[code] for code in rules.reasons if code in reasons])}
    if rules.reason == "always":
        yield words.say(N_("who give one of these reasons: %(reasons)s"), named)
    elif rules.reason == "long-valid":
        days = words.number(rules.passport_max_days_left or 0)
        sentence = N_("who give a reason where the passport is valid for more than %(days)s more days: %(reasons)s")
        yield words.say(sentence, named | {"days": days})
