"""How many lines of a draw stand alone by what is shown of them, and to whom."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws import files as format_1
from booking.scheduling.draws.figures import FEWEST
from booking.scheduling.draws.files import DRAW, REQUESTS
from booking.scheduling.draws.format2.closing import read_facts
from booking.scheduling.draws.format2.coarse import Shown, in_line, read_coarse
from booking.scheduling.draws.format2.kept import read_requests
from booking.scheduling.draws.format2.line import read_line
from booking.scheduling.draws.format2.tables import COARSE, LINE, STATEMENT, LineRow
from booking.scheduling.draws.formats import DamagedFileError, check_size, content_of
from booking.scheduling.draws.leaf import Leaf

EVERYONE: Final = "everyone"
OBSERVERS: Final = "observers"


@dataclass(frozen=True, slots=True)
class Alike:
    """How lines stand together by something: all of them, those alone, and those in groups below `FEWEST`."""

    lines: int
    alone: int
    few: int

    @classmethod
    def of(cls, keys: Iterable[Hashable]) -> "Alike":
        """Count lines by what is shown of each."""
        sizes = Counter(keys).values()
        return cls(sum(sizes), sum(size == 1 for size in sizes), sum(size for size in sizes if size < FEWEST))


@dataclass(frozen=True, slots=True)
class Measure:
    """What is shown, who sees it, and how the lines stand together by it."""

    shown: str
    to: str
    alike: Alike


def measure(contents: Mapping[str, bytes]) -> list[Measure]:
    """Measure a draw of either format by the files that are there.

    Raises
    ------
    DamagedFileError
        There is no draw, or a file cannot be read.
    """
    if STATEMENT in contents:
        return _measure(contents)
    content_of(contents, DRAW)
    return _of_wishes(format_1.read_requests(content_of(contents, REQUESTS)), EVERYONE)


def read_measured(folder: Path) -> dict[str, bytes]:
    """Read from a folder what `measure` reads; raises DamagedFileError."""
    contents = {}
    for name in (DRAW, STATEMENT, LINE, REQUESTS, COARSE):
        try:
            if (folder / name).is_file():
                check_size(name, (folder / name).stat().st_size)
                contents[name] = (folder / name).read_bytes()
        except OSError as error:
            raise DamagedFileError(f"{name}: {error.strerror}") from error
    return contents


def rungs(forms: Iterable[Shown]) -> dict[str, int]:
    """Count lines by what coarse.jsonl.gz shows of them, the most exact first."""
    by_rung = Counter((form.rung, ", ".join(sorted(form.columns))) for form in forms if form.rung)
    exactly = {"every column": sum(not form.rung for form in forms)}
    return exactly | {columns or "nothing": count for (_, columns), count in sorted(by_rung.items())}


def _measure(contents: Mapping[str, bytes]) -> list[Measure]:
    line = read_line(contents, most=content_of(contents, LINE).count(b"\n"))
    everyone = Measure("priority, earlier row, served", EVERYONE, Alike.of(map(in_line, line)))
    measures = [everyone]
    if REQUESTS in contents:
        reference = read_facts(contents, STATEMENT)["reference"]
        leaves = [each.leaf for each in read_requests(contents, line, reference)]
        measures += _of_wishes(leaves, OBSERVERS)
    if COARSE in contents:
        measures.append(Measure("coarse wish, beside the line", EVERYONE, in_coarse(line, read_coarse(contents, line))))
    return measures


def _of_wishes(leaves: Sequence[Leaf], to: str) -> list[Measure]:
    return [
        Measure("exact wish", to, Alike.of(map(exact, leaves))),
        Measure(
            "offices, party, service",
            to,
            Alike.of((leaf.wish.offices, leaf.wish.party, leaf.wish.service) for leaf in leaves),
        ),
    ]


def exact(leaf: Leaf) -> bytes:
    """Return a wish as it is shown to who sees it whole."""
    return canonical({name: value for name, value in leaf.wish.columns().items() if name != "nonce"})


def in_coarse(line: Sequence[LineRow], forms: Sequence[Shown]) -> Alike:
    """Count the lines of which coarse.jsonl.gz shows something, by that and by what line.csv shows of them."""
    pairs = zip(line, forms, strict=True)
    return Alike.of((in_line(row), canonical(form.columns)) for row, form in pairs if form.columns)
