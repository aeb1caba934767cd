"""Analysts' rules: readable text in, a versioned set out, which names the rules that a request fires.

A rule never refuses. It asks for a challenge or for an officer's review, and says why in both languages.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, cast

from typing_extensions import override

from fraud.facts import ELSEWHERE, Facts
from fraud.reasons import LANGUAGES, Reason
from fraud.rules.conditions import Condition, ConditionError, compile_condition, facts_in, one_line

Outcome = Literal["challenge", "review"]

ALL_RULES: Final = "*"
"""Stands for every rule where an exception names what it is from."""

MAX_TEXT_BYTES: Final = 64 * 1024
MAX_RULES: Final = 200
MAX_SAYING: Final = 300
_VERSION: Final = 16
"""Hexadecimal digits of a hash that name a rule set."""
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME: Final = 60
_KEYS: Final = frozenset({"name", "when", "then", "say"})


class RuleError(Exception):
    """A rule set cannot be accepted; the message names the rule and the word, ``column`` points at it.

    ``rule`` is the rule's name, or its place in the text ("rule 3") while it has none; ``column`` counts from 1
    within the condition and is None where the fault lies outside it. ``code`` is a stable word for the fault,
    ``values`` are what a sentence about it needs. ``table`` is the place of the rule's table (0 is the first) and
    ``part`` the part of it (name, when, then, say.ar, ...); None and "" where the whole text is meant.
    """

    def __init__(
        self,
        message: str,
        code: str,
        *,
        rule: str | None = None,
        part: str = "",
        column: int | None = None,
        values: Mapping[str, str | int] | None = None,
    ) -> None:
        super().__init__(message if rule is None else f"{rule}: {message}")
        self.code, self.rule, self.part, self.column = code, rule, part, column
        self.values = dict(values or {})
        self.table: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a condition over the facts, what it asks for, and what the person is shown."""

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

    @override
    def __reduce__(self) -> tuple[Callable[[str], "RuleSet"], tuple[str]]:
        """Travel to another process as text: what conditions are compiled to cannot."""
        return parse_rules, (self.text(),)

    @property
    def digest(self) -> str:
        """The whole hash, of which ``version`` is the beginning: two sets whose beginnings agree can be looked for."""
        return _digest(self.rules)

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
        an unknown one, or is not in the language of ``fraud.rules.conditions``. Nothing is kept of a faulty set.
    """
    rules, errors = read_all(text)
    if errors:
        raise errors[0]
    return RuleSet(_digest(rules)[:_VERSION], tuple(rules))


def read_all(text: str) -> tuple[list[Rule], list[RuleError]]:
    """Read every rule that can be read; return with them what is wrong with the others, in the order of the text."""
    try:
        tables = _tables(text)
    except RuleError as error:
        return [], [error]
    rules: dict[str, Rule] = {}
    errors = []
    for place, table in enumerate(tables):
        try:
            rule = _rule(table, f"rule {place + 1}", taken=rules)
        except RuleError as error:
            error.table = place
            errors.append(error)
        else:
            rules[rule.name] = rule
    return list(rules.values()), errors


def _tables(text: str) -> list[object]:
    if len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        most = MAX_TEXT_BYTES // 1024
        raise RuleError(f"the rule set is longer than {most} KiB", "set_too_long", values={"most": most})
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"the text cannot be read: {error}", "unreadable") from error
    except (RecursionError, ValueError):  # the latter for a number of more digits than Python reads
        raise RuleError("the text is too deeply nested, or has a number of thousands of digits", "unreadable") from None
    unknown = ", ".join(sorted(set(document) - {"rule"}))
    if unknown:
        message = f"unknown part: {unknown}; only [[rule]] is known"
        raise RuleError(message, "unknown_part", part=unknown.split(",")[0], values={"parts": unknown})
    tables = document.get("rule", [])
    if not isinstance(tables, list):
        raise RuleError("write [[rule]] with two brackets before each rule", "brackets")
    if len(tables) > MAX_RULES:
        raise RuleError(f"the set has more than {MAX_RULES} rules", "too_many_rules", values={"most": MAX_RULES})
    return tables


def default_rules() -> RuleSet:
    """Read the rule set that comes with the package."""
    return parse_rules(default_rules_source())


def default_rules_source() -> str:
    """Return the text of the rule set that comes with the package, to be kept as a first version."""
    return Path(__file__).with_name("default_rules.toml").read_text(encoding="utf-8")


def _rule(table: object, place: str, *, taken: Collection[str]) -> Rule:
    if not isinstance(table, Mapping):
        raise RuleError("a rule is a table with name, when, then and say", "no_table", rule=place)
    name = _text(table, "name", place)
    if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
        message = "a name is made of small Latin letters, digits and hyphens, as in many-on-one-phone"
        raise RuleError(message, "name_form", rule=place, part="name")
    if name in taken:
        raise RuleError("this name is used twice", "name_twice", rule=name, part="name")
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        parts = ", ".join(unknown)
        raise RuleError(f"unknown part: {parts}", "unknown_key", rule=name, part=unknown[0], values={"parts": parts})
    when = _text(table, "when", name)
    then = _text(table, "then", name)
    if then == "refuse":
        message = "a rule may not refuse: only hard facts do; write review"
        raise RuleError(message, "refuse", rule=name, part="then")
    if then not in {"challenge", "review"}:
        message = f"then must be challenge or review, not “{then}”"
        raise RuleError(message, "then", rule=name, part="then", values={"word": then})
    try:
        holds = compile_condition(when)
    except ConditionError as error:
        pointer = " " * (error.column - 1) + "^"
        message = f"{error}\n  {one_line(when)}\n  {pointer}"
        raise RuleError(message, error.code, rule=name, part="when", column=error.column, values=error.values) from None
    shown_as = "" if ELSEWHERE.isdisjoint(facts_in(when)) else f"score.{then}"
    return Rule(name, when, cast("Outcome", then), _reason(table, name, shown_as), holds)


def _reason(table: Mapping[str, object], name: str, shown_as: str) -> Reason:
    say = table.get("say")
    if not isinstance(say, Mapping) or set(say) != set(LANGUAGES):
        raise RuleError("say needs exactly two texts, ar and en", "say", rule=name, part="say")
    texts = {language: _text(say, language, name, within="say.").strip() for language in LANGUAGES}
    for language, words in texts.items():
        if not words or len(words) > MAX_SAYING:
            message, part = f"say.{language} must have 1 to {MAX_SAYING} characters", f"say.{language}"
            raise RuleError(message, "say_length", rule=name, part=part, values={"part": part, "most": MAX_SAYING})
    return Reason(f"rule.{name}", **texts, shown_as=shown_as)


def _text(table: Mapping[str, object], key: str, rule: str, *, within: str = "") -> str:
    value = table.get(key)
    if not isinstance(value, str):
        part, missing = within + key, value is None
        message = f"{key} is missing" if missing else f"{key} must be a text"
        raise RuleError(message, "missing_part" if missing else "no_text", rule=rule, part=part, values={"part": part})
    return value


def _quoted(words: str) -> str:
    """Write a TOML basic string: JSON's escapes are TOML's, except that TOML escapes DEL as well."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _digest(rules: Iterable[Rule]) -> str:
    content = [[rule.name, one_line(rule.when), rule.then, rule.reason.ar, rule.reason.en] for rule in rules]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.MULTILINE)
_AT: Final = re.compile(r"at line (\d+), column (\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a text of rules.

    ``code`` is the stable word of `fraud.rules.rule_set.RuleError`, ``values`` what a sentence about it needs, ``rule``
    the rule's name ("" for the text as a whole). ``line`` and ``column`` count from 1; 0 where the place is unknown.
    """

    code: str
    rule: str
    line: int
    column: int
    values: Mapping[str, str | int] = field(default_factory=dict)


def find_faults(text: str) -> list[Fault]:
    """List everything that keeps a text from being a rule set, in the order of the text; empty for a sound one.

    TOML that cannot be read gives one fault: what follows it cannot be judged.
    """
    text = text.replace("\r\n", "\n")
    return [_fault(text, error) for error in read_all(text)[1]]


def _fault(text: str, error: RuleError) -> Fault:
    line, column = _place(text, error)
    return Fault(error.code, error.rule or "", line, column, error.values)


def _place(text: str, error: RuleError) -> tuple[int, int]:
    if error.table is None:
        return _place_in_text(text, error)
    found = _table(text, error.table)
    if found is None:
        return 0, 0
    begin, end = found
    key = _key(text, error.part, begin, end)
    if key is None:
        return _line_and_column(text, begin)
    if error.column is not None:
        value = _value(text, key, end)
        return _line_and_column(text, key if value is None else value + error.column - 1)
    return _line_and_column(text, key)


def _place_in_text(text: str, error: RuleError) -> tuple[int, int]:
    at = _AT.search(str(error))
    if at:
        return int(at[1]), int(at[2])
    if error.code == "unreadable":  # tomllib names no place at the end of the text
        return _line_and_column(text, len(text))
    key = _key(text, error.part, 0, len(text))
    return (0, 0) if key is None else _line_and_column(text, key)


def _table(text: str, number: int) -> tuple[int, int] | None:
    """Return where a rule's table begins and ends.

    None where rules are not written as ``[[rule]]``; a saying may itself hold a line that looks like a header, so a
    place is an aid for the eye and nothing depends on it.
    """
    starts = [match.start() for match in _HEADER.finditer(text)]
    if number >= len(starts):
        return None
    return starts[number], (*starts, len(text))[number + 1]


def _key(text: str, part: str, begin: int, end: int) -> int | None:
    """Return where a part such as ``when`` or ``say.ar`` is written; ``say`` where the languages have no lines."""
    for name in (part, part.partition(".")[0]) if part else ():
        written = r"\s*\.\s*".join(rf"[\"']?{re.escape(word)}[\"']?" for word in name.split("."))
        match = re.compile(rf"^[ \t]*\[*[ \t]*({written})", re.MULTILINE).search(text, begin, end)
        if match:
            return match.start(1)
    return None


def _value(text: str, key: int, end: int) -> int | None:
    """Return where the words of a condition begin: its columns count from its first word on, without leading blanks."""
    match = re.compile(r"[^=\n]*=[ \t]*(\"\"\"|'''|\"|')\s*").match(text, key, end)
    return match.end() if match else None


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    offset = min(offset, len(text))
    begin = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - begin + 1
