"""What docs/draws.md tells people to run does run."""

import re

from tests.support.draw_files import invented_draw
from tests.support.root import ROOT

PAGE = ROOT / "docs" / "draws.md"


def test_the_documented_check_works_without_mawid(tmp_path, monkeypatch):
    drawn = invented_draw(7)
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    monkeypatch.chdir(drawn.written(tmp_path))
    names = {}

    exec(snippet, names)  # noqa: S102 - our own page

    assert len(names["line"]) == len(drawn.closed.entrants)
