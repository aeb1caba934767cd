"""Does what of a page is the same each time when its templates are compiled, not each time that it is filled.

That is the sentences of a language, and the parts that pages share where these need nothing of the page that uses them.
"""

from typing import Any, cast

from jinja2 import BaseLoader, Environment, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.visitor import NodeTransformer
from typing_extensions import override

from api.i18n import Words


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
