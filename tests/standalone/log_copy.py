"""Check a draw against a copy of the whole log: which receipts were replaced by others, and that none of them is drawn.

`verify_draw.py`, which stands beside this file, uses it. A copy is what a witness keeps, or what the log serves below
tile/entries. Needs Python 3.11 and the files that it imports.
"""

import re
from pathlib import Path

from log_proofs import tree_root
from opened_draw import NOT_THE_WISH, receipt_of_asking
from published_files import HASH
from second_files import read_own
from strict_reading import INSTANT, exact_json, need, read_line_object

FULL, LARGEST = 256, 256 * (2 + 65535)
REPLACED = {"type": ("replaced",), "receipt": HASH, "by": HASH, "at": INSTANT}


def read_copy(folder):
    """All entries, in their order."""
    base = folder / "mirror" if (folder / "mirror").is_dir() else folder
    entries = []
    while len(entries) % FULL == 0:
        path = bundle_of(base / "tile" / "entries", len(entries) // FULL)
        if path is None:
            break
        entries += read_bundle(path)
    return entries


def bundle_of(base, number):
    """The file of 256 entries, or the longest that is not full; None where there is none."""
    digits = f"{number:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *above, last = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    full = base.joinpath(*(f"x{each}" for each in above), last)
    if full.is_file():
        return full
    parts = [path for path in full.with_name(f"{last}.p").glob("*") if re.fullmatch("[1-9][0-9]{0,2}", path.name)]
    return max(parts, key=lambda path: int(path.name), default=None)


def read_bundle(path):
    need(path.stat().st_size <= LARGEST, f"{path.name}: larger than 256 entries can be")
    content, entries, at = path.read_bytes(), [], 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        need(end <= len(content) and len(entries) < FULL, f"{path.name}: cut off, or too long")
        entries.append(content[at + 2 : end])
        at = end
    return entries


class LogCopy:
    """The entries, and by receipt what replaced it and where that stands."""

    def __init__(self, folder):
        self.entries = read_copy(Path(folder))
        where = {entry: index for index, entry in enumerate(self.entries)}
        self.replaced, successors = {}, set()
        for index, entry in enumerate(self.entries):
            if b'"type":"replaced"' not in entry:
                continue
            name = f"the log, entry {index}"
            told = read_line_object(entry + b"\n", name, REPLACED)
            need(told["receipt"] not in self.replaced, f"{name}: {told['receipt']} is replaced twice")
            need(told["by"] not in successors, f"{name}: {told['by']} replaces two receipts")
            old, new = (where.get(logged(told[each]), index) for each in ("receipt", "by"))
            need(old < new < index, f"{name}: one of its receipts does not stand before it")
            self.replaced[told["receipt"]] = told | {"index": index}
            successors.add(told["by"])

    def check_draw(self, draw):
        """The copy is of this log, no receipt has two successors, and nothing that was replaced in time is drawn."""
        size, root = (draw.facts["receipts"][name] for name in ("size", "root"))
        need(len(self.entries) >= size, f"the copy of the log has {len(self.entries)} entries, the list was of {size}")
        need(tree_root(self.entries[:size]).hex() == root, "the copy is of another log than the closing statement")
        for where, receipt, index in self.rows(draw) if draw.opened else ():
            need(self.entries[index] == logged(receipt), f"{where}: the log does not hold its receipt at {index}")
            told = self.replaced.get(receipt)
            need(told is None or told["index"] >= size, f"{where}: it was replaced before the closing")
        changed = sum(told["index"] < size for told in self.replaced.values())
        drawn = ", none of them drawn" if draw.opened else ""
        return f"{changed} receipts were replaced before the closing, each by one other{drawn}"

    def rows(self, draw):
        """Where each row stands, its receipt of asking, and where the log has it."""
        for number, one in enumerate(draw.requests, 1):
            wish = {name: value for name, value in one.items() if name not in NOT_THE_WISH}
            receipt = receipt_of_asking(wish, bytes.fromhex(one["base"]))
            yield f"requests.jsonl.gz, line {number}", receipt, one["logged"]
        for number, one in enumerate(draw.opened_turns, 1):
            if one["logged"] is not None:
                yield f"turns.jsonl.gz, line {number}", one["asked"], one["logged"]

    def check_receipt(self, draw, receipt):
        """Refuse a receipt of asking, or somebody's own file, that another one replaced before the closing."""
        if Path(receipt).is_file():
            own, _ = read_own(Path(receipt))
            receipt = receipt_of_asking(own["wish"], bytes.fromhex(own["base"]))
        told = self.replaced.get(receipt)
        if told is None:
            return "nothing replaced this receipt"
        words = f"this receipt was replaced on {told['at']} by {told['by']}"
        need(told["index"] >= draw.facts["receipts"]["size"], f"{words}, which counts; keep both if it was not you")
        return f"{words}, after this draw was closed"


def logged(receipt):
    return exact_json({"receipt": receipt, "type": "receipt"})
