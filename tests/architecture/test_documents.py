"""Every file, folder and name of the code that a document or a docstring names is there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.root import ROOT

pytestmark = pytest.mark.slow

PACKAGES = ("allocation", "api", "booking", "fraud", "tests")
CODE = (".py", ".html", ".css", ".js", ".sql", ".lua", ".ipynb", ".md", ".sh")
QUOTED = re.compile(r"`+([^`\n]+)`+")
LINKED = re.compile(r"\]\(([^)#\s]+)")
A_PATH = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
EXAMPLES = {"booking/country/packs/syria/services/municipal/library-card.toml", "preview/ar/library-card.html"}
"""Files that a reader makes."""
A_NAME = re.compile(rf"({'|'.join(PACKAGES)})(\.\w+)+")


@cache
def files() -> tuple[str, ...]:
    """All files of the project, without what is made from them."""
    found = (path.relative_to(ROOT) for top in ROOT.iterdir() if is_source(top) for path in (top, *top.rglob("*")))
    return tuple(str(path) for path in found if (ROOT / path).is_file() and "__pycache__" not in path.parts)


def is_source(top: Path) -> bool:
    return top.name[0] != "." and top.suffix != ".egg-info" and top.name not in {"reports", "build", "dist"}


@cache
def ends() -> frozenset[str]:
    """All paths of files and folders (with a slash behind), and every end of one that begins at a folder's name."""
    whole = {*files(), *(f"{parent}/" for name in files() for parent in Path(name).parents if parent.name)}
    return frozenset(
        "/".join(parts[first:]) for path in whole for parts in [path.split("/")] for first in range(len(parts))
    )


def documents() -> list[str]:
    return [name for name in files() if name.endswith(".md") and name != "CHANGELOG.md"]


def is_missing(word: str, document: Path) -> bool:
    """Tell whether a word is the path of a source file or folder of this project that is not there."""
    is_ours = word.endswith(CODE) or word.startswith(tuple(f"{package}/" for package in PACKAGES))
    if word in EXAMPLES or not is_ours or not A_PATH.fullmatch(word):
        return False
    return word not in ends() and f"{word}/" not in ends() and not (document.parent / word).exists()


@cache
def names_of(module: Path) -> frozenset[str]:
    """The names at the top of a module, and those in its classes."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.alias(name=name, asname=other):
                found.add(other or name)
            case _:
                pass
    return frozenset(found)


def is_unknown(name: str) -> bool:
    """Tell whether a dotted name is neither a module nor something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if module.exists() or path.is_dir():
            rest = parts[length:]
            return bool(rest) and not (module.exists() and rest[0] in names_of(module))
    return True


def docstrings() -> Iterator[tuple[str, str]]:
    """Every docstring of a file that has a backtick anywhere: nothing else quotes a name."""
    for name in files():
        if name.endswith(".py") and name.startswith(PACKAGES):
            source = (ROOT / name).read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(source)) if "`" in source else ():
                if (
                    isinstance(node, ast.Expr)
                    and isinstance(node.value, ast.Constant)
                    and isinstance(node.value.value, str)
                ):
                    yield name, node.value.value


@pytest.mark.parametrize("document", documents())
def test_a_document_names_only_existing_things(document):
    path = ROOT / document
    text = path.read_text(encoding="utf-8")
    linked = [link for link in LINKED.findall(text) if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in linked if not (path.parent / link).exists()] == []
    assert [word for word in QUOTED.findall(text) if is_missing(word, path)] == []
    assert [word for word in QUOTED.findall(text) if A_NAME.fullmatch(word) and is_unknown(word)] == []


def test_docstrings_name_only_existing_things():
    quoted = [(file, word) for file, text in docstrings() for word in QUOTED.findall(text)]
    unknown = [(file, word) for file, word in quoted if A_NAME.fullmatch(word) and is_unknown(word)]
    missing = [(file, word) for file, word in quoted if is_missing(word, ROOT / file)]

    assert len(quoted) > 100
    assert unknown + missing == []


def test_a_missing_name_is_noticed():
    assert is_missing("booking/no_such.py", ROOT / "README.md")
    assert is_unknown("booking.country.core.core.NoSuchName")
    assert not is_unknown("booking.country.core.core.Core.today")
