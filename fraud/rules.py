"""Analysts' rules: readable text in, a versioned set out, which names the rules that a request fires.

A rule never refuses. It asks for a challenge or for an officer's review, and says why in both languages.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal, cast

from fraud.conditions import Condition, ConditionError, compile_condition, one_line
from fraud.facts import Facts
from fraud.reasons import LANGUAGES, Reason

Outcome = Literal["challenge", "review"]

ALL_RULES: Final = "*"
"""Stands for every rule where an exception names what it is from."""

MAX_TEXT_BYTES: Final = 64 * 1024
MAX_RULES: Final = 200
MAX_SAYING: Final = 300
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME: Final = 60
_KEYS: Final = frozenset({"name", "when", "then", "say"})


class RuleError(Exception):
    """A rule set cannot be accepted; the message names the rule and the word, ``column`` points at it.

    ``rule`` is the rule's name, or its place in the text ("rule 3") while it has none; ``column`` counts from 1
    within the condition and is None where the fault lies outside it.
    """

    def __init__(self, message: str, *, rule: str | None = None, column: int | None = None) -> None:
        super().__init__(message if rule is None else f"{rule}: {message}")
        self.rule = rule
        self.column = column


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a condition over the facts, what it asks for, and what the person is told."""

    name: str
    when: str
    then: Outcome
    reason: Reason
    holds: Condition


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule whose condition holds for a request."""

    name: str
    then: Outcome
    reason: Reason


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order of their text; ``version`` is a hash of what they say, so equal sets have equal versions."""

    version: str
    rules: tuple[Rule, ...]

    def judge(self, facts: Facts) -> list[Fired]:
        """Return the rules that fire, in the order of the set."""
        return [Fired(rule.name, rule.then, rule.reason) for rule in self.rules if rule.holds(facts)]

    def text(self) -> str:
        """Write the set in one canonical form: reading it again gives an equal set of the same version."""
        return "\n".join(
            f'[[rule]]\nname = "{rule.name}"\nwhen = {_quoted(one_line(rule.when))}\nthen = "{rule.then}"\n'
            f"say.ar = {_quoted(rule.reason.ar)}\nsay.en = {_quoted(rule.reason.en)}\n"
            for rule in self.rules
        )


def parse_rules(text: str) -> RuleSet:
    """Read a rule set from TOML, one ``[[rule]]`` table for each rule.

    Raises
    ------
    RuleError
        The text is too long or is not TOML; a rule has missing, unknown or repeated parts; a condition names no fact,
        an unknown one, or is not in the language of ``fraud.conditions``. Nothing is kept of a faulty set.
    """
    if len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise RuleError(f"the rule set is longer than {MAX_TEXT_BYTES // 1024} KiB")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"the text cannot be read: {error}") from None
    except RecursionError:
        raise RuleError("the text is too deeply nested") from None
    unknown = sorted(set(document) - {"rule"})
    if unknown:
        raise RuleError(f"unknown part: {', '.join(unknown)}; only [[rule]] is known")
    tables = document.get("rule", [])
    if not isinstance(tables, list):
        raise RuleError("write [[rule]] with two brackets before each rule")
    if len(tables) > MAX_RULES:
        raise RuleError(f"the set has more than {MAX_RULES} rules")
    rules: dict[str, Rule] = {}
    for place, table in enumerate(tables, start=1):
        rule = _rule(table, f"rule {place}")
        if rule.name in rules:
            raise RuleError("this name is used twice", rule=rule.name)
        rules[rule.name] = rule
    return RuleSet(_version(rules.values()), tuple(rules.values()))


def default_rules() -> RuleSet:
    """Read the rule set that comes with the package."""
    return parse_rules(default_rules_source())


def default_rules_source() -> str:
    """Give the text of the rule set that comes with the package, to be kept as a first version."""
    return resources.files("fraud").joinpath("default_rules.toml").read_text(encoding="utf-8")


def _rule(table: object, place: str) -> Rule:
    if not isinstance(table, Mapping):
        raise RuleError("a rule is a table with name, when, then and say", rule=place)
    name = _text(table, "name", place)
    if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
        raise RuleError(
            "a name is made of small Latin letters, digits and hyphens, as in many-on-one-phone", rule=place
        )
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise RuleError(f"unknown part: {', '.join(unknown)}", rule=name)
    when = _text(table, "when", name)
    then = _text(table, "then", name)
    if then == "refuse":
        raise RuleError("a rule may not refuse: only hard facts do; write review", rule=name)
    if then not in {"challenge", "review"}:
        raise RuleError(f"then must be challenge or review, not “{then}”", rule=name)
    try:
        holds = compile_condition(when)
    except ConditionError as error:
        pointer = " " * (error.column - 1) + "^"
        raise RuleError(f"{error}\n  {one_line(when)}\n  {pointer}", rule=name, column=error.column) from None
    return Rule(name, when, cast("Outcome", then), _reason(table, name), holds)


def _reason(table: Mapping[str, object], name: str) -> Reason:
    say = table.get("say")
    if not isinstance(say, Mapping) or set(say) != set(LANGUAGES):
        raise RuleError("say needs exactly two texts, ar and en", rule=name)
    texts = {language: _text(say, language, name).strip() for language in LANGUAGES}
    for language, words in texts.items():
        if not words or len(words) > MAX_SAYING:
            raise RuleError(f"say.{language} must have 1 to {MAX_SAYING} characters", rule=name)
    return Reason(f"rule.{name}", **texts)


def _text(table: Mapping[str, object], key: str, rule: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise RuleError(f"{key} is missing" if value is None else f"{key} must be a text", rule=rule)
    return value


def _quoted(words: str) -> str:
    """Write a TOML basic string: JSON's escapes are TOML's, except that TOML escapes DEL as well."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _version(rules: Iterable[Rule]) -> str:
    content = [[rule.name, one_line(rule.when), rule.then, rule.reason.ar, rule.reason.en] for rule in rules]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]
