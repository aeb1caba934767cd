"""The lasting key is replaced while Mawid stands still: people are found, by hashes that a thief cannot make."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from booking.antifraud.gate.exceptions import Subject, approve, grant
from booking.country.core.four_eyes import ever_looked_for, looked_for
from booking.country.core.key_check import LeftBehindError
from booking.country.core.register import seal_national_number
from booking.operations.keys.rotate import renew_lasting_key
from booking.operations.keys.seal_anew import LASTING, RotationError
from booking.people.accounts.household import known_person
from booking.platform.models import Account, AuditEntry, Person, Request, RuleException
from booking.platform.models.base import Base
from booking.platform.models.states import Role
from booking.scheduling.appointments import passes
from booking.scheduling.appointments.passes import PassContent
from booking.scheduling.requests.ask import ask
from fraud.rules.rule_set import ALL_RULES
from tests.booking.operations.keys.processes import OLD
from tests.support.country import a_colleague, a_member, a_wish, an_account, an_analyst, an_origin, eligible_number

GONE = text(
    "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
"""Waits until the server has ended connections whose client is gone, which it does when it has time."""


def hashes(session):
    """Every lookup hash, by table and column."""
    columns = [Base.metadata.tables[name].c[one] for name in LASTING for one in LASTING[name].split()]
    return {column: {value for value in session.scalars(select(column)) if value} for column in columns}


def except_for_a_day(core, reference):
    """Let an exception of a request's device from all rules hold."""
    with core.sessions() as session:
        names = [session.get_one(Account, an_analyst(core)).username for _ in range(2)]
    until = core.clock.now() + timedelta(days=1)
    about = {"subject": Subject.DEVICE, "rule": ALL_RULES, "reason": "A known charity", "until": until}
    approve(core, by=names[1], exception_id=grant(core, by=names[0], reference=reference, **about))


def test_everything_is_found_again_by_hashes_that_the_key_before_cannot_make(in_country, clock):
    with in_country(OLD) as before:
        boss, account, number = a_colleague(before, Role.ADMINISTRATOR), an_account(before), eligible_number(before)
        wish = a_wish((a_member(before, account, number=number),))
        asked = ask(before, account_id=account, wish=wish, origin=an_origin("a phone"))
        except_for_a_day(before, asked.reference)
        signed = passes.sign(PassContent("ABCDEFGHJ", 1, clock.now(), 1), before.vault.signing_key())
        searched = looked_for(before, number)
        with before.sessions() as session:
            old = hashes(session)
    with in_country(OLD) as core, in_country(OLD) as other:
        with pytest.raises(RotationError, match="stop every web process"):
            renew_lasting_key(core, by=boss, told=lambda *_: None)
        other.sessions.kw["bind"].dispose()  # out of reach for a while
        with core.sessions() as session:
            session.execute(GONE)
        renew_lasting_key(core, by=boss, told=lambda *_: None)
        with pytest.raises(LeftBehindError), other.sessions() as session:
            session.execute(text("SELECT 1"))

    with in_country(OLD) as after, after.sessions.begin() as session:
        new = hashes(session)
        assert [len(values) for values in new.values()] == [len(values) for values in old.values()]
        assert sum(map(len, new.values())) > 5
        assert set().union(*old.values()).isdisjoint(set().union(*new.values()))
        person = session.scalars(select(Person)).one()
        assert known_person(session, after, seal_national_number(after.vault, number), person.birth_date) is person
        asked = session.scalars(select(Request)).one()
        assert asked.phone_hash == session.get_one(Account, account).phone_hash
        assert asked.device_hash == an_origin("a phone").device_hash(after.vault)
        assert session.scalar(select(RuleException.subject)) == asked.device_hash, "its exception holds"
        assert searched in ever_looked_for(after, number)[:-1], "searches of before are found in the audit log"
        assert passes.read(signed, after.vault.verifier()).reference == "ABCDEFGHJ"
        with pytest.raises(passes.ForgedPassError):
            passes.read(signed, after.vault.signing_key().public_key())
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
        assert actions[-1] == "keys.renewed"
