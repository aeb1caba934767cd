import re
from datetime import date

import pytest

from booking.country.packs.loading import load_pack
from booking.country.packs.schema import Pack
from booking.country.packs.shares import generate_slots
from tests.support.root import ROOT

PAGE = ROOT / "docs" / "country-packs.md"


@pytest.fixture
def documented(tmp_path) -> Pack:
    """The pack that the page shows, file by file."""
    for name, text in re.findall(
        r"^`([a-z/]+\.(?:toml|svg))`\n\n```(?:toml|svg)\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return load_pack(tmp_path)


def test_the_small_pack_of_the_documentation_loads(documented):
    assert documented.country.languages == ("ar", "en")
    assert documented.office("tunis-centre").time_zone == "Africa/Tunis"


def test_the_documented_country_has_its_own_slots(documented):
    slots = list(generate_slots(documented, documented.office("paris"), date(2026, 11, 23), date(2026, 11, 29)))

    assert len(slots) == 2 * 12  # Monday and Wednesday, 20 minutes each
    assert {slot.band for slot in slots} == {"day"}
