"""Faults of rules and differences between rule sets, in the reader's words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_, Words
from fraud.facts import BY_NAME
from fraud.rules.changes import Bound, Change
from fraud.rules.rule_set import Fault

FAULTS: Final[Mapping[str, str]] = {
    "incomplete": N_("Something is missing or too much here: this is not a complete condition."),
    "too_deep": N_("This is nested more than %(most)s deep. Write it as two rules."),
    "number_alone": N_("“%(word)s” is a number. Compare it with something, for example %(word)s > 3."),
    "flag_as_number": N_("“%(word)s” is true or false. Write “%(word)s” or “not %(word)s”."),
    "no_fact": N_("The condition names no fact, so it would always give the same answer."),
    "empty": N_("The condition is empty."),
    "too_long": N_("The condition is longer than %(most)s characters."),
    "character": N_("“%(character)s” cannot be used in a condition."),
    "touching": N_("“%(word)s” touches the number before it. Put a blank or a sign between them."),
    "long_number": N_("The number is longer than %(most)s digits."),
    "too_many_parts": N_("The condition has more than %(most)s parts. Write it as two rules."),
    "not_allowed": N_("Only facts, numbers, + - *, comparisons, and, or, not and brackets can be used here."),
    "unknown_fact": N_("“%(word)s” is not a fact. Choose one from the table of facts."),
    "unknown_fact_near": N_("“%(word)s” is not a fact. Did you mean %(near)s?"),
    "not_number": N_("%(word)s is not a number."),
    "set_too_long": N_("The rules are longer than %(most)s KiB."),
    "unreadable": N_("This line cannot be read. Look at its quotes, brackets and equals sign."),
    "unknown_part": N_("%(parts)s: there is no such part. Only [[rule]] is known."),
    "brackets": N_("Write [[rule]] with two brackets before each rule."),
    "too_many_rules": N_("There are more than %(most)s rules."),
    "name_twice": N_("This name is used twice."),
    "no_table": N_("A rule has name, when, then and say."),
    "name_form": N_("A name is made of small Latin letters, digits and hyphens, as in many-on-one-phone."),
    "unknown_key": N_("%(parts)s: a rule has no such part; only name, when, then and say."),
    "refuse": N_("A rule may not refuse: only hard facts do. Write review."),
    "then": N_("“then” must be challenge or review, not “%(word)s”."),
    "say": N_("“say” needs exactly two texts: say.ar and say.en."),
    "say_length": N_("%(part)s must have 1 to %(most)s characters."),
    "missing_part": N_("%(part)s is missing."),
    "no_text": N_("%(part)s must be a text in quotes."),
}
"""A sentence for each code of `fraud.rules.rule_set.RuleError`."""

_CHANGES: Final[Mapping[str, str]] = {
    "new": N_("Rule %(rule)s is new."),
    "gone": N_("Rule %(rule)s is gone."),
    "renamed": N_("Rule %(before)s is now called %(rule)s."),
    "outcome": N_("Rule %(rule)s now asks for %(after)s instead of %(before)s."),
    "bound": N_("Rule %(rule)s, %(fact)s: now %(after)s instead of %(before)s."),
    "needs_too": N_("Rule %(rule)s now also needs: %(after)s"),
    "needs_no_more": N_("Rule %(rule)s no longer needs: %(before)s"),
    "or_too": N_("Rule %(rule)s now also holds where: %(after)s"),
    "or_no_more": N_("Rule %(rule)s no longer holds where: %(before)s"),
    "when": N_("Rule %(rule)s has another condition: %(after)s instead of: %(before)s"),
    "order": N_("The rules stand in another order. Reasons are told in that order; what is decided stays the same."),
}
_SAYINGS: Final[Mapping[str, str]] = {
    "ar": N_("Rule %(rule)s tells people something else in Arabic."),
    "en": N_("Rule %(rule)s tells people something else in English."),
    "ar en": N_("Rule %(rule)s tells people something else in Arabic and in English."),
}
_SIGNS: Final[Mapping[str, str]] = {
    ">": N_("more than %(number)s"),
    ">=": N_("at least %(number)s"),
    "<": N_("less than %(number)s"),
    "<=": N_("at most %(number)s"),
    "==": N_("exactly %(number)s"),
    "!=": N_("anything but %(number)s"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "accept": N_("accept"),
    "challenge": N_("a check"),
    "review": N_("a review"),
}


def fault_sentence(fault: Fault, words: Words) -> str:
    """Return what is wrong, with line and column where they are known."""
    values = {name: value if isinstance(value, int) else _apart(value, words) for name, value in fault.values.items()}
    sentence = words.say(FAULTS[fault.code], values)
    if not fault.line:
        return sentence
    where = words.gettext("Line %(line)s, column %(column)s:")
    told = where % {"line": words.number(fault.line), "column": words.number(fault.column)}
    return f"{told} {sentence}"


def fact_name(name: str, words: Words) -> str:
    """Return what a fact means."""
    fact = BY_NAME[name]
    return words.pick(fact.ar, fact.en)


def change_sentence(change: Change, words: Words) -> str:
    """Return words for one difference between two rule sets."""
    if change.what == "saying":
        return words.say(_SAYINGS[str(change.after)], {"rule": _apart(change.rule, words)})
    values: dict[str, object] = {"rule": _apart(change.rule, words)}
    for name, value in (("before", change.before), ("after", change.after)):
        if isinstance(value, Bound):
            values[name] = words.say(_SIGNS[value.sign], {"number": words.number(value.number)})
            values["fact"] = fact_name(value.fact, words)
        else:
            values[name] = words.gettext(OUTCOMES[value]) if change.what == "outcome" else _apart(value, words)
    return words.say(_CHANGES[change.what], values)


def _apart(text: str, words: Words) -> str:
    """Keep what is written as in a program in its own order inside Arabic (Unicode's isolates)."""
    return f"\u2066{text}\u2069" if text and words.direction == "rtl" else text
