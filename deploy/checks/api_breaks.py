"""Which changes of an OpenAPI 3.1 document break programs that were made for the one before.

    python deploy/checks/api_breaks.py write FILE                 the document of this version
    python deploy/checks/api_breaks.py compare OLD NEW [ALLOWED]  ends with 1 where something breaks

What a program sends may be taken more widely and never more narrowly; what it is given may say more and never less, nor
anything that it cannot know. Refusals are not compared: a program must expect codes that are new to it.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

Json = Mapping[str, Any]
SENT, GIVEN = "sent", "given"
_NAME: Final = "x-name"
_METHODS: Final = ("get", "put", "post", "patch", "delete", "head", "options")
_SMALLEST: Final = ("minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties")
_LARGEST: Final = ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties")


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """Where a program breaks, as method and path and what in them, and by what."""

    where: str
    what: str


class Comparison:
    """Finds breaks between two documents, on a day after which announced ends have come."""

    def __init__(self, old: Json, new: Json, *, today: date) -> None:
        self._old, self._new, self._today = old, new, today
        self._known: dict[tuple[Any, ...], list[Break]] = {}

    def breaks(self) -> list[Break]:
        """Return every break once, in order."""
        new = {_shape(path): calls for path, calls in self._new["paths"].items()}
        found = set[Break]()
        for path, calls in self._old["paths"].items():
            for method in _METHODS:
                if method in calls:
                    where = f"{method.upper()} {path}"
                    found.update(self._call(where, calls[method], new.get(_shape(path), {}).get(method)))
        return sorted(found)

    def _call(self, where: str, old: Json, new: Json | None) -> Iterator[Break]:
        if new is None:
            if not self._has_ended(old):
                yield Break(where, "is gone")
            return
        if old.get("operationId") != new.get("operationId"):
            yield Break(where, f"is called {new.get('operationId')} in programs, and was {old.get('operationId')}")
        if new.get("security") and not old.get("security"):
            yield Break(where, "needs a token now")
        yield from self._parameters(where, old.get("parameters", []), new.get("parameters", []))
        yield from self._body(f"{where} body", old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status.startswith("2"):
                yield from self._answer(f"{where} {status}", answer, new["responses"].get(status))

    def _has_ended(self, old: Json) -> bool:
        """Return whether the end that was announced in the document before has come."""
        ends = old.get("x-sunset")
        return bool(old.get("deprecated") and ends and date.fromisoformat(ends) <= self._today)

    def _parameters(self, where: str, old: list[Json], new: list[Json]) -> Iterator[Break]:
        before, after = _by_place(old), _by_place(new)
        for place, one in before.items():
            named = f"{where} {one['in']} {one['name']}"
            if place not in after:
                yield Break(named, "is not taken any more")
                continue
            if after[place].get("required") and not one.get("required"):
                yield Break(named, "is required now")
            yield from self._schema(named, one.get("schema", {}), after[place].get("schema", {}), SENT)
        for place in after.keys() - before.keys():
            if after[place].get("required"):
                yield Break(f"{where} {after[place]['in']} {after[place]['name']}", "is new and required")

    def _body(self, where: str, old: Json | None, new: Json | None) -> Iterator[Break]:
        if new is None:
            if old is not None:
                yield Break(where, "is not taken any more")
        elif new.get("required") and not (old or {}).get("required"):
            yield Break(where, "is required now")
        if old is not None and new is not None:
            yield from self._content(where, old["content"], new["content"], SENT)

    def _answer(self, where: str, old: Json, new: Json | None) -> Iterator[Break]:
        if new is None:
            yield Break(where, "is not answered any more")
        else:
            yield from self._content(where, old.get("content", {}), new.get("content", {}), GIVEN)

    def _content(self, where: str, old: Json, new: Json, way: str) -> Iterator[Break]:
        for kind, content in old.items():
            if kind not in new:
                yield Break(where, f"is not {kind} any more")
            else:
                yield from self._schema(where, content.get("schema", {}), new[kind].get("schema", {}), way)

    def _schema(self, where: str, old: Json, new: Json, way: str) -> Iterator[Break]:
        # Each alternative on this side must be one of the other: what programs send, or what they are given.
        before, after = _alternatives(self._old, old), _alternatives(self._new, new)
        asked, offered = (before, after) if way is SENT else (after, before)
        for one in asked:
            pairs = [(one, other) if way is SENT else (other, one) for other in offered]
            found = [self._named(where, *pair, way) for pair in pairs]
            if all(found):
                alike = [each for each, pair in zip(found, pairs, strict=True) if _kind(pair[0]) == _kind(pair[1])]
                yield from min(alike or found, key=len)

    def _named(self, where: str, old: Json, new: Json, way: str) -> list[Break]:
        """Return what breaks between two alternatives; two with names are looked at once, under their own name."""
        names = old.get(_NAME), new.get(_NAME)
        if None in names:
            return list(self._variant(where, old, new, way))
        key = (*names, way)
        if key not in self._known:
            self._known[key] = []  # where it holds itself, what is inside is told once
            self._known[key] = list(self._variant(f"{names[0]} ({way})", old, new, way))
        return self._known[key]

    def _variant(self, where: str, old: Json, new: Json, way: str) -> Iterator[Break]:
        narrow, wide = (old, new) if way is SENT else (new, old)
        if _kind(wide) and not (_kind(narrow) == _kind(wide) or (_kind(narrow), _kind(wide)) == ("integer", "number")):
            yield Break(where, f"is {_kind(new) or 'anything'} now, and was {_kind(old) or 'anything'}")
            return
        yield from _words(where, old, new, way)
        if wide.get("format") and narrow.get("format") != wide.get("format"):
            yield Break(where, f"has the format {new.get('format')} now, and had {old.get('format')}")
        if way is SENT:
            yield from _bounds(where, old, new)
        yield from self._object(where, old, new, way)
        for name in ("items", "additionalProperties"):
            if isinstance(old.get(name), dict) and isinstance(new.get(name), dict):
                yield from self._schema(f"{where}[]", old[name], new[name], way)

    def _object(self, where: str, old: Json, new: Json, way: str) -> Iterator[Break]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required, must = set(old.get("required", ())), set(new.get("required", ()))
        for name, schema in before.items():
            inside = f"{where}.{name}"
            if name in after:
                yield from self._schema(inside, schema, after[name], way)
            elif way is GIVEN:
                yield Break(inside, "is not given any more")
            elif new.get("additionalProperties") is False:
                yield Break(inside, "is not taken any more")
        for name in sorted(must - required if way is SENT else required & after.keys() - must):
            yield Break(f"{where}.{name}", "is required now" if way is SENT else "may be missing now")


def _alternatives(document: Json, schema: Json) -> list[Json]:
    """Return what a schema may be, each a schema of one type, with the name that it has in the document as `_NAME`."""
    named: dict[str, str] = {}
    while "$ref" in schema:
        named = {_NAME: schema["$ref"].rpartition("/")[2]}
        schema = document["components"]["schemas"][named[_NAME]]
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        return list(chain.from_iterable(_alternatives(document, one) for one in several))
    if "allOf" in schema:
        parts = [part for one in schema["allOf"] for part in _alternatives(document, one)]
        whole: dict[str, Any] = {key: value for part in parts for key, value in part.items()}
        whole["properties"] = {name: one for part in parts for name, one in part.get("properties", {}).items()}
        whole["required"] = [name for part in parts for name in part.get("required", ())]
        return [whole | named]
    kinds = schema.get("type")
    return [{**schema, **named, "type": one} for one in (kinds if isinstance(kinds, list) else [kinds or ""])]


def _words(where: str, old: Json, new: Json, way: str) -> Iterator[Break]:
    before, after = _known_words(old), _known_words(new)
    narrow, wide = (before, after) if way is SENT else (after, before)
    if wide is None:
        return
    if narrow is None:
        yield Break(where, "takes only some words now" if way is SENT else "says any word now")
        return
    for word in sorted(narrow - wide):
        yield Break(where, f"does not take {word} any more" if way is SENT else f"says {word} now")


def _known_words(schema: Json) -> set[str] | None:
    words = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return None if words is None else {json.dumps(one, ensure_ascii=False) for one in words}


def _bounds(where: str, old: Json, new: Json) -> Iterator[Break]:
    for name in (*_SMALLEST, *_LARGEST):
        bound, before = new.get(name), old.get(name)
        if bound is not None and (before is None or (bound > before if name in _SMALLEST else bound < before)):
            yield Break(where, f"has {name} {bound} now, and had {before}")
    if new.get("pattern") and new["pattern"] != old.get("pattern"):
        yield Break(where, f"must match {new['pattern']} now")


def _kind(schema: Json) -> str:
    """Return a schema's type, also where only its words say it; "" where it may be of any."""
    named = schema.get("type", "")
    if not named and "const" in schema:
        return {str: "string", bool: "boolean", int: "integer", type(None): "null"}.get(type(schema["const"]), "")
    return str(named)


def _shape(path: str) -> str:
    """Return a path without the names of its parameters, which are nobody's business but ours."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _by_place(parameters: Iterable[Json]) -> dict[tuple[str, str], Json]:
    """Return parameters by where they stand: by name, those in a path by their order."""
    numbers = iter(range(len(list(parameters))))
    return {(one["in"], str(next(numbers)) if one["in"] == "path" else one["name"].lower()): one for one in parameters}


def breaks_between(old: Json, new: Json, *, today: date) -> list[Break]:
    """Return what breaks programs that were made for ``old`` when ``new`` comes; see `Comparison`."""
    return Comparison(old, new, today=today).breaks()


def read_allowed(path: Path) -> list[Break]:
    """Read the breaks that were decided on, each with its reason."""
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("allowed", [])
    return [Break(row["where"], row["what"]) for row in rows if row["because"].strip()]


def document_of_this_version() -> Json:
    """Return the API's document as the code beside this file makes it."""
    from api.main import declared_routes  # noqa: PLC0415 - comparing needs nothing of the application
    from api.v1.documentation import make_document  # noqa: PLC0415

    return make_document(declared_routes())


def main(arguments: list[str]) -> int:
    """Write or compare, as the words of the command line say; return the exit status."""
    match arguments:
        case ["write", path]:
            text = json.dumps(document_of_this_version(), ensure_ascii=False, indent=1, sort_keys=True)
            Path(path).write_text(text + "\n", encoding="utf-8")
            return 0
        case ["compare", old, new, *allowed]:
            known = set(chain.from_iterable(read_allowed(Path(one)) for one in allowed))
            documents = [json.loads(Path(one).read_text(encoding="utf-8")) for one in (old, new)]
            found = [one for one in breaks_between(*documents, today=datetime.now(UTC).date()) if one not in known]  # noqa: TID251
            for one in found:
                sys.stdout.write(f"{one.where}: {one.what}\n")
            return 1 if found else 0
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
