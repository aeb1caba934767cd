import re
from typing import Any

import pytest

from fraud.attackers import Played, World, play
from tests.support.root import ROOT

GUIDE = (ROOT / "docs" / "attackers.md").read_text(encoding="utf-8")
SMALL = World(people=2_500, days=21, pumped=2_000)
TINY = World(people=300, days=10, pumped=200)


@pytest.fixture(scope="package")
def small() -> Played:
    return play(31, SMALL)


@pytest.fixture(scope="package")
def tiny() -> Played:
    return play(8, TINY)


@pytest.fixture(scope="package")
def example() -> dict[str, Any]:
    """What the guide's example makes, by its names."""
    (code,) = re.findall(r"```python\n(.+?)```", GUIDE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/attackers.md", "exec"), names)  # noqa: S102 -- our own document
    return names


@pytest.fixture(scope="package")
def seasons(example) -> list[Played]:
    """Two seasons judged by rules and a score that was trained on others: those of the guide's example."""
    return example["seasons"]
