"""Groups of witnesses for tests, made by files as people do; and what the office shows and takes."""

import json
from pathlib import Path

from allocation.merkle import inclusion_runs, run_hash
from booking.platform.base.exact_json import one_line
from booking.transparency.log.notes import read_note
from booking.transparency.log.proofs import LogProof
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.group import accept_deals, assemble_group, deal
from tests.booking.transparency.witness.a_log import FakeLog


def a_group(path: Path, need: int, address: str | None = None, *, names: str = "abc") -> list[Folder]:
    """Folders of witnesses, so many of whom must sign; each with an address where one is given."""
    folders = [
        Folder.new(path / name, f"{name}.example", url=address and address.format(f"{name}.example")) for name in names
    ]
    identities = [(one.path / "identity.json").read_bytes() for one in folders]
    deals = [deal(one, identities, need).read_bytes() for one in folders]
    acceptances = [accept_deals(one, deals).read_bytes() for one in folders]
    files = {assemble_group(one, acceptances).read_bytes() for one in folders}
    assert len(files) == 1
    return folders


def proven(log: FakeLog, index: int) -> bytes:
    """What the office shows a witness that it asks for its part: an entry, and its proof."""
    tree = log.tree()
    hashes = tuple(run_hash(run, tree.node) for run in inclusion_runs(index, tree.size))
    proof = LogProof(index, hashes, read_note(log.checkpoint()))
    return one_line({"entry": log.entries[index].decode(), "proof": str(proof)})


def parts_brought(log: FakeLog) -> list[dict[str, object]]:
    """The parts that witnesses brought to a log."""
    return [json.loads(body) for path, body in log.brought if path == "parts"]
