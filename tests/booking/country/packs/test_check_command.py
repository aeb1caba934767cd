"""``mawid catalogue check``: every mistake with its place, the line, and what to write instead."""

import shutil

import pytest
from typer.testing import CliRunner

from booking.cli import app
from booking.country.packs.reading import PackError
from tests.support.effort import Effort

FINES = "services/vehicles/traffic-fines-statement.toml"
PREVIEWED = {"vehicles", "passports"}
"""Groups whose pages are made on each submission; each night all are."""


def check(*arguments):
    return CliRunner().invoke(app, ["catalogue", "check", *map(str, arguments)])


def test_the_pack_of_the_settings_is_checked_by_default():
    assert check().output == check("syria").output
    assert check().exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("position = 503", 'position = "503"', 'position = "503"', "write a whole number without quotes"),
        ("position = 503", "postion = 503", "postion = 503", 'unknown key postion; did you mean "position"?'),
        ("position = 503", "", 'code = "traffic-fines-statement"', "position is missing; write it, such as position ="),
        ("position = 503", "position: 503", "position: 503", "write each line as key = value"),
        ("position = 503", "position = five", "position = five", 'a text stands in "quotes"'),
        ("position = 503", "position = 503\nposition = 503", "position = 503", "twice; take one of them out"),
        (
            'audience = "resident"',
            'audience = "everyone"',
            'audience = "everyone"',
            "'resident', 'expatriate' or 'both'",
        ),
        ("[[fees]]", "[[fees]", "[[fees]", "close the header with ]"),
        ('name.en = "Statement of traffic fines"\n', "", "name.ar =", "name has no text in en"),
        (
            'code = "plate"',
            'code = "Plate No"',
            'code = "Plate No"',
            "a code is small Latin letters, digits and dashes",
        ),
        ("owner = true", "owner = false", "owner = false", "the form does not accept the example: owner is must agree"),
        (
            'group = "vehicles"',
            'group = "vehicle"',
            'group = "vehicle"',
            'unknown group vehicle; did you mean "vehicles"?',
        ),
        ('agency = "traffic"', 'agency = ["traffic"]', "agency = [", "write a text in quotes"),
    ],
)
def test_each_mistake_is_reported_with_its_line_and_a_remedy(edited, syria, old, new, line, told):
    output = check(edited(FINES, old, new)).output

    places = output.split("\n\n")
    assert any(place.startswith(f"{FINES}, line ") and line in place and told in place for place in places), output
    assert f"{len(syria.services) - 1} services can be used" in output
    assert "traffic-fines-statement" in output.splitlines()[-1]


def test_a_position_used_twice_disables_only_the_new_service(edited, syria):
    folder = edited("pack.toml", "[counter]", "[counter]")
    text = (folder / FINES).read_text("utf-8").replace("traffic-fines-statement", "a-new-service")
    (folder / "services/vehicles/a-new-service.toml").write_text(text, "utf-8")

    told = check(folder)

    assert told.exit_code == 1
    assert "position 503 is already used at services/vehicles/a-new-service.toml:2" in told.output
    assert told.output.endswith(f"{len(syria.services) + 1} services can be used\n")


def test_a_circle_of_prerequisites_is_reported_once_with_its_path(edited, syria):
    folder = edited(
        "services/vehicles/compulsory-car-insurance.toml",
        "\n[result]",
        '\n[[prerequisites]]\ncode = "card"\nservice = "vehicle-registration-renewal"\n\n[result]',
    )

    told = check(folder)

    way = "compulsory-car-insurance -> vehicle-registration-renewal -> compulsory-car-insurance"
    assert told.output.count(f"prerequisites go in a circle: {way}; take one of them out") == 1
    assert f"{len(syria.services) - 1} services can be used" in told.output


def test_a_mistake_outside_services_stops_the_pack_with_a_message(edited):
    told = check(edited("catalogue.toml", 'code = "justice"', 'code = "passports"'))

    assert told.exit_code == 1
    assert "catalogue.toml, line " in told.output
    assert "code passports is already used at" in told.output
    assert "Nothing can be loaded until this is right." in told.output


def test_a_missing_pack_is_reported_with_the_existing_ones():
    told = check("atlantis")

    assert isinstance(told.exception, PackError)
    assert "no such pack or folder; known: syria" in str(told.exception)


@pytest.mark.slow
def test_usable_services_are_previewed_and_others_left_out(edited, tmp_path):
    preview, folder = tmp_path / "preview", edited(FINES, "position = 503", "position = five")
    for group in (folder / "services").iterdir():
        if group.name not in PREVIEWED and not Effort.thorough:
            shutil.rmtree(group)

    told = check(folder, "--preview", preview)

    assert told.exit_code == 1
    for language in ("ar", "en"):
        assert (preview / language / "driving-licence-renewal.html").is_file()
        assert not (preview / language / "traffic-fines-statement.html").exists()
