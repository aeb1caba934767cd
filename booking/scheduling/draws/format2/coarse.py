"""coarse.jsonl.gz: the wishes for everyone, once the days are over, each no more exact than five lines share it.

A ladder of coarser forms, one for all columns, after the generalisation of Sweeney, *k-anonymity* (2002); each line
stands on the first rung on which it can, so that common wishes stay exact (local recoding).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, NamedTuple

from booking.platform.base.exact_json import canonical
from booking.platform.models.states import Door
from booking.scheduling.draws.figures import FEWEST
from booking.scheduling.draws.files import pack_lines, packed_lines
from booking.scheduling.draws.format2.rows import Entrant
from booking.scheduling.draws.format2.tables import COARSE, FORMAT, NAMING_SERVICES, LineRow
from booking.scheduling.draws.formats import (
    DamagedFileError,
    code,
    content_of,
    hexadecimal,
    only_keys,
    parsed,
    shown,
    whole,
)
from booking.scheduling.draws.leaf import ALSO, WISHED, Leaf, check_line, check_offices, read_wish
from booking.scheduling.requests.receipt import NONCE_BYTES

LAST: Final = 5
"""The rung on which nothing is shown."""
_ANY_PARTY: Final = (1, 127)
PARTIES: Final = ((1, 1), (2, 4), (5, 127))
"""Sizes of parties that a coarse line does not tell apart."""
_UNSAFE_SHARE: Final = 2
"""Of lines that look alike, at most one in so many is a delicate one."""
_MIXED: Final = 3
"""The first rung on which delicate lines stand."""

InLine = tuple[int, bool, bool]
"""What line.csv shows of a line and somebody may know: priority, whether it names an earlier row, whether served."""


class Shown(NamedTuple):
    """What is published of a wish: the rung of the ladder, 0 for an exact one, and the columns."""

    rung: int
    columns: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Class:
    """Lines that look alike on a rung; ``form`` is what is published of each."""

    rung: int
    form: bytes
    in_line: InLine
    leaves: tuple[int, ...] = field(compare=False)

    @property
    def order(self) -> tuple[int, int, bytes, InLine]:
        """What is given up first: the smallest, then the coarsest."""
        return len(self.leaves), -self.rung, self.form, self.in_line


def coarse_forms(entrants: Sequence[Entrant], line: Sequence[LineRow]) -> list[Shown]:
    """Return what is published of each line, in leaf order.

    Parameters
    ----------
    entrants
        The wishes, by leaf.
    line
        The rows of line.csv, as many.

    Returns
    -------
    list of Shown
        The columns of an exact wish are without its nonce, and there are none on the last rung.

    Notes
    -----
    Rung by rung, the lines that are left are put together by form and by what line.csv shows of them. A class stands
    where it has `FEWEST` lines, of which at most half are delicate: of somebody who needs an accessible office, whose
    papers hold on some days only, or who comes with a household. Delicate lines do not stand above rung `_MIXED`,
    and who is in the line twice stands on the last rung. What is left there must be as many and as mixed; else the
    smallest classes go there too, one after the other.
    """
    delicate = [_is_delicate(each.leaf) for each in entrants]
    persons = Counter(row.person for row in line)
    left = [leaf for leaf, row in enumerate(line) if persons[row.person] == 1]
    last = [leaf for leaf, row in enumerate(line) if persons[row.person] > 1]
    forms = [_exactly(each.leaf) for each in entrants]
    classes: list[_Class] = []
    for rung in range(LAST):
        groups: dict[tuple[bytes, InLine], list[int]] = {}
        for leaf in left:
            forms[leaf] = coarser(forms[leaf], rung)
            if rung >= _MIXED or not delicate[leaf]:
                groups.setdefault((canonical(forms[leaf].columns), in_line(line[leaf])), []).append(leaf)
        made = [_Class(rung, *key, tuple(group)) for key, group in groups.items() if _is_safe(group, delicate)]
        classes += made
        taken = {leaf for one in made for leaf in one.leaves}
        left = [leaf for leaf in left if leaf not in taken]
    last += left
    classes.sort(key=lambda one: one.order, reverse=True)
    while classes and last and not _is_safe(last, delicate):
        last += classes.pop().leaves
    for leaf in last:
        forms[leaf] = Shown(LAST, {})
    return forms


def write_coarse(entrants: Sequence[Entrant], line: Sequence[LineRow]) -> bytes:
    """Write coarse.jsonl.gz; as `coarse_forms`."""
    forms = zip(entrants, coarse_forms(entrants, line), strict=True)
    return pack_lines(
        canonical({"coarse": form.columns} if form.rung else each.leaf.wish.columns()) for each, form in forms
    )


def read_coarse(files: Mapping[str, bytes], line: Sequence[LineRow], form: str = FORMAT) -> list[Shown]:
    """Read coarse.jsonl.gz beside the line: what is published of each, as `coarse_forms` gives it.

    Parameters
    ----------
    form
        The format of the draw.

    Raises
    ------
    DamagedFileError
        It is spelled in another way, has not one line for each row, or an exact wish is not that of its receipt.
    """
    forms: list[Shown] = []
    for number, text in packed_lines(content_of(files, COARSE), COARSE):
        if number > len(line):
            raise DamagedFileError(f"{COARSE}, line {number}: there are more than {len(line)} rows")
        try:
            forms.append(_read(text, line[number - 1], form))
        except ValueError as error:
            raise DamagedFileError(f"{COARSE}, line {number}: {error}") from error
    if len(forms) != len(line):
        raise DamagedFileError(f"{COARSE} holds {len(forms)} lines for {len(line)} rows")
    return forms


def _read(text: bytes, row: LineRow, form: str) -> Shown:
    check_line(text)
    data = parsed(text)
    if canonical(data) != text:
        raise ValueError("it is not written in the canonical way")
    if "coarse" in data:
        return _check_form(only_keys(data, ("coarse",), what="the line")["coarse"])
    only_keys(data, (*WISHED, "nonce"), ("windows", *([ALSO] if form in NAMING_SERVICES else [])), what="the wish")
    read_wish(data, hexadecimal(data["nonce"], NONCE_BYTES))
    if sha256(text).digest() != row.receipt:
        raise ValueError("the receipt is not that of the wish")
    return Shown(0, {name: value for name, value in data.items() if name != "nonce"})


def in_line(row: LineRow) -> InLine:
    """Return what line.csv shows of a line that somebody may know."""
    return row.priority, row.before is not None, row.served


def coarser(form: Shown, rung: int) -> Shown:
    """Return what a rung further down shows of what is shown here."""
    columns = form.columns
    for step in _STEPS[form.rung : rung]:
        columns = step(columns)
    return Shown(rung, columns)


def _check_form(form: object) -> Shown:
    """Return a form that a rung can give; ValueError for any other."""
    if not isinstance(form, dict) or sorted(form) not in _KEYS:
        raise ValueError(f"{shown(form)} is not a form of any rung")
    if "offices" in form or "office" in form:
        check_offices(form.get("offices", [form.get("office")]))
    if "service" in form:
        code(form["service"])
        if len(form) == len(_KEYS[_MIXED]):
            if form["party"] not in [list(size) for size in PARTIES]:
                raise ValueError(f"party is {shown(form['party'])}")
        else:
            whole(form["party"], "party", *_ANY_PARTY)
    if form and form["door"] not in tuple(Door):
        raise ValueError(f"door is {shown(form['door'])}")
    return Shown(_KEYS.index(sorted(form)) or LAST, form)


def _is_delicate(leaf: Leaf) -> bool:
    return leaf.wish.accessible or leaf.holds is not None or leaf.together is not None


def _is_safe(leaves: Sequence[int], delicate: Sequence[bool]) -> bool:
    return len(leaves) >= FEWEST and _UNSAFE_SHARE * sum(delicate[leaf] for leaf in leaves) <= len(leaves)


def _exactly(leaf: Leaf) -> Shown:
    return Shown(0, {name: value for name, value in leaf.wish.columns().items() if name != "nonce"})


def _without_days(wish: Mapping[str, Any]) -> dict[str, Any]:
    return {name: wish[name] for name in ("door", "offices", "party", "service")}


def _first_office(wish: Mapping[str, Any]) -> dict[str, Any]:
    return {"door": wish["door"], "office": wish["offices"][0], "party": wish["party"], "service": wish["service"]}


def _without_office(wish: Mapping[str, Any]) -> dict[str, Any]:
    size = next(size for size in PARTIES if size[0] <= wish["party"] <= size[1])
    return {"door": wish["door"], "party": list(size), "service": wish["service"]}


def _door(wish: Mapping[str, Any]) -> dict[str, Any]:
    return {"door": wish["door"]}


_STEPS: Final[Sequence[Callable[[Mapping[str, Any]], dict[str, Any]]]] = (
    _without_days,
    _first_office,
    _without_office,
    _door,
    lambda _: {},
)
"""From each rung to the one below it."""
_KEYS: Final[Sequence[Sequence[str]]] = (
    [],
    ["door", "offices", "party", "service"],
    ["door", "office", "party", "service"],
    ["door", "party", "service"],
    ["door"],
)
"""The keys of a form: none on the last rung, then those of each rung from the second on."""
