"""coarse.jsonl.gz: the wishes for everyone, once the days are over, each no more exact than five lines share it.

A ladder of coarser forms, one for all columns, after the generalisation of Sweeney, *k-anonymity* (2002); each line
stands on the first rung on which it can, so that common wishes stay exact (local recoding).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from booking.base.exact_json import canonical
from booking.draws.figures import FEWEST
from booking.draws.files import pack_lines, packed_lines
from booking.draws.format2.names import COARSE
from booking.draws.format2.rows import Entrant
from booking.draws.format2.tables import LineRow
from booking.draws.formats import DamagedFileError, code, content_of, hexadecimal, only_keys, parsed, shown, whole
from booking.draws.leaf import WISHED, Leaf, check_line, check_offices, read_wish
from booking.models.states import Door
from booking.requests.receipt import NONCE_BYTES

_ANY_PARTY: Final = (1, 127)
PARTIES: Final = ((1, 1), (2, 4), (5, 127))
"""Sizes of parties that a coarse line does not tell apart."""
_UNSAFE_SHARE: Final = 2
"""Of lines that look alike, at most one in so many is a delicate one."""
_MIXED: Final = 3
"""The first rung on which delicate lines stand."""

_Shown = tuple[int, bool, bool]
"""What line.csv shows of a line and somebody may know: priority, whether it names an earlier row, whether served."""


@dataclass(frozen=True, slots=True)
class _Class:
    """Lines that look alike on a rung; ``form`` is what is published of each."""

    rung: int
    form: bytes
    shown: _Shown
    leaves: tuple[int, ...] = field(compare=False)

    @property
    def order(self) -> tuple[int, int, bytes, _Shown]:
        """What is given up first: the smallest, then the coarsest."""
        return len(self.leaves), -self.rung, self.form, self.shown


def coarse_forms(entrants: Sequence[Entrant], line: Sequence[LineRow]) -> list[dict[str, Any] | None]:
    """Return what is published of each line, in leaf order.

    Parameters
    ----------
    entrants
        The wishes, by leaf.
    line
        The rows of line.csv, as many.

    Returns
    -------
    list
        None for a wish that is published exactly; else the coarse form: the keys of its rung, none on the last one.

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
    classes: list[_Class] = []
    for rung, form in enumerate(_RUNGS):
        able = [leaf for leaf in left if rung >= _MIXED or not delicate[leaf]]
        groups: dict[tuple[bytes, _Shown], list[int]] = {}
        for leaf in able:
            groups.setdefault((canonical(form(entrants[leaf].leaf)), _shown(line[leaf])), []).append(leaf)
        made = [_Class(rung, *key, tuple(group)) for key, group in groups.items() if _is_safe(group, delicate)]
        classes += made
        taken = {leaf for one in made for leaf in one.leaves}
        left = [leaf for leaf in left if leaf not in taken]
    last += left
    classes.sort(key=lambda one: one.order, reverse=True)
    while classes and last and not _is_safe(last, delicate):
        last += classes.pop().leaves
    forms: list[dict[str, Any] | None] = [{} for _ in line]
    for one in classes:
        for leaf in one.leaves:
            forms[leaf] = _RUNGS[one.rung](entrants[leaf].leaf) if one.rung else None
    return forms


def write_coarse(entrants: Sequence[Entrant], line: Sequence[LineRow]) -> bytes:
    """Write coarse.jsonl.gz; as `coarse_forms`."""
    forms = zip(entrants, coarse_forms(entrants, line), strict=True)
    return pack_lines(canonical(each.leaf.wish.columns() if form is None else {"coarse": form}) for each, form in forms)


def read_coarse(files: Mapping[str, bytes], line: Sequence[LineRow]) -> list[dict[str, Any] | None]:
    """Read coarse.jsonl.gz beside the line: what is published of each, None for a wish that is exact.

    Raises
    ------
    DamagedFileError
        It is spelled in another way, has not one line for each row, or an exact wish is not that of its receipt.
    """
    forms: list[dict[str, Any] | None] = []
    for number, text in packed_lines(content_of(files, COARSE), COARSE):
        if number > len(line):
            raise DamagedFileError(f"{COARSE}, line {number}: there are more than {len(line)} rows")
        try:
            forms.append(_read(text, line[number - 1]))
        except ValueError as error:
            raise DamagedFileError(f"{COARSE}, line {number}: {error}") from error
    if len(forms) != len(line):
        raise DamagedFileError(f"{COARSE} holds {len(forms)} lines for {len(line)} rows")
    return forms


def _read(text: bytes, row: LineRow) -> dict[str, Any] | None:
    check_line(text)
    data = parsed(text)
    if canonical(data) != text:
        raise ValueError("it is not written in the canonical way")
    if "coarse" in data:
        return _check_form(only_keys(data, ("coarse",), what="the line")["coarse"])
    only_keys(data, (*WISHED, "nonce"), ("windows",), what="the wish")
    read_wish(data, hexadecimal(data["nonce"], NONCE_BYTES))
    if sha256(text).digest() != row.receipt:
        raise ValueError("the receipt is not that of the wish")
    return None


def _check_form(form: object) -> dict[str, Any]:
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
    return form


def _shown(row: LineRow) -> _Shown:
    return row.priority, row.before is not None, row.served


def _is_delicate(leaf: Leaf) -> bool:
    return leaf.wish.accessible or leaf.holds is not None or leaf.together is not None


def _is_safe(leaves: Sequence[int], delicate: Sequence[bool]) -> bool:
    return len(leaves) >= FEWEST and _UNSAFE_SHARE * sum(delicate[leaf] for leaf in leaves) <= len(leaves)


def _exactly(leaf: Leaf) -> dict[str, Any]:
    return {name: value for name, value in leaf.wish.columns().items() if name != "nonce"}


def _without_days(leaf: Leaf) -> dict[str, Any]:
    wish = leaf.wish
    return {"door": wish.door, "offices": list(wish.offices), "party": wish.party, "service": wish.service}


def _first_office(leaf: Leaf) -> dict[str, Any]:
    wish = leaf.wish
    return {"door": wish.door, "office": wish.offices[0], "party": wish.party, "service": wish.service}


def _service(leaf: Leaf) -> dict[str, Any]:
    size = next(size for size in PARTIES if size[0] <= leaf.wish.party <= size[1])
    return {"door": leaf.wish.door, "party": list(size), "service": leaf.wish.service}


def _door(leaf: Leaf) -> dict[str, Any]:
    return {"door": leaf.wish.door}


_RUNGS: Final[Sequence[Callable[[Leaf], dict[str, Any]]]] = (
    _exactly,
    _without_days,
    _first_office,
    _service,
    _door,
)
_KEYS: Final[Sequence[Sequence[str]]] = (
    [],
    ["door", "offices", "party", "service"],
    ["door", "office", "party", "service"],
    ["door", "party", "service"],
    ["door"],
)
"""The keys of a form: none on the last rung, then those of `_RUNGS` from the second on."""
