"""What docs/draws.md tells people to run does run."""

import re

from booking.draws.verification import read_folder, verify_files
from booking.models.states import Pool
from tests.root import ROOT

PAGE = ROOT / "docs" / "draws.md"


def test_the_documented_check_works_without_mawid(world, tmp_path, monkeypatch):
    world.office("a")
    world.slots("a", world.first_day, {Pool.DRAW: [1]})
    asked = [world.ask("a", lost=number % 3) for number in range(7)]
    receipts = {world.request(reference).receipt.hex() for reference in asked}
    published = world.published()
    for name, content in published.items():
        (tmp_path / name).write_bytes(content)
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)

    names = {}
    exec(snippet, names)  # noqa: S102 - our own page

    positions = {row.split(",")[0]: int(row.split(",")[1]) for row in published["plan.csv"].decode().splitlines()[1:]}
    in_leaf_order = sorted(receipts)
    assert [names["line"].index(receipt) for receipt in in_leaf_order] == [positions[str(leaf)] for leaf in range(7)]
    assert verify_files(read_folder(tmp_path)).ok
