"""Takes out of templates what is only layout, once, when they are compiled: they are written to be read.

Does what of a page is the same each time when its templates are compiled, not each time that it is filled.

That is the sentences of a language, and the parts that pages share where these need nothing of the page that uses them.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, cast

from jinja2 import BaseLoader, Environment, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.meta import find_undeclared_variables
from jinja2.visitor import NodeTransformer
from typing_extensions import override

from api.i18n import Words

_BLOCKS: Final = (
    "html head body title meta link script header nav main section aside footer div p h1 h2 h3 h4 h5 h6 ul ol li dl dt "
    "dd table thead tbody tr th td caption form fieldset legend optgroup option details summary figure figcaption "
    "blockquote pre br template"
).replace(" ", "|")
_SPACE: Final = re.compile(r"\s+")
_BEFORE_BLOCK: Final = re.compile(rf"\s+(?=</?(?:{_BLOCKS})\b)")
_AFTER_BLOCK: Final = re.compile(rf"(</?(?:{_BLOCKS})\b[^<>]*>)\s+")
_BLOCK_BEGINS: Final = re.compile(rf"\s*</?(?:{_BLOCKS})\b")
_BLOCK_ENDS: Final = re.compile(rf"</?(?:{_BLOCKS})\b[^<>]*>\s*\Z")
_KEPT: Final = re.compile(r"<(pre|textarea|blockquote)\b")
"""Elements in which white space is shown as it is written; see `white-space` in `api/static`."""
_SILENT: Final = frozenset({"set", "do"})


class WithoutLayout(Extension):
    """Leaves one space where white space may be seen, and none beside the edges of blocks.

    The lines of a template keep their numbers in tracebacks. What expressions give is never touched.
    """

    @override
    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Return the tokens of a template, its text without layout."""
        tokens = list(stream)
        shortened = _Template(tokens).without_layout()
        return [Token(one.lineno, "data", shortened[at]) if at in shortened else one for at, one in enumerate(tokens)]


class _Template:
    """A template as its texts and, between them, the names of its statements; "" stands for an expression."""

    def __init__(self, tokens: list[Token]) -> None:
        self._parts = [
            (at, "data" if one.type == "data" else str(tokens[at + 1].value) if one.type == "block_begin" else "")
            for at, one in enumerate(tokens)
            if one.type in {"data", "block_begin", "variable_begin"}
        ]
        self._texts = {at: str(tokens[at].value) for at, name in self._parts if name == "data"}
        self._begins, self._ends = self._nesting()

    def _nesting(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return for each `elif` and `else` the `if` before which it stands, and the `endif` after it."""
        begins: dict[int, int] = {}
        ends: dict[int, int] = {}
        open_ones: list[list[int]] = []
        for number, (_, name) in enumerate(self._parts):
            if name in {"if", "for"}:
                open_ones.append([number])
            elif name in {"elif", "else"}:
                open_ones[-1].append(number)
            elif name in {"endif", "endfor"}:
                first, *others = open_ones.pop()
                if name == "endif":
                    begins |= dict.fromkeys(others, first)
                    ends |= dict.fromkeys(others, number)
        return begins, ends

    def without_layout(self) -> dict[int, str]:
        """Return the text of each token that has some."""
        kept = ""
        done = {}
        for number, (at, name) in enumerate(self._parts):
            if name != "data":
                continue
            text, begins_kept = self._texts[at], kept
            text, kept = _without_layout(text, kept)
            if not begins_kept and self._after_block(number):
                text = text.lstrip()
            if not kept and self._before_block(number):
                text = text.rstrip()
            done[at] = text
        return done

    def _after_block(self, number: int) -> bool:
        """Return whether whatever leads to a text ends with the edge of a block."""
        number -= 1
        while number >= 0:
            at, name = self._parts[number]
            if name == "data" and self._texts[at].strip():
                return bool(_BLOCK_ENDS.search(self._texts[at]))
            if name in {"data", "if"} | _SILENT:
                number -= 1
            elif number in self._begins:
                number = self._begins[number] - 1
            else:
                return False
        return False

    def _before_block(self, number: int) -> bool:
        """Return whether whatever follows a text begins with the edge of a block."""
        number += 1
        while number < len(self._parts):
            at, name = self._parts[number]
            if name == "data" and self._texts[at].strip():
                return bool(_BLOCK_BEGINS.match(self._texts[at]))
            if name in {"data", "endif"} | _SILENT:
                number += 1
            elif number in self._ends:
                number = self._ends[number] + 1
            else:
                return False
        return False


def _without_layout(text: str, kept: str) -> tuple[str, str]:
    """Return a text without layout, and the element that it ends in if that keeps its white space."""
    done = []
    while text:
        if kept:
            inside, end, text = text.partition(f"</{kept}>")
            done.append(inside + end)
            kept = "" if end else kept
        else:
            found = _KEPT.search(text)
            outside = text[: found.end()] if found else text
            done.append(_AFTER_BLOCK.sub(r"\1", _BEFORE_BLOCK.sub("", _SPACE.sub(" ", outside))))
            text = text[len(outside) :]
            kept = found[1] if found else ""
    return "".join(done), kept


class Translated(Environment):
    """Templates of one language: each ``_("…")`` stands in them as the sentence that it means.

    ``from … import … with context`` makes the whole module again, for each page that is filled: where its macros use
    nothing but what they are called with, it is made once.
    """

    def __init__(self, words: Words, **options: Any) -> None:
        super().__init__(**options)
        self._known = _Known(self, words)
        self._alone: dict[str, bool] = {}

    def stands_alone(self, name: str) -> bool:
        """Return whether a template with macros uses nothing of the page that imports them."""
        if name not in self._alone:
            source, _, _ = cast("BaseLoader", self.loader).get_source(self, name)
            parsed = self._parse(source, name, None)
            needy = any(one.with_context for one in parsed.find_all(nodes.FromImport))
            needy = needy or parsed.find(nodes.Import) is not None or parsed.find(nodes.Include) is not None
            self._alone[name] = not needy and find_undeclared_variables(parsed) <= self.globals.keys()
        return self._alone[name]

    @override
    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = self._known.visit(super()._parse(source, name, filename))
        return parsed


class _Known(NodeTransformer):
    """Puts in what is known: sentences, and what they are filled with is escaped as before; imports without a page."""

    def __init__(self, environment: Translated, words: Words) -> None:
        self._environment, self._words = environment, words

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.Node:  # noqa: N802 - jinja2's name
        """Return the import, without the page where it needs nothing of it."""
        if isinstance(node.template, nodes.Const):
            node.with_context = node.with_context and not self._environment.stands_alone(node.template.value)
        return node

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802 - jinja2's name
        """Return the sentence, filled with what the call gives it."""
        self.generic_visit(node, *args, **kwargs)
        is_known = isinstance(node.node, nodes.Name) and node.node.name == "_" and len(node.args) == 1
        if not is_known or not isinstance(node.args[0], nodes.Const) or node.dyn_args or node.dyn_kwargs:
            return node
        sentence = self._words.gettext(node.args[0].value)
        pairs = [nodes.Pair(nodes.Const(one.key), one.value) for one in node.kwargs]
        if not pairs:
            return nodes.MarkSafe(nodes.Const(sentence % {}), lineno=node.lineno)
        return nodes.Mod(nodes.MarkSafe(nodes.Const(sentence)), nodes.Dict(pairs), lineno=node.lineno)
