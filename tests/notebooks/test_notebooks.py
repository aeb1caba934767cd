import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def run(notebook):
    """Run the code cells from first to last, as a kernel would, and give the names that they leave."""
    names: dict[str, object] = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), notebook.name, "exec"), names)  # noqa: S102 - our own notebooks
    return names


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_every_notebook_runs_from_first_to_last_cell(notebook):
    assert run(notebook)


def test_robots_win_the_race_and_gain_nothing_in_the_draw():
    table = run(next(notebook for notebook in NOTEBOOKS if notebook.stem == "02_draw_fairness"))["table"]

    race, draw = table.loc["first come"], table.loc["draw"]
    assert race["chance of a robot"] > 1.5 * race["chance of a person"]
    assert abs(draw["chance of a robot"] - draw["chance of a person"]) < 0.1
    assert draw["people served"] >= 0.98 * race["people served"]
