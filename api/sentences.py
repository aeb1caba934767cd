"""Every sentence that people read, where it is said, and who reads it: what a language's catalogues have to hold.

Sentences are found where they stand: in pages, refusals and templates, in notebooks, in notices, in reasons of the
gate, and in the country pack.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeAlias

from babel.messages.extract import extract
from pydantic import BaseModel

from booking.country.packs.fields import Words
from booking.country.packs.schema import Pack
from booking.people.calendars.writing import SAID
from booking.people.reaching.notice_text import AROUND, templates
from fraud.reasons import REASONS
from fraud.rules.rule_set import default_rules_source, parse_rules

Id: TypeAlias = str | tuple[str, str]
"""An English sentence; with its plural where it counts something."""
KEYWORDS: Final = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
_OPTIONS: Final = {"newstyle_gettext": "true", "extensions": "jinja2.ext.do"}
STAFF: Final = ("admin", "counter", "demo", "desk", "helpers", "staff", "workbench")
"""Folders of pages and templates that only staff and registered helpers open, and visitors of a demonstration."""
_OF_STAFF: Final = (
    *(
        "problems/" + name
        for name in ("hall.py", "helpers.py", "observers.py", "quotas.py", "rosters.py", "staff.py", "webhooks.py")
    ),
    *("problems/workbench.py", "event_words.py"),
    *("charts/", "health/", "pages/shared/staff", "pages/shared/rule", "templates/shared/staff", "catalogue_preview"),
    *("templates/components/side", "v1/documentation", "stand_in_register", "notebooks/"),
)
_BESIDE_STAFF: Final = ("pages/counter/hall.py", "pages/helpers/helped", "templates/helpers/helped")
"""The screen in the hall; where people whom a helper helped take over."""
_OF_EXPERTS: Final = ("design", "demo", "journalists", "plain_words", "preview", "tour")
"""Pages for people who build, show or study the service; they fall back sentence by sentence."""


@cache
def in_pages() -> Mapping[Id, frozenset[str]]:
    """Return each sentence of the web layer with the files that say it, as paths below `api`.

    Notebooks belong to it where they are, in a checkout: they say what they compute like pages do.
    """
    found: dict[Id, set[str]] = defaultdict(set)
    root = Path(str(resources.files("api")))
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html")]):
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        with path.open("rb") as file:
            for _, message, _, _ in extract(method, file, KEYWORDS, options=_OPTIONS):
                found[_id(message)].add(path.relative_to(root).as_posix())
    for path in sorted((root.parent / "notebooks").glob("*.ipynb")):
        for _, message, _, _ in extract("python", _code(path), KEYWORDS):
            found[_id(message)].add(f"notebooks/{path.name}")
    return {sentence: frozenset(files) for sentence, files in found.items()}


def _code(notebook: Path) -> BytesIO:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return BytesIO("\n\n".join(code).encode())


def for_citizens() -> Mapping[Id, frozenset[str]]:
    """Return the sentences of the web layer that citizens read, with all files that say them."""
    return {one: files for one, files in in_pages().items() if any(map(is_for_citizens, files))}


def is_for_citizens(file: str) -> bool:
    """Return whether what a file below `api` says is read by citizens."""
    if file.startswith(_BESIDE_STAFF):
        return True
    folders = file.split("/")
    if len(folders) > 2 and folders[1] in STAFF:  # noqa: PLR2004 - pages/<audience>/<page>
        return False
    return not file.startswith(_OF_STAFF) and not any(word in folders[-1] for word in _OF_EXPERTS)


def in_notices() -> Iterator[str]:
    """Yield what notices say, letters around them, and calendars."""
    for template in templates().values():
        for texts in (template.subject, template.sms, template.reply):
            if texts is not None:
                yield texts["en"]
    yield from (texts["en"] for texts in (*AROUND, *SAID))


def in_reasons() -> Iterator[str]:
    """Yield the gate's reasons as people are told them, and those of the rules that an installation starts with."""
    yield from (one.en for one in REASONS.values())
    yield from (rule.reason.en for rule in parse_rules(default_rules_source()).rules)


def in_pack(pack: Pack) -> Iterator[str]:
    """Yield every text of a country pack: names of services, offices and holidays, questions, hints.

    The dialogue of phones has languages of its own, and each text in all of them.
    """
    yield from _texts(pack.model_copy(update={"dialogue": None}))


def translatable(pack: Pack) -> Mapping[str, Mapping[Id, frozenset[str]]]:
    """Return all that a language has to say to citizens, by the part that says it."""
    parts = {"pages": for_citizens()}
    for name, found in (("notices", in_notices()), ("reasons", in_reasons()), ("pack", in_pack(pack))):
        known = set(chain.from_iterable(parts.values()))
        parts[name] = {one: frozenset[str]() for one in dict.fromkeys(found) if one not in known}
    return parts


def _id(message: Any) -> Id:
    if not isinstance(message, tuple):
        return str(message)
    one, *many = (part for part in message if part)
    return (one, many[0]) if many else str(one)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Words):
        yield value["en"]
    elif isinstance(value, BaseModel):
        for _, inside in value:
            yield from _texts(inside)
    elif isinstance(value, tuple):
        for inside in value:
            yield from _texts(inside)
