"""Whether the notebooks say the same in other languages: each text is there, and made from the English of today."""

import re
from collections import Counter

import pytest

from booking.entrypoints.notebooks.article import in_language, mark_of, read_notebook, read_parts, source, untranslated
from booking.platform.languages.language import read_language
from tests.api.words import rules
from tests.support.root import ROOT

FOLDER = ROOT / "notebooks"
TEXTS = sorted(FOLDER.glob("*/*.md"))
LETTERS = {"ar": "[ء-ي]"}
PROSE = re.compile(r"`[^`]*`|\]\([^)]*\)")


@pytest.fixture(params=TEXTS, ids=lambda text: f"{text.parent.name}-{text.stem}")
def text(request):
    return request.param


@pytest.fixture
def parts(text):
    return read_parts(text)


@pytest.fixture
def notebook(text):
    return read_notebook(FOLDER / f"{text.stem}.ipynb")


@pytest.fixture
def pairs(notebook, parts):
    english = {cell["id"]: source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"}
    return [(cell, english[cell], part.text) for cell, part in parts.items()]


def shape(markdown: str) -> dict[str, object]:
    """Return what a translation keeps: headings, code, where links lead, what is bold, lines of lists."""
    return {
        "headings": re.findall(r"^#+ ", markdown, re.MULTILINE),
        "code": Counter(re.findall(r"```.*?```|`[^`\n]+`", markdown, re.DOTALL)),
        "links": Counter(re.findall(r"\]\(([^)]*)\)", markdown)),
        "bold": markdown.count("**"),
        "lines of lists": len(re.findall(r"^(?:- |\d+\. )", markdown, re.MULTILINE)),
        "paragraphs": len(re.split(r"\n\s*\n", markdown.strip())),
    }


def test_every_notebook_has_arabic_text_and_no_text_lost_its_notebook():
    names = {path.stem for path in FOLDER.glob("*.ipynb")}
    arabic = {path.stem for path in TEXTS if path.parent.name == "ar"}
    assert names - arabic == set()
    assert {path.stem for path in TEXTS} <= names


def test_each_cell_of_text_is_translated_from_its_present_english(notebook, parts, text):
    stale = [f"<!-- {cell} {mark_of(english)} -->" for cell, english in untranslated(notebook, parts)]
    assert stale == [], f"translate these again in {text}: mawid notebook --language {text.parent.name} --missing"


def test_the_parts_are_the_notebooks_cells_in_their_order(notebook, parts):
    assert list(parts) == [cell["id"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def test_a_translation_has_the_headings_code_links_and_emphasis_of_its_english(pairs):
    assert [(cell, shape(own), shape(english)) for cell, english, own in pairs if shape(own) != shape(english)] == []


def test_a_translation_is_in_its_language_and_speaks_as_pages_do(pairs, text):
    letters = LETTERS[text.parent.name]
    for cell, english, own in pairs:
        assert re.search(letters, own), f"{cell} is not translated"
        assert not rules.writes_digits_of_its_own(english, own), cell
        for line in PROSE.sub("x", own).splitlines():
            assert not rules.says_a_word_to_avoid("", line), line
            assert not rules.mixes_marks("", line), line
        assert not rules.translates_a_term_otherwise(PROSE.sub("", english), own), cell


def test_a_copy_has_the_same_code_and_one_cell_that_names_the_language(notebook, parts, text):
    copy = in_language(notebook, parts, read_language(text.parent.name))
    first, *code = [cell for cell in copy["cells"] if cell["cell_type"] == "code"]
    assert code == [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert source(first) == f'from booking.entrypoints.notebooks import read_in\n\nread_in("{text.parent.name}")'


def test_cells_are_called_by_telling_names(notebook):
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(set(names)) == len(names)
    assert not [name for name in names if re.fullmatch("[0-9a-f]{8}", name) or not re.fullmatch("[a-z-]{2,64}", name)]


def test_a_notebook_shows_what_it_computes_in_the_readers_languages(notebook):
    code = "\n".join(source(cell) for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert "load_words(core.settings, languages_read()).values()" in code
    assert "Markdown(" not in code, "sentences are told in the reader's languages: api.charts.told"
