"""Somebody asks the site who has an account (L1). Before, asking for a code took longer where there was one."""

from dataclasses import replace

import pytest
from sqlalchemy import event, select, text

from booking.country.core.messages import ABOUT_SECRET
from booking.country.core.security import Origin
from booking.entrypoints.demo.actor import do_what_was_asked
from booking.people.accounts.opening import confirm_phone, register
from booking.people.accounts.recover_username import request_usernames
from booking.people.accounts.reset_password import request_reset
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import InvalidInputError, WrongCredentialsError
from booking.platform.models import Message
from booking.platform.models.states import Door
from tests.support.country import PASSWORD, last_secret


@pytest.fixture
def statements(core):
    """Note every statement that the database gets."""
    engine, noted = core.sessions.kw["bind"], []

    def note(_connection, _cursor, statement, *_others):
        noted.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield noted
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("ask", "somebody", "nobody"),
    [
        (lambda core, whom, origin: request_reset(core, username=whom, origin=origin), "amal", "nobody"),
        (lambda core, whom, origin: request_usernames(core, phone=whom, origin=origin), "0933112233", "0933112234"),
    ],
    ids=["a new password", "the user name"],
)
def test_asking_does_the_same_work_whether_or_not_there_is_an_account(
    core, amal, strangers, statements, ask, somebody, nobody
):
    with_a_cookie = [replace(next(strangers), known="x" * 43) for _ in range(3)]
    ask(core, nobody, with_a_cookie[0])  # the first one looks for new limits too
    done = []
    for whom, origin in zip((somebody, nobody), with_a_cookie[1:], strict=True):
        statements.clear()
        ask(core, whom, origin)
        done.append(list(statements))

    assert done[0] == done[1]
    with core.sessions() as session:
        queued = "SELECT count(*) FROM procrastinate_jobs WHERE task_name IN ('send_reset', 'tell_usernames')"
        assert session.scalar(text(queued)) == 3


def test_what_waits_in_the_queue_names_nobody(core, amal):
    request_reset(core, username="amal", origin=amal)
    request_usernames(core, phone="0933112233", origin=amal)

    with core.sessions() as session:
        of_these = "SELECT args::text FROM procrastinate_jobs WHERE task_name IN ('send_reset', 'tell_usernames')"
        waiting = " ".join(session.scalars(text(of_these)))
    assert waiting
    assert "amal" not in waiting
    assert "933112233" not in waiting


def a_neighbour(core, username):
    here = Origin("203.0.113.9", f"device of {username}", 30.0)
    account_id = register(
        core, username=username, password=PASSWORD, phone="0933112233", language="ar", door=Door.HOME, origin=here
    )
    confirm_phone(core, account_id=account_id, code=last_secret(core, account_id, "confirm_phone"))
    return account_id


def test_a_phone_signs_in_to_its_only_account(core, amal):
    assert sign_in(core, username="٠٩٣٣ ١١٢ ٢٣٣", password=PASSWORD, origin=amal).account_id


def test_a_shared_phone_and_one_that_nobody_has_get_the_same_answer(core, amal, strangers, statements):
    a_neighbour(core, "badr")
    refused = []
    for phone in ("0933112233", "0933998877"):
        statements.clear()
        with pytest.raises(WrongCredentialsError) as error:
            sign_in(core, username=phone, password=PASSWORD, origin=next(strangers))
        refused.append((str(error.value), len(statements)))

    assert refused[0] == refused[1]
    assert refused[0][1] > 0


def test_a_phone_gets_the_names_of_all_its_accounts_and_of_no_other(core, amal, strangers):
    a_neighbour(core, "badr")
    for phone in ("0933112233", "0933998877"):
        request_usernames(core, phone=phone, origin=next(strangers))
    do_what_was_asked(core)

    with core.sessions() as session:
        sent = session.scalars(select(Message.secret).where(Message.kind == "usernames")).all()
    assert [core.vault.decrypt(one, ABOUT_SECRET) for one in sent] == ["amal, badr"]


def test_a_name_with_somebodys_phone_in_it_is_nobodys_phone(core, amal, strangers):
    words = {"username": "badr0933112233", "password": "another turn for all"}
    badr = register(core, **words, phone="0933445566", language="ar", door=Door.HOME, origin=next(strangers))

    assert sign_in(core, **words, origin=next(strangers)).account_id == badr


def test_nobody_takes_a_phone_as_a_user_name_to_keep_its_owner_out(core, amal, strangers):
    with pytest.raises(InvalidInputError) as refused:
        register(
            core,
            username="0933112233",
            password=PASSWORD,
            phone="0933445566",
            language="ar",
            door=Door.HOME,
            origin=next(strangers),
        )
    assert [(one.field, one.reason) for one in refused.value.errors] == [("username", "is_phone")]
