"""Administrators propose, name and end observers, and see what each read."""

import pytest

from api.deps import LANGUAGE_COOKIE
from booking.people.staff.create import create_staff
from booking.platform.models.states import Role
from booking.transparency.observers.keys import ObserverKey
from tests.support.country import PASSWORD

KEY = ObserverKey.new("high-court")


@pytest.fixture
def signed_in(core, sign_in):
    """A browser of one more administrator."""

    def make(name, phone):
        account_id = create_staff(
            core,
            username=name,
            password=PASSWORD,
            phone=phone,
            roles=[Role.ADMINISTRATOR],
            office_code=None,
            language="en",
            by=None,
        )
        return sign_in(account_id).given(LANGUAGE_COOKIE, "en")

    return make


def test_two_administrators_name_an_observer_and_one_ends_it(signed_in):
    boss, chief = signed_in("boss", "0944000001"), signed_in("chief", "0944000002")
    boss.go("/admin/observers/new").send(organisation="The High Court", key="not a key", reason="")
    assert "This is not an observer&#39;s public key." in boss.text
    boss.send(organisation="The High Court", key=KEY.public_line, reason="by its letter")
    assert "You proposed this." in boss.text
    page = boss.path
    boss.send(decision="agree")
    assert "Another administrator must confirm this" in boss.text

    chief.go("/admin/observers")
    assert "Waits for a second administrator" in chief.text
    chief.go(page).send(decision="agree")
    assert KEY.public_line in chief.text
    boss.go(page).send(decision="end", reason="its mandate is over")
    assert "No longer an observer" in boss.text
    assert "its mandate is over" in boss.text
