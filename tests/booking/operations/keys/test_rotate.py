"""The secret is replaced in the middle of a day: nobody is signed out, doubled or lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, insert, select, text

from booking.country.core import sessions, visitors
from booking.country.core.key_check import WrongSecretError
from booking.operations.keys import seal_anew
from booking.operations.keys.allow import list_keys
from booking.operations.keys.rotate import SETTLED, begin_rotation, seal_everything
from booking.operations.keys.seal_anew import SEALED, RotationError, is_sealed, stores
from booking.people.accounts.codes import Purpose, check_code, keep_code
from booking.platform.base.errors import AlreadyLiveError
from booking.platform.base.vault import Secret
from booking.platform.models import Account, AuditEntry, KeyCheck, Person, UrgentEvidence
from booking.platform.models.states import Door, Role
from booking.scheduling.requests.ask import ask
from tests.booking.operations.keys.processes import LATER, NEW, OLD
from tests.support.country import a_colleague, a_member, a_wish, an_account, an_origin, eligible_number
from tests.support.roles import past_the_roles

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
