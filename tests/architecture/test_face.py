"""Templates and style sheets are written to be read; the server takes out what is only layout."""

import re

from tests.support.root import ROOT

API = ROOT / "api"
TEMPLATES = sorted((API / "templates").rglob("*.html"))
SHEETS = sorted((API / "static").rglob("*.css"))
LONGEST = 140
SECTION = re.compile(r"^/\* .+ \*/$", re.MULTILINE)


def test_no_line_of_a_template_is_too_long_to_read():
    long = [
        f"{file.relative_to(API)}:{number}"
        for file in TEMPLATES
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST
    ]
    assert long == []


def test_a_style_sheet_has_one_declaration_a_line():
    dense = [
        f"{file.relative_to(API)}:{number}"
        for file in SHEETS
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.count(";") > 1 or ("{" in line and not line.endswith(" {"))
    ]
    assert dense == []


def test_a_style_sheet_begins_with_a_section_comment():
    assert [str(file) for file in SHEETS if not SECTION.match(file.read_text(encoding="utf-8"))] == []


def test_templates_hold_no_style_of_their_own():
    assert [str(file) for file in TEMPLATES if re.search(r"<style| style=", file.read_text(encoding="utf-8"))] == []
