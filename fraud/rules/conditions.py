"""Conditions of rules: a small, safe language over the facts, compiled to closures.

Text that analysts write is never run. It is read into Python's syntax tree, each node must be on a short list,
each name must be a fact and each operand must have the right type; then the tree becomes nested closures.
"""

import ast
import difflib
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from fraud.facts import BY_NAME, Facts

Condition = Callable[[Facts], bool]
Term = Callable[[Facts], bool | int | float]
Type = Literal["flag", "number"]

MAX_CHARACTERS: Final = 500
MAX_NODES: Final = 80
MAX_DEPTH: Final = 12
MAX_DIGITS: Final = 12

_TOKEN = re.compile(
    r"(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[<>=!]=|[<>+\-*()])|(?P<gap>\s+)"
)
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


class ConditionError(Exception):
    """A condition cannot be accepted; ``column`` (from 1) points at the word that is to blame.

    ``code`` is a stable word for the fault and ``values`` what a sentence about it needs: pages say it in the reader's
    language.
    """

    def __init__(self, message: str, column: int, code: str, **values: str | int) -> None:
        super().__init__(f"{message} (column {column})")
        self.column, self.code, self.values = column, code, values


def compile_condition(text: str) -> Condition:
    """Turn the text of a condition into a function of the facts.

    Raises
    ------
    ConditionError
        The text is too long, too nested, uses anything but facts, numbers, ``+ - *``, comparisons, ``and``, ``or``,
        ``not`` and brackets, or mixes flags with numbers.
    """
    flat = one_line(text)
    _check_words(flat)
    try:
        tree = ast.parse(flat, mode="eval")
    except SyntaxError as error:
        offset = error.offset or len(flat) + 1
        raise ConditionError("this is not a complete condition", offset, "incomplete") from None
    except (ValueError, MemoryError, RecursionError):
        raise ConditionError("the condition is too deeply nested", 1, "too_deep", most=MAX_DEPTH) from None
    compiler = _Compiler()
    term, type_ = compiler.term(tree.body, depth=1)
    if type_ != "flag":
        message, column = "the condition is a number; compare it with something", tree.body.col_offset + 1
        raise ConditionError(message, column, "number_alone", word=ast.unparse(tree.body))
    if not compiler.names:
        raise ConditionError("the condition names no fact, so it would always give the same answer", 1, "no_fact")
    return lambda facts: bool(term(facts))


def one_line(text: str) -> str:
    """Return the condition as columns count it: on one line, without blanks at its ends."""
    return "".join(" " if character.isspace() else character for character in text).strip()


def facts_in(condition: str) -> set[str]:
    """Return the facts that a condition names; it was compiled before."""
    return {node.id for node in ast.walk(ast.parse(one_line(condition), mode="eval")) if isinstance(node, ast.Name)}


def _check_words(flat: str) -> None:
    """Refuse what is too long, or holds anything but words, numbers and the known signs."""
    if not flat:
        raise ConditionError("the condition is empty", 1, "empty")
    if len(flat) > MAX_CHARACTERS:
        message = f"the condition is longer than {MAX_CHARACTERS} characters"
        raise ConditionError(message, MAX_CHARACTERS + 1, "too_long", most=MAX_CHARACTERS)
    position, previous, nesting = 0, "gap", 0
    while position < len(flat):
        match = _TOKEN.match(flat, position)
        if match is None:
            character = flat[position]
            message = f"“{character}” is not allowed in a condition"
            raise ConditionError(message, position + 1, "character", character=character)
        kind = match.lastgroup or "gap"
        if kind == "word" and previous == "number":
            message = f"“{match[0]}” touches the number before it"
            raise ConditionError(message, position + 1, "touching", word=match[0])
        if kind == "number" and len(match[0]) > MAX_DIGITS:
            message = f"the number is longer than {MAX_DIGITS} digits"
            raise ConditionError(message, position + 1, "long_number", most=MAX_DIGITS)
        nesting += (match[0] == "(") - (match[0] == ")")
        if nesting > MAX_DEPTH:
            message = f"brackets are nested more than {MAX_DEPTH} deep"
            raise ConditionError(message, position + 1, "too_deep", most=MAX_DEPTH)
        previous, position = kind, match.end()


@dataclass
class _Compiler:
    """One walk over the syntax tree: counts nodes, checks types, builds closures."""

    nodes: int = 0
    names: set[str] = field(default_factory=set)

    def term(self, node: ast.expr, depth: int) -> tuple[Term, Type]:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            message = f"the condition has more than {MAX_NODES} parts"
            raise ConditionError(message, node.col_offset + 1, "too_many_parts", most=MAX_NODES)
        if depth > MAX_DEPTH:
            message = f"the condition is nested more than {MAX_DEPTH} deep"
            raise ConditionError(message, node.col_offset + 1, "too_deep", most=MAX_DEPTH)
        match node:
            case ast.BoolOp():
                return self._all_or_any(node, depth)
            case ast.UnaryOp():
                return self._unary(node, depth)
            case ast.Compare():
                return self._compare(node, depth)
            case ast.BinOp():
                return self._arithmetic(node, depth)
            case ast.Name():
                return self._fact(node)
            case ast.Constant():
                return self._constant(node)
            case _:
                message = f"{_plain_name(node)} is not allowed in a condition"
                raise ConditionError(message, node.col_offset + 1, "not_allowed")

    def _typed(self, node: ast.expr, depth: int, wanted: Type) -> Term:
        term, type_ = self.term(node, depth)
        if type_ != wanted:
            word = ast.unparse(node)
            message = (
                f"“{word}” is a number; compare it with something, as in {word} > 3"
                if wanted == "flag"
                else f"“{word}” is true or false, not a number; write “{word}” or “not {word}”"
            )
            code = "number_alone" if wanted == "flag" else "flag_as_number"
            raise ConditionError(message, node.col_offset + 1, code, word=word)
        return term

    def _all_or_any(self, node: ast.BoolOp, depth: int) -> tuple[Term, Type]:
        terms = tuple(self._typed(value, depth + 1, "flag") for value in node.values)
        if isinstance(node.op, ast.And):
            return (lambda facts: all(term(facts) for term in terms)), "flag"
        return (lambda facts: any(term(facts) for term in terms)), "flag"

    def _unary(self, node: ast.UnaryOp, depth: int) -> tuple[Term, Type]:
        if isinstance(node.op, ast.Not):
            inner = self._typed(node.operand, depth + 1, "flag")
            return (lambda facts: not inner(facts)), "flag"
        if isinstance(node.op, ast.USub):
            number = self._typed(node.operand, depth + 1, "number")
            return (lambda facts: -number(facts)), "number"
        raise ConditionError("a sign before a number may only be -", node.col_offset + 1, "not_allowed")

    def _compare(self, node: ast.Compare, depth: int) -> tuple[Term, Type]:
        terms = [self._typed(part, depth + 1, "number") for part in (node.left, *node.comparators)]
        steps = []
        for sign, left, right in zip(node.ops, terms, terms[1:], strict=False):
            compare = _COMPARISONS.get(type(sign))
            if compare is None:
                raise ConditionError("only > >= < <= == != may compare", node.left.col_offset + 1, "not_allowed")
            steps.append((left, compare, right))
        if len(steps) == 1:
            left, compare, right = steps[0]
            return (lambda facts: compare(left(facts), right(facts))), "flag"
        return (lambda facts: all(compare(left(facts), right(facts)) for left, compare, right in steps)), "flag"

    def _arithmetic(self, node: ast.BinOp, depth: int) -> tuple[Term, Type]:
        work = _ARITHMETIC.get(type(node.op))
        if work is None:
            raise ConditionError("only + - * may join numbers", node.left.col_offset + 1, "not_allowed")
        left = self._typed(node.left, depth + 1, "number")
        right = self._typed(node.right, depth + 1, "number")
        return (lambda facts: work(left(facts), right(facts))), "number"

    def _fact(self, node: ast.Name) -> tuple[Term, Type]:
        fact = BY_NAME.get(node.id)
        if fact is None:
            near = difflib.get_close_matches(node.id, BY_NAME, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            message, code = f"“{node.id}” is not a fact{hint}", "unknown_fact_near" if near else "unknown_fact"
            raise ConditionError(message, node.col_offset + 1, code, word=node.id, near="".join(near))
        self.names.add(node.id)
        return operator.attrgetter(node.id), "flag" if fact.kind == "flag" else "number"

    def _constant(self, node: ast.Constant) -> tuple[Term, Type]:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConditionError(f"“{value!r}” is not a number", node.col_offset + 1, "not_number", word=repr(value))
        return (lambda _: value), "number"


def _plain_name(node: ast.expr) -> str:
    names = {
        ast.Call: "calling something",
        ast.Attribute: "a dot between names",
        ast.Subscript: "[ ]",
        ast.Lambda: "lambda",
        ast.IfExp: "if … else",
        ast.Tuple: "a list",
        ast.Await: "await",
        ast.GeneratorExp: "for",
        ast.Yield: "yield",
    }
    return names.get(type(node), type(node).__name__)
