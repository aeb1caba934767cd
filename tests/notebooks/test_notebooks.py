"""Whether the notebooks are articles. They are run by ./run notebooks, not here."""

import ast
import importlib
import json

import pytest

from tests.support.root import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda notebook: notebook.stem)
def cells(request):
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def written(cells, kind):
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def test_a_notebook_has_a_question_its_data_and_a_conclusion(cells):
    article = written(cells, "markdown")
    assert article[0].startswith("# ")
    assert article[0].splitlines()[0].endswith("?"), "the title is a question"
    assert "**Question.**" in article[0]
    assert "**Data.**" in article[0]
    assert article[-1].startswith("## Conclusion")
    assert cells[-1]["cell_type"] == "code", "the conclusion's numbers are computed"


def test_a_notebook_imports_at_the_top_and_defines_nothing(cells):
    code = [ast.parse(source) for source in written(cells, "code")]
    nodes = [node for tree in code for node in ast.walk(tree)]
    assert not [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert len(imports) == sum(isinstance(node, ast.Import | ast.ImportFrom) for node in code[0].body), "all at its top"


def test_every_name_that_a_notebook_imports_exists(cells):
    """A cheap look at what ./run notebooks would find minutes later."""
    for node in ast.walk(ast.parse(written(cells, "code")[0])):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module)
            for name in node.names:
                assert hasattr(module, name.name) or importlib.import_module(f"{node.module}.{name.name}")


def test_every_figure_of_a_notebook_is_shown_in_both_languages(cells):
    source = "\n".join(written(cells, "code"))
    assert "languages = load_words(core.settings" in source
    loops = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.For) and ast.unparse(node.iter) == "languages"
    ]
    assert loops
    assert all("words" in ast.unparse(node) and "display(" in ast.unparse(node) for node in loops)


def test_no_output_is_kept_with_a_notebook(cells):
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells if cell["cell_type"] == "code")


def test_every_notebook_is_listed_in_the_guide_and_the_readme():
    assert len(NOTEBOOKS) > 0
    for document in ("docs/notebooks.md", "README.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        assert not [path.name for path in NOTEBOOKS if path.name not in text], document
