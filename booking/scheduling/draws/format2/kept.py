"""requests.jsonl.gz and turns.jsonl.gz: the wishes, base nonces and links, which observers alone may read."""

import re
from binascii import unhexlify
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.files import REQUESTS, pack_lines, packed_lines
from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.format2.rows import Entrant, Link, RowList, Turn, beside_the_wish
from booking.scheduling.draws.format2.tables import KEPT_TURNS, NAMING_SERVICES, SAYING_WHAT_LASTS, LineRow, TurnRow
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
from booking.scheduling.draws.leaf import (
    ALSO,
    MOST_PRIORITY,
    OPTIONAL,
    RECEIPT_BYTES,
    WISHED,
    Leaf,
    check_line,
    check_wish,
    known_wish,
    read_lasting,
    read_optional,
    read_wish,
)
from booking.scheduling.requests.receipt import NONCE_BYTES, WishRow

UNKNOWN: Final = -1
"""Stands for draws that last where a line does not say how many."""
_LINKED: Final = ("draw", "list", "row")
_USUAL_TURN: Final = re.compile(
    rb'\{"asked":"([0-9a-f]{64})","base":"([0-9a-f]{32})","lasting":(0|[1-9][0-9]{0,4}),"link":null,'
    rb'"logged":(null|0|[1-9][0-9]{0,17})\}'
)
"""A line of turns.jsonl.gz without a link; what follows another pattern is read strictly, key by key."""
_MOST_ROWS: Final = (1 << 31) - 1
_Row = TypeVar("_Row", LineRow, TurnRow)
_Read = TypeVar("_Read", Entrant, Turn)


def request_line(each: Entrant) -> bytes:
    """Write a line of requests.jsonl.gz, without its line end."""
    return canonical(_request(each))


def write_kept_turns(turns: Iterable[Turn]) -> bytes:
    """Write turns.jsonl.gz."""
    return pack_lines(map(turn_line, turns))


def turn_line(each: Turn) -> bytes:
    """Write a line of turns.jsonl.gz, without its line end: exact JSON, in pieces."""
    lasting = "" if each.lasting is None else f'"lasting":{each.lasting},'
    link = canonical(each.link.columns()).decode() if each.link else "null"
    logged = "null" if each.logged is None else each.logged
    return (
        f'{{"asked":"{each.asked.hex()}","base":"{each.base.hex()}",{lasting}"link":{link},"logged":{logged}}}'.encode()
    )


def read_requests(files: Mapping[str, bytes], line: Sequence[LineRow], reference: str) -> list[Entrant]:
    """Read requests.jsonl.gz beside the rows of the line in the draw ``reference``.

    What a wish gives is not compared with the line here: the receipt and the link are the line's.

    Raises
    ------
    DamagedFileError
        It is spelled in another way, or has not one line for each row.
    """
    return _read(files, REQUESTS, line, lambda text, row: read_request(text, row, reference))


def known_requests(files: Mapping[str, bytes], line: Sequence[LineRow], reference: str) -> list[Entrant]:
    """Read again a requests.jsonl.gz that `read_requests` accepted, and whose bytes have not changed since.

    How it is spelled is not looked at again.
    """
    return _read(files, REQUESTS, line, lambda text, row: _known_request(parsed(text), row, reference))


def read_kept_turns(files: Mapping[str, bytes], rows: Sequence[TurnRow]) -> list[Turn]:
    """Read turns.jsonl.gz beside the rows of turns.csv; as `read_requests`.

    Raises
    ------
    DamagedFileError
        It is spelled in another way, or has not one line for each row.
    """
    return _read(files, KEPT_TURNS, rows, _read_turn)


def wish_columns(leaf: Leaf) -> dict[str, Any]:
    """Return the wish as JSON values without its nonce, with ``holds`` and ``together`` where it has them."""
    columns = leaf.wish.columns() | beside_the_wish(leaf)
    del columns["nonce"]
    return columns


def read_wished(data: Mapping[str, Any], nonce: bytes) -> tuple[WishRow, dict[str, Any]]:
    """Read what `wish_columns` gave, with a nonce: the wish, and what stands beside it; ValueError."""
    return read_wish(data, nonce), read_optional(data)


def read_link(data: object) -> Link | None:
    """Read a link that is opened; ValueError."""
    if data is None:
        return None
    link = only_keys(data, _LINKED, what="link")
    if link["list"] not in tuple(RowList):
        raise ValueError(f"a link names the list {shown(link['list'])}")
    return Link(code(link["draw"]), RowList(link["list"]), whole(link["row"], "row", 0, _MOST_ROWS))


def check_lasting(
    statement: Mapping[str, Any], name: str, lasting: NDArray[np.integer], priority: NDArray[np.integer]
) -> None:
    """Refuse rows that do not say what of their priority is lasting, or say it in a format that knew no such thing.

    ``lasting`` and ``priority``: int (n,) of the rows of the file ``name``; `UNKNOWN` where a row does not say it.

    Raises
    ------
    DamagedFileError
        It is there where it cannot be, missing, or more than the priority.
    """
    says = statement["format"] in SAYING_WHAT_LASTS
    wrong = np.flatnonzero(((lasting != UNKNOWN) != says) | (lasting > priority))
    if wrong.size:
        found = None if lasting[wrong[0]] == UNKNOWN else int(lasting[wrong[0]])
        raise DamagedFileError(f"{name}, line {int(wrong[0]) + 1}: lasting is {found}, which cannot be here")


def check_services(statement: Mapping[str, Any], name: str, row: int | None) -> None:
    """Refuse a wish for several services in a format that knew no such thing; ``row``: the first one of a file.

    Raises
    ------
    DamagedFileError
        There is one.
    """
    if row is not None and statement["format"] not in NAMING_SERVICES:
        raise DamagedFileError(f"{name}, line {row + 1}: a wish for several services cannot be here")


def check_rows(statement: Mapping[str, Any], name: str, rows: Sequence[Entrant | Turn]) -> None:
    """Check what rows say of their priority; as `check_lasting`."""
    lasting = [UNKNOWN if each.lasting is None else each.lasting for each in rows]
    priority = [each.priority if isinstance(each, Turn) else each.leaf.priority for each in rows]
    check_lasting(statement, name, np.array(lasting, np.int32), np.array(priority, np.int32))


def _request(each: Entrant) -> dict[str, Any]:
    return wish_columns(each.leaf) | _row(each)


def _row(each: Entrant) -> dict[str, Any]:
    """Return what stands in a row beside its wish; ``lasting`` only where the format has it."""
    shown = {
        "base": each.base.hex(),
        "link": each.link.columns() if each.link else None,
        "logged": each.logged,
    }
    return shown if each.lasting is None else shown | {"lasting": each.lasting}


def read_request(text: bytes, row: LineRow, reference: str) -> Entrant:
    """Read one line of requests.jsonl.gz beside its row of the line; ValueError where it is spelled in another way."""
    check_line(text)
    data = only_keys(
        parsed(text), (*WISHED, "base", "link", "logged"), (*OPTIONAL, ALSO, "lasting"), what="the request"
    )
    hexadecimal(data["base"], NONCE_BYTES)
    check_wish(data)
    whole(data["logged"], "logged", 0)
    _read_lasting(data)
    entrant = _known_request(data, row, reference)
    if canonical(_request(entrant)) != text:
        raise ValueError("it is not written in the canonical way")
    return entrant


def _known_request(data: Mapping[str, Any], row: LineRow, reference: str) -> Entrant:
    base = bytes.fromhex(data["base"])
    wish = known_wish(data, nonces.draw_nonce(base, reference))
    leaf = Leaf(wish, row.receipt, row.person, row.priority, **read_optional(data))
    return Entrant(leaf, base, row.before, read_link(data["link"]), data["logged"], data.get("lasting"))


def _read_lasting(data: Mapping[str, Any]) -> int | None:
    return read_lasting(data["lasting"]) if "lasting" in data else None


def _read_turn(text: bytes, row: TurnRow) -> Turn:
    """Read a line of turns.jsonl.gz: one in its usual spelling is cut by one pattern."""
    found = _USUAL_TURN.fullmatch(text)
    if found is None or int(found[3]) > MOST_PRIORITY:
        return read_turn(text, row)
    asked, base, lasting, logged = found.groups()
    known = None if logged == b"null" else int(logged)
    return Turn(
        *(unhexlify(asked), unhexlify(base), row.reason, row.priority, row.receipt, row.before, None),
        *(known, int(lasting)),
    )


def read_turn(text: bytes, row: TurnRow) -> Turn:
    """Read one line of turns.jsonl.gz beside its row, key by key; ValueError where it is spelled in another way."""
    check_line(text)
    data = only_keys(parsed(text), ("asked", "base", "link", "logged"), ("lasting",), what="the turn")
    turn = Turn(
        asked=hexadecimal(data["asked"], RECEIPT_BYTES),
        base=hexadecimal(data["base"], NONCE_BYTES),
        reason=row.reason,
        priority=row.priority,
        receipt=row.receipt,
        before=row.before,
        link=read_link(data["link"]),
        logged=None if data["logged"] is None else whole(data["logged"], "logged", 0),
        lasting=_read_lasting(data),
    )
    if turn_line(turn) != text:
        raise ValueError("it is not written in the canonical way")
    return turn


def _read(
    files: Mapping[str, bytes], name: str, rows: Sequence[_Row], read: Callable[[bytes, _Row], _Read]
) -> list[_Read]:
    """Read a line for each row; raises DamagedFileError with the line."""
    found: list[_Read] = []
    for number, text in packed_lines(content_of(files, name), name):
        if number > len(rows):
            raise DamagedFileError(f"{name}, line {number}: there are more than {len(rows)} rows")
        try:
            found.append(read(text, rows[number - 1]))
        except ValueError as error:
            raise DamagedFileError(f"{name}, line {number}: {error}") from error
    if len(found) != len(rows):
        raise DamagedFileError(f"{name} holds {len(found)} lines for {len(rows)} rows")
    return found
