"""A notebook in its reader's language: the text from ``notebooks/<language>/<name>.md``, the code as it is.

That file has a part for each cell of text, below a line that names the cell and the English that was translated::

    <!-- coming-weeks 1f0c9a3e -->
    ## الأسابيع القادمة
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

from booking.platform.languages.language import SOURCE, WRITTEN, Language, directed

Notebook: TypeAlias = dict[str, Any]
_MARK: Final = re.compile(r"^<!-- ([\w-]+) ([0-9a-f]{8}) -->$", re.MULTILINE)
_OURS: Final = "mawid"


class ArticleError(Exception):
    """A file of translated text cannot be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one cell in another language; ``mark`` says which English it was made from."""

    text: str
    mark: str


def mark_of(english: str) -> str:
    """Return eight hexadecimal digits that change with a cell's English text."""
    return sha256(english.encode()).hexdigest()[:8]


def read_notebook(path: Path) -> Notebook:
    """Return a notebook as its file has it."""
    found: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return found


def source(cell: Mapping[str, Any]) -> str:
    """Return what stands in a cell."""
    return "".join(cell["source"])


def read_parts(path: Path) -> dict[str, Part]:
    """Return the translated parts by their cells' ids, in the order of the file; empty where there is no file.

    Raises
    ------
    ArticleError
        Something stands before the first mark, two parts are of one cell, or a part is empty.
    """
    if not path.is_file():
        return {}
    before, *rest = _MARK.split(path.read_text(encoding="utf-8"))
    parts: dict[str, Part] = {}
    for cell, mark, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if cell in parts or not text.strip():
            raise ArticleError(f"{path}: the part {cell} {'is there twice' if cell in parts else 'is empty'}")
        parts[cell] = Part(text.strip(), mark)
    if before.strip():
        raise ArticleError(f"{path}: a line such as <!-- {next(iter(parts), 'question')} 0123abcd --> comes first")
    return parts


def untranslated(notebook: Notebook, parts: Mapping[str, Part]) -> Iterator[tuple[str, str]]:
    """Yield id and English of each cell of text whose translation is missing, or was made from another English."""
    for cell in notebook["cells"]:
        english = source(cell)
        if cell["cell_type"] == "markdown" and not _is_of(parts.get(cell["id"]), english):
            yield cell["id"], english


def in_language(notebook: Notebook, parts: Mapping[str, Part], language: Language) -> Notebook:
    """Return a copy with a language's text, and figures and sentences in that language alone.

    A cell without a translation of its present English stays in English. All cells of code are there as they are; one
    more before them names the language.
    """
    cells = [_translated(cell, parts, language) for cell in notebook["cells"]]
    first = next((at for at, cell in enumerate(cells) if cell["cell_type"] == "code"), len(cells))
    cells.insert(first, _naming(language))
    metadata = {**notebook["metadata"], _OURS: {"language": language.code, "made": fingerprint(cells)}}
    return {**notebook, "metadata": metadata, "cells": cells}


def language_of(notebook: Mapping[str, Any]) -> str | None:
    """Return the language that a copy was made in; None of a notebook that is no copy."""
    return _about(notebook).get("language")


def made_of(notebook: Mapping[str, Any]) -> str | None:
    """Return the fingerprint that a copy's cells had when it was made."""
    return _about(notebook).get("made")


def fingerprint(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return what changes with the text or code of any cell, and not with outputs, ids or how lines are stored."""
    written = json.dumps([[cell["cell_type"], source(cell)] for cell in cells])
    return sha256(written.encode()).hexdigest()


def _about(notebook: Mapping[str, Any]) -> Mapping[str, str]:
    found = notebook["metadata"].get(_OURS)
    return found if isinstance(found, dict) else {}


def _is_of(part: Part | None, english: str) -> bool:
    return part is not None and part.mark == mark_of(english)


def _translated(cell: Mapping[str, Any], parts: Mapping[str, Part], language: Language) -> dict[str, Any]:
    part = parts.get(cell["id"])
    if cell["cell_type"] != "markdown" or language.code == SOURCE or part is None or not _is_of(part, source(cell)):
        return dict(cell)
    return {**cell, "source": directed(part.text, language.direction).splitlines(keepends=True)}


def _naming(language: Language) -> dict[str, Any]:
    code = f'from booking.entrypoints.notebooks import read_in\n\nread_in("{language.code}")'
    empty: dict[str, Any] = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "id": "language", **empty, "source": code.splitlines(keepends=True)}


_chosen: Final = list(WRITTEN)


def read_in(*codes: str) -> None:
    """Show what this kernel computes from now on in these languages, in this order.

    Raises
    ------
    ValueError
        None is named.
    """
    if not codes:
        raise ValueError("name a language, such as ar")
    _chosen[:] = codes


def languages_read() -> tuple[str, ...]:
    """Return the codes of the reader's languages: all that the project is written in, until one is chosen."""
    return tuple(_chosen)
