"""The house: how large its rooms are, what imports what, and what is written twice.

Usage: python -P benchmarks/structure.py [FOLDER [same | alike]]   (a checkout of any age; this one unless told)

One table, or with the second word the pairs of places that share twelve lines.

Source files are read, and none is run. Every import counts, those in functions and under ``TYPE_CHECKING`` too.

- An *entry* is a folder or a file beside its siblings in one folder. One file that imports another one is an arrow
  between the two siblings that hold them, whatever the depth; what ``pkg/__init__.py`` passes on from below is none.
- A *knot* is a set of entries each of which leads to all others of the set; a *circle* is the same of files.
- *Arrows that run back* point up in the order of Eades, Lin and Smyth (1993): none where there is no knot, else a bound
  from above on the least number that any order leaves.
- A *pair* is two places that share a run of twelve lines. Blank lines, imports, docstrings, comments and lines
  without a word are passed over, white space is folded. *Same* is every character, in templates, scripts and style
  sheets too; *alike* is every token but for names, texts and numbers, in Python's functions. A run that stands in more
  than eight places is a shape of the house and no pair.
"""

import ast
import io
import keyword
import re
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).parents[1]
PACKAGES = ("allocation", "api", "booking", "fraud")
WRITTEN = (".py", ".html", ".js", ".css")
RUN = 12
COMMON = 8

Arrows = Counter[tuple[str, str]]
Line = tuple[int, str]


def main() -> None:
    """Print one table."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT).resolve()
    if len(sys.argv) > 2:
        print(*pairs(root, sources(root), READERS[sys.argv[2]]), sep="\n")
        return
    columns = {package: figures(root, [package]) for package in PACKAGES} | {"together": figures(root, PACKAGES)}
    print(f"{'':42}" + "".join(f"{name:>17}" for name in columns))
    for name in columns["together"]:
        print(f"{name:42}" + "".join(f"{column[name]:>17}" for column in columns.values()))


def figures(root: Path, packages: Sequence[str]) -> dict[str, str]:
    """Measure one package, or several as one."""
    files = [file for file in sources(root, packages) if file.suffix == ".py"]
    trees = {file: _tree(file) for file in files}
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, FUNCTION)]
    public = [function for tree in trees.values() for function in public_functions(tree)]
    folders = Counter(file.parent for file in files)
    arrows = imports(root, trees)
    beside = Arrows()
    for (importer, imported), count in arrows.items():
        beside.update(dict.fromkeys(entries(importer, imported), count))
    top = {".".join(step.split(".")[:2]) for step in map(partial(module, root), files)}
    return {
        "files": f"{len(files):,}",
        "files loose in its own folder": f"{sum(folders[root / package] for package in packages)}",
        "files a folder: average, most": f"{len(files) / len(folders):.1f}, {max(folders.values())}",
        "subjects and loose files in a knot, of all": f"{max(knots(_between(beside, 2)), default=0)} of {len(top)}",
        "entries in knots further down": f"{sum(knots(beside)) - sum(knots(_between(beside, 2)))}",
        "files in circles": f"{sum(knots(arrows))}",
        "arrows that run back, of all": f"{running_back(beside):,} of {beside.total():,}",
        "lines a file: median, 90 %, longest": spread(len(_text(file)) for file in files),
        "lines a function: median, 90 %, longest": spread(_length(function) for function in functions),
        "public functions with a docstring": f"{np.mean([ast.get_docstring(one) is not None for one in public]):.1%}",
    } | {f"pairs of 12 lines, {how}": f"{len(pairs(root, sources(root, packages), READERS[how])):,}" for how in READERS}


def sources(root: Path, packages: Sequence[str] = PACKAGES) -> list[Path]:
    """Return what is written in packages: Python files that are not empty, templates, scripts and style sheets."""
    found = (file for package in packages for file in sorted((root / package).rglob("*")))
    return [file for file in found if file.suffix in WRITTEN and file.stat().st_size]


def spread(values: Iterable[int]) -> str:
    """Write the median, the value that nine of ten do not exceed, and the largest one."""
    found = np.fromiter(values, dtype=int)
    return f"{np.median(found):.0f}, {np.quantile(found, 0.9):.0f}, {found.max()}"


# --- functions ---

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def public_functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions of a module and the methods of its classes whose names begin with no underscore."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTION, ast.ClassDef)) and not child.name.startswith("_"):
            if isinstance(child, ast.ClassDef):
                yield from public_functions(child)
            else:
                yield child


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's lines without its decorators and its docstring."""
    said = ast.get_docstring(function) is not None
    return len(_lines(function)) - (len(_lines(function.body[0])) if said else 0)


# --- imports ---


def module(root: Path, file: Path) -> str:
    """Return the dotted name of a file."""
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(root: Path, trees: dict[Path, ast.Module]) -> Arrows:
    """Return which file imports which of the others."""
    names = {module(root, file) for file in trees}
    found = Arrows()
    for file, tree in trees.items():
        name = module(root, file)
        own = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for node in ast.walk(tree):
            found.update((name, other) for other in {*_imported(node, own, names)} - {name})
    return Arrows(dict.fromkeys(found, 1))


def _imported(node: ast.AST, folder: str, names: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in names)
    elif isinstance(node, ast.ImportFrom):
        above = folder.split(".")[: len(folder.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *filter(None, [node.module])])
        for alias in node.names:
            inside = f"{base}.{alias.name}"
            if inside in names or base in names:
                yield inside if inside in names else base


def entries(importer: str, imported: str) -> list[tuple[str, str]]:
    """Return the two siblings between which an import is an arrow; none where one of the two holds the other."""
    for depth, (one, other) in enumerate(zip(importer.split("."), imported.split("."), strict=False), start=1):
        if one != other:
            return [(".".join(importer.split(".")[:depth]), ".".join(imported.split(".")[:depth]))]
    return []


def _between(arrows: Arrows, depth: int) -> Arrows:
    return Arrows({arrow: count for arrow, count in arrows.items() if len(arrow[0].split(".")) == depth})


def knots(arrows: Arrows) -> list[int]:
    """Return the size of every knot."""
    nodes = {node: place for place, node in enumerate({node for arrow in arrows for node in arrow})}
    if not nodes:
        return []
    tails, heads = zip(*((nodes[tail], nodes[head]) for tail, head in arrows), strict=True)
    graph = coo_array((np.ones(len(tails)), (tails, heads)), shape=(len(nodes), len(nodes)))
    sizes = np.bincount(connected_components(graph, connection="strong")[1])
    return [int(size) for size in sizes if size > 1]


def running_back(arrows: Arrows) -> int:
    """Return how many arrows point up in a greedy order: what imports nothing last, what nothing imports first."""
    left = {node for arrow in arrows for node in arrow}
    first: list[str] = []
    last: list[str] = []
    while left:
        out, into = Counter(dict.fromkeys(left, 0)), Counter(dict.fromkeys(left, 0))
        for (tail, head), count in arrows.items():
            if tail in left and head in left:
                out[tail] += count
                into[head] += count
        ends = [node for node in left if not out[node]]
        begins = [node for node in left if not into[node] and out[node]]
        if not ends and not begins:
            begins = [max(sorted(left), key=lambda node: out[node] - into[node])]
        last[:0] = ends
        first.extend(begins)
        left -= {*ends, *begins}
    place = {node: number for number, node in enumerate([*first, *last])}
    return sum(count for (tail, head), count in arrows.items() if place[tail] > place[head])


# --- what is written twice ---


PASSED_OVER = re.compile(
    r"""^(from \S+ import \([^)]*\)|(from|import) .*|[ ]*\"""[\s\S]*?\""")$""",
    re.MULTILINE,
)
"""Imports and docstrings."""


@cache
def same_lines(file: Path) -> list[Line]:
    """Return the lines that count with their numbers, white space folded."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        text = PASSED_OVER.sub(lambda found: "\n" * found.group().count("\n"), text)
    folded = enumerate(map(" ".join, map(str.split, text.splitlines())), start=1)
    return [(at, line) for at, line in folded if not line.startswith("#") and re.search(r"\w", line)]


@cache
def alike_lines(file: Path) -> list[Line]:
    """Return the lines of a file's Python functions that count, every name, text and number as one."""
    if file.suffix != ".py":
        return []
    inside = {at for node in ast.walk(_tree(file)) if isinstance(node, FUNCTION) for at in _lines(node)}
    said: defaultdict[int, list[str]] = defaultdict(list)
    for token in tokenize.generate_tokens(io.StringIO(file.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            said[token.start[0]].append("name")
        elif token.type in {tokenize.NAME, tokenize.OP}:
            said[token.start[0]].append(token.string)
        elif token.type in {tokenize.STRING, tokenize.NUMBER}:
            said[token.start[0]].append("value")
    return [(at, " ".join(said[at])) for at, _ in same_lines(file) if at in inside and said[at]]


def _lines(node: ast.AST) -> range:
    assert isinstance(node, ast.stmt)
    return range(node.lineno, (node.end_lineno or 0) + 1)


def pairs(root: Path, files: Sequence[Path], read: Callable[[Path], list[Line]]) -> list[str]:
    """Return the pairs of places that share a run of lines, as `read` reads them, the longest first."""
    lines = [read(file) for file in files]
    places: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for number, counting in enumerate(lines):
        for at in range(len(counting) - RUN + 1):
            places[tuple(said for _, said in counting[at : at + RUN])].append((number, at))
    shared: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)
    for standing in places.values():
        for (one, at), (other, again) in combinations(standing, 2) if len(standing) <= COMMON else ():
            if one != other or again - at >= RUN:
                shared[one, other, again - at].append(at)
    found = []
    for (one, other, apart), starts in shared.items():
        for first, length in _unbroken(sorted(starts)):
            begin, again = lines[one][first][0], lines[other][first + apart][0]
            where = f"{files[one].relative_to(root)}:{begin} ~ {files[other].relative_to(root)}:{again}"
            found.append((-length, f"{where} ({length} lines)"))
    return [pair for _, pair in sorted(found)]


def _unbroken(starts: list[int]) -> Iterator[tuple[int, int]]:
    """Return each run of windows that follow one another as its first line and its number of lines."""
    first = previous = starts[0]
    for start in [*starts[1:], -1]:
        if start != previous + 1:
            yield first, previous - first + RUN
            first = start
        previous = start


READERS = {"same": same_lines, "alike": alike_lines}


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def _text(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main()
