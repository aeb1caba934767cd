"""The walk of docs/catalogue.md, as it is written there."""

import re

import pytest
from typer.testing import CliRunner

from booking.cli import app
from tests.support.root import ROOT

PAGE = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
FILE = "services/municipal/library-card.toml"


def fenced(kind: str) -> list[str]:
    """Return the blocks of a kind; "" is plain text."""
    blocks = re.findall(r"^```([a-z]*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return [text for found, text in blocks if found == kind]


@pytest.fixture
def check(edited):
    """Add the page's file to the Syrian pack, changed as given, and check it."""
    folder = edited("pack.toml", "[counter]", "[counter]")

    def run(*changes: tuple[str, str]):
        text = fenced("toml")[0]
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / FILE).write_text(text, "utf-8")
        return CliRunner().invoke(app, ["catalogue", "check", str(folder)])

    return run


def test_the_documented_service_file_is_valid(check, syria):
    told = check()

    assert told.exit_code == 0, told.output
    assert f"{len(syria.services) + 1} services, no errors" in told.output


def test_mistakes_are_reported_as_documented(check):
    both, one = fenced("")[:2]

    told = check(("amount = 5", 'amount = "five"'), ('"municipality"', '"municipalty"'))
    assert (told.exit_code, told.output) == (1, both)
    told = check(('"municipality"', '"municipalty"'))
    assert (told.exit_code, told.output) == (1, one)


def test_the_documentation_names_existing_commands_and_places(syria):
    assert f"booking/country/packs/syria/{FILE}" in PAGE
    assert fenced("sh") == ["mawid catalogue check syria\n", "mawid catalogue check syria --preview preview\n"]
    assert {service.code for service in syria.services}.isdisjoint({"library-card"})
    assert 605 not in {service.position for service in syria.services}
