"""Copies of the notebooks that are an analyst's own: made anew with a new version, never over what somebody changed."""

import json
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from booking.entrypoints.notebooks.article import Notebook, fingerprint, in_language, made_of, read_notebook, read_parts
from booking.platform.languages.language import Language


class Put(StrEnum):
    """What became of a copy: written, left as it is because nothing is new, or because somebody changed it."""

    WRITTEN = "written"
    SAME = "same"
    CHANGED = "changed"
    """Changed by hand; the program's own has not changed since."""
    CHANGED_AND_OLD = "changed and old"
    """Changed by hand, and made from an earlier text or code."""


def translated(path: Path, language: Language) -> Notebook:
    """Return a notebook in a language; its text is in the folder of the language beside it.

    Raises
    ------
    booking.entrypoints.notebooks.article.ArticleError
        The file of that text cannot be used.
    """
    parts = read_parts(path.parent / language.code / f"{path.stem}.md")
    return in_language(read_notebook(path), parts, language)


def put(copy: Notebook, path: Path) -> Put:
    """Write a copy, unless one is there that has the same cells or that somebody changed.

    What is there is replaced only where its cells are still the ones that this program wrote; outputs do not count.
    """
    if path.exists():
        made, as_made = _there(path)
        if not as_made:
            return Put.CHANGED if made == made_of(copy) else Put.CHANGED_AND_OLD
        if made == made_of(copy):
            return Put.SAME
    write(copy, path)
    return Put.WRITTEN


def write(copy: Notebook, path: Path) -> None:
    """Write a notebook at once, so that nobody opens half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8") as file:
        file.write(json.dumps(copy, indent=1, ensure_ascii=False) + "\n")
    Path(file.name).replace(path)


def _there(path: Path) -> tuple[str | None, bool]:
    """Return what the copy that is there was made from, and whether its cells are still those."""
    try:
        found: Any = read_notebook(path)
        made = made_of(found)
        return made, made == fingerprint(found["cells"])
    except (ValueError, TypeError, KeyError, AttributeError):  # somebody's file, of whatever form
        return None, False
