"""The secret is replaced in the middle of a day: nobody is signed out, doubled or lost."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pyotp
import pytest
from sqlalchemy import delete, func, insert, select, text

from booking.antifraud.gate.exceptions import Subject, approve, grant
from booking.country.core import sessions, visitors
from booking.country.core.four_eyes import ever_looked_for, looked_for
from booking.country.core.key_check import LeftBehindError, WrongSecretError
from booking.country.core.register import seal_national_number
from booking.operations.keys import seal_anew
from booking.operations.keys.allow import asks_for_code, list_keys
from booking.operations.keys.rotate import SETTLED, begin_rotation, renew_lasting_key, seal_everything, waits_for_use
from booking.operations.keys.seal_anew import LASTING, SEALED, RotationError, is_sealed, stores
from booking.people.accounts.codes import Purpose, check_code, keep_code
from booking.people.accounts.errors import WrongSecondFactorError
from booking.people.accounts.household import known_person
from booking.people.accounts.second_factor import keep
from booking.platform.base.errors import AlreadyLiveError, ForbiddenError
from booking.platform.base.libpq import libpq_parameters
from booking.platform.base.settings import SecondFactor
from booking.platform.base.vault import Secret
from booking.platform.models import Account, AuditEntry, KeyCheck, Person, Request, RuleException, UrgentEvidence
from booking.platform.models.base import Base
from booking.platform.models.states import Door, Role
from booking.scheduling.appointments import passes
from booking.scheduling.appointments.passes import PassContent
from booking.scheduling.requests.ask import ask
from fraud.rules.rule_set import ALL_RULES
from tests.booking.operations.keys.processes import LATER, NEW, OLD
from tests.support.country import a_colleague, a_member, a_wish, an_account, an_analyst, an_origin, eligible_number
from tests.support.roles import a_strangers_login, past_the_roles

PAGE = b"a page of somebody's passport"


def seal_all(core, by, told=lambda *_: None, **how):
    return seal_everything(core, by=by, told=told, **how)


def sealed_values(core):
    with core.sessions() as session:
        return [value for one in SEALED for value in session.scalars(select(one.column).where(is_sealed(one)))]


def test_a_secret_replaced_at_noon_signs_nobody_out_and_doubles_nobody(in_country, clock):
    process = in_country
    evidence = uuid4()
    with process(OLD) as before:
        boss, account, number = a_colleague(before, Role.ADMINISTRATOR), an_account(before), eligible_number(before)
        wish = a_wish((a_member(before, account, number=number),))
        ask(before, account_id=account, wish=wish, origin=an_origin())
        token, _ = sessions.create(before, account_id=account, language="ar", door=Door.HOME)
        form, _ = visitors.begin(before, language="ar", form={"name": "أمل"})
        with before.sessions.begin() as session:
            code, _ = keep_code(session, before, account_id=account, purpose=Purpose.RESET_PASSWORD)
        stores(before)[0].put(evidence, 0, PAGE)

        with process(NEW, OLD) as beside:
            later, _ = sessions.create(beside, account_id=account, language="ar", door=Door.HOME)
            assert sessions.read(before, later).account_id == account, "the old process reads what the new one sealed"
            with pytest.raises(RotationError, match="not every process knows the new secret"):
                begin_rotation(beside, by=boss)

    with process(NEW, OLD) as one, process(NEW, OLD) as other:
        assert begin_rotation(one, by=boss)
        other.vault.look_again()
        assert other.vault.encrypt("x", "y").startswith(Secret(NEW.encode()).head), "the other process follows"
        for core in (one, other):
            assert sessions.read(core, token).account_id == sessions.read(core, later).account_id == account
            assert visitors.read(core, form).form == {"name": "أمل"}
        check_code(other, account_id=account, purpose=Purpose.RESET_PASSWORD, code=code)
        stranger = an_account(other)
        again = a_member(other, stranger, number=number)
        with pytest.raises(AlreadyLiveError):
            ask(other, account_id=stranger, wish=a_wish((again,)), origin=an_origin())
        with one.sessions() as session:
            assert session.scalar(select(func.count()).select_from(Person)) == 1

        first = seal_all(one, boss)
        assert (dict(first.left), first.unreadable, first.free_from) == ({}, 0, None), "a transaction may still run"
        clock.advance(SETTLED)
        free_from = seal_all(one, boss).free_from
        assert free_from == clock.now() + timedelta(days=2), "sessions and kept answers end by themselves"

    with pytest.raises(WrongSecretError, match=r"still needed until 2026-11-03 .*_OLD"), process(NEW):
        pass
    with pytest.raises(WrongSecretError, match="is not the secret that sealed this database"), process(OLD):
        pass
    clock.set(free_from)
    with process(NEW) as last:
        assert stores(last)[0].get(evidence, 0) == PAGE
        assert {value[:8] for value in sealed_values(last)} == {Secret(NEW.encode()).head}
        with last.sessions() as session:
            actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
        assert actions[-2:] == ["keys.rotated", "keys.freed"]


def test_sealing_anew_goes_on_where_it_was_broken_off(process, monkeypatch):
    monkeypatch.setattr(seal_anew, "BATCH", 2)
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
        for _ in range(4):
            an_account(before, confirmed=False)
    with process(NEW, OLD) as core:
        begin_rotation(core, by=boss)

        def killed(*_):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            seal_all(core, boss, killed)
        old, new = (Secret(secret.encode()).key_id.hex() for secret in (OLD, NEW))
        assert {one.key_id: one.seals["account"] for one in list_keys(core)} == {new: 2, old: 3}

    with pytest.raises(WrongSecretError, match="still needed until `mawid keys rotate` frees it"):
        process(NEW).__enter__()

    with process(NEW, OLD) as core:
        done = []
        assert not seal_all(core, boss, lambda table, number: done.append((table, number))).left
        assert sum(number for table, number in done if table == "account") == 3
        assert [(one.present, one.given, one.seals["account"]) for one in list_keys(core)] == [
            (True, True, 5),
            (False, True, 0),
        ]


def test_a_value_that_no_secret_opens_keeps_the_secret_before_it(process, clock):
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
        damaged = an_account(before, confirmed=False)
        with before.sessions.begin() as session:
            account = session.get_one(Account, damaged)
            sealed = account.phone_ciphertext
            account.phone_ciphertext = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with process(NEW, OLD) as core:
        begin_rotation(core, by=boss)
        clock.advance(SETTLED)

        outcome = seal_all(core, boss, at_once=True)

        assert (outcome.unreadable, outcome.left["account"], outcome.free_from) == (1, 1, None)


def test_the_secret_before_opens_nothing_that_is_stored_after(process, clock):
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
    with process(NEW, OLD) as core:
        begin_rotation(core, by=boss)
        clock.advance(SETTLED)
        assert seal_all(core, boss, at_once=True).free_from == clock.now()

        thief = Secret(OLD.encode())
        with core.sessions() as session:
            kept = session.scalars(select(KeyCheck.lasting).where(KeyCheck.lasting.is_not(None))).all()
        assert len(kept) == 1
        assert not [value for value in (*kept, *sealed_values(core)) if value.startswith(thief.head)]
        assert thief.key("lookup") != core.vault.key("lookup")


def test_a_database_from_before_there_was_a_lasting_key_keeps_its_hashes(process, clock):
    with process(OLD) as before, before.sessions.begin() as session:
        session.execute(delete(KeyCheck))
        session.add(
            KeyCheck(
                secret="MAWID_SECRET_KEY",
                value=before.vault.present.check_value,
                present=True,
                created_at=clock.now(),
            )
        )
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
        hashed = before.vault.lookup_hash("1", "phone")
    with process(NEW, OLD) as core:
        begin_rotation(core, by=boss)
        assert core.vault.lookup_hash("1", "phone") == hashed
    with process(NEW, OLD) as core:
        assert core.vault.lookup_hash("1", "phone") == hashed
        assert [one.seals["account"] for one in list_keys(core)] == [0, 1]
    with process(LATER, NEW, OLD) as core:
        assert begin_rotation(core, by=boss)
        assert core.vault.lookup_hash("1", "phone") == hashed


def test_a_machine_that_does_not_see_the_evidence_frees_no_secret(process, clock):
    with process(OLD) as core:
        boss, file = a_colleague(core, Role.ADMINISTRATOR), uuid4()
        with past_the_roles(core) as session:
            session.execute(text("SET session_replication_role = replica"))  # a file without the case around it
            about = {"id": file, "urgent_request_id": file, "uploaded_by": boss, "uploaded_at": clock.now()}
            kept = {"sha256": b"", "media_type": "image/png", "size": 1, "pages": 1, "fingerprints": []}
            session.execute(insert(UrgentEvidence).values(about | kept))
        with pytest.raises(RotationError, match="are not in"):
            seal_all(core, boss)

        stores(core)[0].put(file, 0, PAGE)

        assert not seal_all(core, boss).left


def test_only_an_administrator_replaces_the_secret_with_a_fresh_code(process, clock):
    with process(OLD) as before:
        boss, analyst = a_colleague(before, Role.ADMINISTRATOR), a_colleague(before, Role.ANALYST)
        app = pyotp.random_base32()
        with before.sessions.begin() as session:
            keep(session, before, account_id=boss, secret=app, step=0)
        assert not waits_for_use(before)
    with process(NEW, OLD) as core:
        assert waits_for_use(core)
        assert asks_for_code(core, by=boss)
        for who, code, refused in (
            (analyst, "", ForbiddenError),
            (boss, "", WrongSecondFactorError),
            (boss, pyotp.TOTP(app).at(clock.now() - timedelta(hours=1)), WrongSecondFactorError),
        ):
            with pytest.raises(refused):
                begin_rotation(core, by=who, code=code)
        with core.sessions() as session:
            assert len(session.scalars(select(KeyCheck)).all()) == 1

        assert begin_rotation(core, by=boss, code=pyotp.TOTP(app).at(clock.now()))
        assert not begin_rotation(core, by=boss), "it is in use already"


def test_a_login_that_is_not_mawids_keeps_no_secret_in_use_by_its_name(process, database_url):
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
    with (
        process(NEW, OLD) as core,
        a_strangers_login(database_url) as stranger,
        psycopg.connect(**libpq_parameters(stranger), application_name="mawid 0001"),
    ):
        assert begin_rotation(core, by=boss)


def test_who_must_have_a_second_step_and_has_none_replaces_nothing(process):
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
    with (
        process(NEW, OLD, staff_second_factor=SecondFactor.REQUIRED) as core,
        pytest.raises(WrongSecondFactorError),
    ):
        begin_rotation(core, by=boss)


def test_a_secret_that_was_replaced_never_comes_back(process):
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
    with process(NEW, OLD) as core:
        begin_rotation(core, by=boss)
    with process(OLD, NEW) as core, pytest.raises(RotationError, match="was in use before: make a new one"):
        begin_rotation(core, by=boss)
    with process(LATER, NEW, OLD) as core:
        assert begin_rotation(core, by=boss)


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
