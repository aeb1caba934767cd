import pytest

from booking.entrypoints.notebooks import languages_read, read_in
from booking.entrypoints.notebooks.article import (
    WRITTEN,
    ArticleError,
    Part,
    in_language,
    mark_of,
    read_parts,
    source,
    untranslated,
)
from booking.platform.languages.language import read_language

TITLE, PAST = "# How many?", "## The past\n\nOf *years*."
ARABIC, ENGLISH = read_language("ar"), read_language("en")


def cell(name, text, kind="markdown"):
    return {"cell_type": kind, "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}


@pytest.fixture
def notebook():
    cells = [cell("question", TITLE), cell("imports", "import sys\nsys.path", "code"), cell("past", PAST)]
    return {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def parts():
    return {"question": Part("# كم؟", mark_of(TITLE)), "past": Part("## الماضي\n\nسنوات.", mark_of(PAST))}


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "01.md"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_copy_has_the_translated_text_from_right_to_left_and_its_code(notebook, parts):
    copy = in_language(notebook, parts, ARABIC)

    assert [source(one) for one in copy["cells"]] == [
        '<div dir="rtl">\n\n# كم؟\n\n</div>',
        'from booking.entrypoints.notebooks import read_in\n\nread_in("ar")',
        "import sys\nsys.path",
        '<div dir="rtl">\n\n## الماضي\n\nسنوات.\n\n</div>',
    ]
    assert copy["metadata"]["language_info"] == {"name": "python"}
    assert len(notebook["cells"]) == 3, "the notebook itself stays as it is"


def test_a_cell_whose_english_changed_stays_in_english_and_is_named(notebook, parts):
    notebook["cells"][2] = cell("past", "## The past, told otherwise")

    assert list(untranslated(notebook, parts)) == [("past", "## The past, told otherwise")]
    assert source(in_language(notebook, parts, ARABIC)["cells"][3]) == "## The past, told otherwise"


def test_a_cell_without_a_translation_is_named_with_its_english(notebook, parts):
    del parts["question"]
    assert list(untranslated(notebook, parts)) == [("question", TITLE)]


def test_an_english_copy_has_the_english_text_and_names_its_language(notebook):
    copy = in_language(notebook, {}, ENGLISH)
    assert [source(one) for one in copy["cells"] if one["cell_type"] == "markdown"] == [TITLE, PAST]
    assert 'read_in("en")' in source(copy["cells"][1])


def test_parts_are_read_by_cell_with_the_mark_of_their_english(written):
    path = written("<!-- question 0123abcd -->\n# كم؟\n\n<!-- the-past 4567ef01 -->\n## الماضي\n\nسنوات.\n")
    assert read_parts(path) == {
        "question": Part("# كم؟", "0123abcd"),
        "the-past": Part("## الماضي\n\nسنوات.", "4567ef01"),
    }
    assert read_parts(path.with_name("02.md")) == {}, "no file, no parts"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# كم؟\n<!-- past 0123abcd -->\nسنوات", "comes first"),
        ("# كم؟\n", "comes first"),
        ("<!-- past 0123abcd -->\nأ\n<!-- past 0123abcd -->\nب", "past is there twice"),
        ("<!-- past 0123abcd -->\n\n<!-- next 0123abcd -->\nب", "past is empty"),
    ],
)
def test_a_damaged_file_of_text_is_refused_with_its_name(written, text, fault):
    with pytest.raises(ArticleError, match=rf"01\.md: .*{fault}"):
        read_parts(written(text))


def test_a_kernel_shows_both_languages_until_its_reader_chooses():
    assert languages_read() == WRITTEN
    try:
        read_in("ar")
        assert languages_read() == ("ar",)
        with pytest.raises(ValueError, match="name a language"):
            read_in()
        assert languages_read() == ("ar",)
    finally:
        read_in(*WRITTEN)
