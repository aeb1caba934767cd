"""The form of a case: today's file of its service, whoever changed it, and nobody's answers but one's own."""

from dataclasses import replace

import pytest
from sqlalchemy import event, update

from booking.country.core.known_rows import KnownServices
from booking.eservices.online.answer import keep_part, own_form
from booking.platform.models import Service
from tests.support.online_cases import CLEARANCE, a_filled_draft

pytestmark = pytest.mark.neighbours


def elsewhere(core):
    """The core of another process, which heard of nothing."""
    return replace(core, known_services=KnownServices(core.pack, core.languages))


def change_first_question(core, *, name):
    """Have the file of the service call its first question otherwise, as a new catalogue does."""
    with core.sessions.begin() as session:
        service = session.query(Service).filter_by(code=CLEARANCE).one()
        first, *others = service.spec["fields"]
        changed = service.spec | {"fields": [first | {"name": {"ar": name, "en": name}}, *others]}
        session.execute(update(Service).where(Service.id == service.id).values(spec=changed))


@pytest.mark.alone
def test_a_file_that_another_process_changed_counts_at_once(country, officer):
    asked = a_filled_draft(country)
    own = {"account_id": asked.account, "reference": asked.reference}
    process = elsewhere(country)
    before = own_form(process, **own).spec.fields[0].name["en"]

    change_first_question(country, name="What is it for now?")

    assert before != "What is it for now?"
    assert own_form(process, **own).spec.fields[0].name["en"] == "What is it for now?"
    kept = keep_part(process, **own, code="purpose", typed={"purpose": "work"})
    assert kept.spec.fields[0].name["en"] == "What is it for now?"


def test_two_people_share_the_file_of_a_service_and_nothing_else(country, officer):
    one, other = a_filled_draft(country), a_filled_draft(country)
    for asked, purpose in ((one, "work"), (other, "travel")):
        own = {"account_id": asked.account, "reference": asked.reference}
        keep_part(country, **own, code="purpose", typed={"purpose": purpose})

    theirs = [own_form(country, account_id=asked.account, reference=asked.reference) for asked in (one, other)]

    assert [form.answers for form in theirs] == [{"purpose": "work"}, {"purpose": "travel"}]
    assert theirs[0].spec is theirs[1].spec
    assert theirs[0].case.account_id == one.account
    assert theirs[1].case.account_id == other.account


def test_a_step_of_a_form_asks_the_database_once_and_changes_it_once(country, officer):
    asked, sent = a_filled_draft(country), []
    own = {"account_id": asked.account, "reference": asked.reference}
    own_form(country, **own)
    engine = country.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note := lambda *call: sent.append(call[2].split()[0]))

    own_form(country, **own)
    keep_part(country, **own, code="purpose", typed={"purpose": "work"})

    event.remove(engine, "before_cursor_execute", note)

    assert sent == ["SELECT", "SELECT", "WITH"]
