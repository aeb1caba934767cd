import os

import nbformat
import pytest

from booking.entrypoints.notebooks.executing import execute_all

DRAWN = "from IPython.display import SVG, display\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
MIRRORED = '<g transform="translate(9,0) scale(-1,1)"><path d="M0 0"/></g>'
ENGLISH = f"display(SVG('{SVG.format('')}'))\n"
ARABIC = f"display(SVG('{SVG.format(MIRRORED)}'))"
CELLS = {
    "sound": [DRAWN + ENGLISH + ARABIC],
    "one_language": [DRAWN + ENGLISH],
    "warns": ["import warnings", "warnings.warn('old')", DRAWN + ENGLISH + ARABIC],
    "says_something": ["import sys; print('careful', file=sys.stderr)", DRAWN + ENGLISH + ARABIC],
}


pytestmark = pytest.mark.slow  # it starts kernels


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    for name, cells in CELLS.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, folder / f"{name}.ipynb")
    told = []
    results = execute_all(
        sorted(folder.glob("*.ipynb")), folder / "out", environment=os.environ, at_once=2, tell=told.append
    )
    assert {one.name for one in told} == {one.name for one in results} == set(CELLS)
    return {one.name: one for one in results}, folder


def test_a_sound_notebook_is_executed_into_a_copy_with_outputs(ran):
    results, folder = ran
    assert results["sound"].failure is None
    assert (results["sound"].english, results["sound"].arabic) == (1, 1)
    assert "svg" in (folder / "out/sound.ipynb").read_text()
    assert "svg+xml" not in (folder / "sound.ipynb").read_text()


def test_a_warning_fails_a_notebook_and_names_the_cell(ran):
    assert "UserWarning: old" in ran[0]["warns"].failure
    assert "warnings.warn('old')" in ran[0]["warns"].failure


def test_output_on_the_error_stream_fails_a_notebook(ran):
    assert "careful" in ran[0]["says_something"].failure


def test_a_figure_in_one_language_only_is_a_failure(ran):
    assert "1 figures in English and 0 in Arabic" in ran[0]["one_language"].failure
