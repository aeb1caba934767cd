"""The page on which an administrator carries a random number in."""

from booking.platform.models.states import Role
from tests.booking.transparency.beacons.test_values import ROUND, SIGNATURE


def test_a_value_is_carried_in_on_a_page_that_refuses_another_in_words(staff):
    boss = staff(Role.ADMINISTRATOR, None).go("/language/en?back=/admin/beacon")
    boss.send(round=str(ROUND + 1), content=SIGNATURE.hex())
    assert "This is not the right value" in boss.text
    assert SIGNATURE.hex() in boss.text, "what was typed is still there"
    boss.send(round=str(ROUND), content=SIGNATURE.hex())
    assert "It is the right one, and is kept." in boss.text
    assert "أحضِره من أي مكان" in boss.go("/language/ar?back=/admin/beacon").text
    assert staff(Role.ANALYST, None).go("/admin/beacon").status == 403
