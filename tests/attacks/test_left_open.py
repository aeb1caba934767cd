"""What stood open until somebody shut it: an unlocked screen, measures, a make-believe payment, a password that leaked.

Before, an open tab of an administrator's was enough to make another one and to learn who is behind a code, and it
never ended (M9); anyone read `/metrics`, and production took sandbox payments and sent passwords in the clear (L4);
"password12" was a password, and an open page chose another one without the present one (L8).
"""

from datetime import timedelta

import pytest

from booking.country.core import sessions
from booking.people.accounts.opening import register
from booking.people.accounts.reset_password import change_password
from booking.people.accounts.second_factor import keep, new_secret
from booking.platform.base.errors import InvalidInputError
from booking.platform.base.settings import Environment, Settings
from booking.platform.models.states import Door, Role
from tests.api.one_call import one_call
from tests.api.pages.browser import FORM, SITE
from tests.support.country import a_colleague, an_account, an_origin

POWERS = ("/admin/staff/new", "/admin/re-identify", "/admin/staff/{account}", "/admin/staff/changes/{account}")
FIT = {
    "environment": Environment.PRODUCTION,
    "secret_key": "s" * 32,
    "base_url": "https://mawid.example",
    "register_url": "https://register.example",
    "register_token": "t" * 32,
    "beacon": "drand",
    "witnesses": "w",
}


@pytest.fixture
def open_tab(core, client):
    """Send a form from an administrator's tab, and return where that leads."""
    boss = a_colleague(core, Role.ADMINISTRATOR)
    with core.sessions.begin() as session:
        keep(session, core, account_id=boss, secret=new_secret(), step=0)
    roles = [Role.ADMINISTRATOR]
    token, data = sessions.create(core, account_id=boss, language="en", door=Door.HOME, roles=roles)
    sessions.note_proof(core, token)
    headers = FORM | {"host": "localhost:8000", "origin": SITE, "cookie": f"mawid={token}"}

    def send(path, method="POST"):
        body = f"csrf={data.csrf}&reason=because&change=roles&roles=administrator&action=confirm".encode()
        return one_call(client, method, path.format(account=boss), headers, body).location

    return send


def test_an_unlocked_screen_makes_nobody_an_administrator_and_names_nobody(open_tab, clock):
    assert [path for path in POWERS if open_tab(path).startswith("/me/security/again")] == []

    clock.advance(timedelta(minutes=15))

    assert [path for path in POWERS if not open_tab(path).startswith("/me/security/again?next=")] == []


def test_an_unlocked_screen_is_nobodys_after_a_while(core, open_tab, clock):
    object.__setattr__(core, "settings", core.settings.model_copy(update={"staff_idle": timedelta(minutes=20)}))

    clock.advance(timedelta(minutes=20))

    assert open_tab("/admin", "GET").startswith("/sign-in?next=")


def test_measures_are_for_whoever_has_the_token(client):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"payment_provider": "sandbox"}, "no money moves"),
        ({"database_url": "postgresql://mawid@db.example/mawid"}, "must be reached by a unix socket or by TLS"),
        ({"redis_url": "redis://cache.example"}, "must be reached by a unix socket or by TLS"),
    ],
)
def test_production_is_not_open_by_default(change, why):
    Settings(_env_file=None, **FIT)

    with pytest.raises(ValueError, match=why):
        Settings(_env_file=None, **FIT, **change)


def test_a_password_from_a_list_of_leaked_ones_is_nobodys(core):
    for leaked in ("password12", "PASSWORD123", "iloveyou123", "liverpool1", "كلمةالسر12"):
        with pytest.raises(InvalidInputError):
            register(
                core,
                username="amal",
                password=leaked,
                phone="0933112233",
                language="ar",
                door=Door.HOME,
                origin=an_origin(),
            )


def test_an_open_page_does_not_choose_another_password(core):
    account_id = an_account(core)
    token, _ = sessions.create(core, account_id=account_id, language="ar", door=Door.HOME)

    with pytest.raises(InvalidInputError, match="present_password"):
        change_password(
            core, account_id=account_id, token=token, present="a guess", password="nobodys cloud", origin=an_origin()
        )
