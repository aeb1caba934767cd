"""The cover sheet that a letter brings: signed, and readable only unchanged."""

import pytest

from booking.eservices.online.post_desk import ForgedSheetError, read_sheet, sign_sheet


def test_a_cover_sheet_changed_in_one_place_is_refused(country):
    sheet = sign_sheet(country.vault, "7K2M9D4QX", 7)
    assert read_sheet(country.vault, sheet) == ("7K2M9D4QX", 7)
    for place in range(len(sheet)):
        with pytest.raises(ForgedSheetError):
            read_sheet(country.vault, sheet[:place] + ("A" if sheet[place] != "A" else "B") + sheet[place + 1 :])
