"""What differs between two rule sets, as steps that can be put into words: computed on what they say, not on text."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from fraud.facts import BY_NAME
from fraud.rules.conditions import facts_in, one_line
from fraud.rules.rule_set import Rule, RuleSet

What = Literal[
    "new", "gone", "renamed", "outcome", "bound", "needs_too", "needs_no_more", "or_too", "or_no_more", "when",
    "saying", "order",
]  # fmt: skip
Sign = Literal[">", ">=", "<", "<=", "==", "!="]
_SIGNS: Final[dict[type[ast.cmpop], Sign]] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_TURNED: Final[dict[Sign, Sign]] = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison of one fact with one number: ``people_on_phone_30d > 8``."""

    fact: str
    sign: Sign
    number: float


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``rule`` is the rule's name; "" where the order of the whole set changed.

    ``before`` and ``after`` are what ``what`` says: names (renamed), outcomes (outcome), conditions (when), parts of
    a condition (needs_too, ...), languages (saying, in ``after``) or bounds of one fact (bound).
    """

    what: What
    rule: str
    before: str | Bound = ""
    after: str | Bound = ""


def changes(before: RuleSet, after: RuleSet) -> list[Change]:
    """List what differs, in the order of the later set, and then what is gone; empty for equal sets."""
    old, new = {rule.name: rule for rule in before.rules}, {rule.name: rule for rule in after.rules}
    renamed = dict(_renamed(old, new))
    found: list[Change] = []
    for name, rule in new.items():
        if name in renamed:
            found.append(Change("renamed", name, renamed[name], name))
        elif name in old:
            found += _of_rule(old[name], rule)
        else:
            found.append(Change("new", name))
    found += [Change("gone", name) for name in old if name not in new and name not in renamed.values()]
    kept = [renamed.get(name, name) for name in new if renamed.get(name, name) in old]
    if kept != [name for name in old if name in kept]:
        found.append(Change("order", ""))
    return found


def _renamed(old: dict[str, Rule], new: dict[str, Rule]) -> Iterator[tuple[str, str]]:
    """Pair rules of which only the name changed: the new name with the old one."""
    gone = {name: _content(rule) for name, rule in old.items() if name not in new}
    for name, rule in new.items():
        was = next((other for other, content in gone.items() if content == _content(rule)), None)
        if name not in old and was is not None:
            del gone[was]
            yield name, was


def _content(rule: Rule) -> tuple[str, ...]:
    return one_line(rule.when), rule.then, rule.reason.ar, rule.reason.en


def _of_rule(old: Rule, new: Rule) -> list[Change]:
    found = []
    if old.then != new.then:
        found.append(Change("outcome", new.name, old.then, new.then))
    found += _of_condition(new.name, _parsed(old.when), _parsed(new.when))
    said = [language for language in ("ar", "en") if getattr(old.reason, language) != getattr(new.reason, language)]
    if said:
        found.append(Change("saying", new.name, "", " ".join(said)))
    return found


def _of_condition(name: str, old: ast.expr, new: ast.expr) -> list[Change]:
    if ast.dump(old) == ast.dump(new):
        return []
    joined: type[ast.boolop] = ast.Or if _is(old, ast.Or) and _is(new, ast.Or) else ast.And
    if joined is ast.And and (_is(old, ast.Or) or _is(new, ast.Or)):
        return [Change("when", name, ast.unparse(old), ast.unparse(new))]
    gone, come = _difference(_parts(old, joined), _parts(new, joined))
    if not gone and not come:  # the same parts in another order: the same rule
        return []
    found = list(_moved_bounds(name, gone, come))
    too, no_more = ("or_too", "or_no_more") if joined is ast.Or else ("needs_too", "needs_no_more")
    found += [Change(too, name, "", ast.unparse(part)) for part in come]  # type: ignore[arg-type] # two literals
    found += [Change(no_more, name, ast.unparse(part), "") for part in gone]  # type: ignore[arg-type]
    return found


def _moved_bounds(name: str, gone: list[ast.expr], come: list[ast.expr]) -> Iterator[Change]:
    """Pair comparisons of the same fact, and take the pairs out of both lists."""
    for part in list(come):
        now = _bound(part)
        was = next((other for other in gone if now and (b := _bound(other)) and b.fact == now.fact), None)
        before = _bound(was) if was is not None else None
        if now and before and was is not None:
            come.remove(part)
            gone.remove(was)
            yield Change("bound", name, before, now)


def _difference(old: list[ast.expr], new: list[ast.expr]) -> tuple[list[ast.expr], list[ast.expr]]:
    gone = list(old)
    come = []
    for part in new:
        same = next((other for other in gone if ast.dump(other) == ast.dump(part)), None)
        if same is None:
            come.append(part)
        else:
            gone.remove(same)
    return gone, come


def _parsed(when: str) -> ast.expr:
    return ast.parse(one_line(when), mode="eval").body


def _is(node: ast.expr, joined: type[ast.boolop]) -> bool:
    return isinstance(node, ast.BoolOp) and isinstance(node.op, joined)


def _parts(node: ast.expr, joined: type[ast.boolop]) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, joined):
        return [part for value in node.values for part in _parts(value, joined)]
    return [node]


def _bound(node: ast.expr) -> Bound | None:
    """Read ``fact > 8`` or ``8 < fact``; None for anything else."""
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1):
        return None
    sign, left, right = _SIGNS[type(node.ops[0])], node.left, node.comparators[0]
    if isinstance(right, ast.Name):
        left, right, sign = right, left, _TURNED[sign]
    number = _number(right)
    if not isinstance(left, ast.Name) or left.id not in BY_NAME or number is None:
        return None
    return Bound(left.id, sign, number)


def _number(node: ast.expr) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    return None


def facts_of(rules: Iterable[Rule]) -> list[str]:
    """Return the facts that the conditions of these rules use, in the order of the facts."""
    used = {name for rule in rules for name in facts_in(rule.when)}
    return [name for name in BY_NAME if name in used]
