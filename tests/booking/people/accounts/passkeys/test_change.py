"""Passkeys that are added, removed and reset."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from booking.country.core import sessions
from booking.people.accounts import passkeys, second_factor
from booking.people.accounts.errors import LastSecondFactorError, SignInAgainError
from booking.people.accounts.fresh import FRESH
from booking.people.accounts.passkeys import add, list_passkeys, offer_new, remove
from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.platform.models import Account, AuditEntry, Message, Passkey, RecoveryCode
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.states import Role
from tests.support.country import a_colleague, two_administrators_change
from tests.support.meanwhile import refused_after
from tests.support.software_passkey import SITE, SoftwarePasskey, from_text


def test_a_second_passkey_can_be_added_but_the_last_cannot_be_removed(core, nour, set_up, origin, phone, actions):
    token = set_up[0].token
    key = SoftwarePasskey(SITE, counts=False)
    offered = offer_new(core, account_id=nour, token=token)
    assert [from_text(one["id"]) for one in json.loads(offered)["excludeCredentials"]] == [phone.id]
    add(core, account_id=nour, token=token, credential=key.make(offered), name="key", origin=origin)

    first, second = list_passkeys(core, nour)
    remove(core, account_id=nour, token=token, passkey_id=first.id)
    with pytest.raises(LastSecondFactorError):
        remove(core, account_id=nour, token=token, passkey_id=second.id)
    assert actions()[-2:] == ["second_factor.passkey_added", "second_factor.passkey_removed"]
    with core.sessions() as session:
        assert {"passkey_added", "passkey_removed"} <= set(session.scalars(select(Message.kind)))


def test_every_passkey_can_be_removed_when_an_app_remains(core, nour, set_up):
    with core.sessions.begin() as session:
        second_factor.keep(session, core, account_id=nour, secret=second_factor.new_secret(), step=1)
    (only,) = list_passkeys(core, nour)

    remove(core, account_id=nour, token=set_up[0].token, passkey_id=only.id)

    assert list_passkeys(core, nour) == []


def test_removing_the_last_two_passkeys_at_once_leaves_one(core, nour, set_up, origin):
    token = set_up[0].token
    credential = SoftwarePasskey(SITE).make(offer_new(core, account_id=nour, token=token))
    add(core, account_id=nour, token=token, credential=credential, name="key", origin=origin)

    def try_it(one):
        try:
            remove(core, account_id=nour, token=token, passkey_id=one.id)
        except LastSecondFactorError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(try_it, list_passkeys(core, nour))) == [False, True]


def test_passkeys_change_only_within_a_quarter_of_an_hour_of_signing_in(core, nour, set_up, origin):
    token = set_up[0].token
    core.clock.advance(FRESH)
    credential = SoftwarePasskey(SITE).make(offer_new(core, account_id=nour, token=token))
    with pytest.raises(SignInAgainError):
        add(core, account_id=nour, token=token, credential=credential, name="key", origin=origin)
    with pytest.raises(SignInAgainError):
        remove(core, account_id=nour, token=token, passkey_id=list_passkeys(core, nour)[0].id)


def test_names_and_the_number_of_passkeys_are_limited(core, nour, set_up, origin, monkeypatch):
    token = set_up[0].token
    for name in (" ", "x" * 41, "a\u202eb"):
        with pytest.raises(InvalidInputError):
            add(core, account_id=nour, token=token, credential="", name=name, origin=origin)
    monkeypatch.setattr(passkeys, "MOST", 1)
    credential = SoftwarePasskey(SITE).make(offer_new(core, account_id=nour, token=token))
    with pytest.raises(InvalidInputError, match="too_many_passkeys"):
        add(core, account_id=nour, token=token, credential=credential, name="key", origin=origin)


def test_a_passkey_is_changed_only_by_its_owner_after_a_second_factor(core, nour, set_up, an_account):
    lina = a_colleague(core, Role.OFFICER)
    for passkey_id in (list_passkeys(core, nour)[0].id, uuid4()):
        with pytest.raises(NotFoundError):
            passkeys.find_passkey(core, account_id=lina, passkey_id=passkey_id)
    citizen = sessions.create(core, account_id=an_account(), language="ar", door="home")[0]
    with pytest.raises(NotFoundError):
        passkeys.require_may_change(core, account_id=lina, token=citizen)


def test_an_administrator_resets_all_passkeys_and_it_is_logged(core, nour, set_up):
    two_administrators_change(core, nour, StaffChangeKind.SECOND_FACTOR, reason="lost her bag, saw her identity card")

    assert list_passkeys(core, nour) == []
    with core.sessions() as session:
        assert not second_factor.has_second_factor(session, nour)
        assert session.scalars(select(RecoveryCode)).all() == []
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "second_factor.reset")).one()
        assert (entry.action, entry.details["passkeys"], entry.details["app"]) == (
            "second_factor.reset",
            ["my phone"],
            False,
        )


def test_a_reset_during_an_addition_leaves_no_passkey(core, nour, set_up, origin):
    token = set_up[0].token
    credential = SoftwarePasskey(SITE).make(offer_new(core, account_id=nour, token=token))

    def reset(administrator):
        administrator.get_one(Account, nour, with_for_update=True)
        administrator.execute(delete(Passkey))

    refused = refused_after(
        core, reset, lambda: add(core, account_id=nour, token=token, credential=credential, name="key", origin=origin)
    )

    assert isinstance(refused, NotFoundError)
    assert list_passkeys(core, nour) == []
