"""A person without a phone signs a paper at a shop: no officer, no place; and no way around the officer."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from booking.antifraud.gate.replay import replay
from booking.desk.counter.ask_for import look, status, withdraw_at_counter
from booking.desk.helpers import papers, views
from booking.desk.helpers.ask import give_consent
from booking.desk.helpers.errors import (
    ConsentMissingError,
    ConsentUsedError,
    HelperSuspendedError,
    PaperCapReachedError,
    PaperMissingError,
)
from booking.desk.helpers.papers import paper_of, read_paper_page, remove_old_consents
from booking.desk.helpers.register import find_helper, suspend
from booking.people.evidence.errors import EvidenceUnavailableError, UploadRunningError
from booking.platform.base.errors import AlreadyLiveError, ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.models import (
    AuditEntry,
    ConsentPaper,
    HelperUse,
    Label,
    Message,
    Request,
)
from booking.platform.models.states import RequestState, Role
from booking.scheduling.requests.review import challenge_review, decide_review
from tests.booking.desk.helpers.helped import a_helper, ask_it, helper_id_of, on_paper, owner_of, photographed, signed
from tests.support.country import a_colleague, a_member, an_account, an_origin, eligible_number
from tests.support.urgent_cases import a_photo
from tests.support.waiting import ended

pytestmark = pytest.mark.neighbours


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def shop(core):
    return a_helper(core)


@pytest.fixture
def officer(core):
    return a_colleague(core, Role.REVIEWER)


def state_of(core, reference):
    with core.sessions() as session:
        return session.scalars(select(Request.state).where(Request.reference == reference)).one()


def kept(core, consent):
    with core.sessions() as session:
        papers = select(ConsentPaper).where(ConsentPaper.removed_at.is_(None), ConsentPaper.consent_id == consent)
        return session.scalars(papers).all()


def an_appointment(core, reference):
    """Write an appointment for a request as somebody with psql would."""
    with core.sessions.begin() as session:
        session.execute(
            text("""
                INSERT INTO appointment (id, reference, request_id, office_id, state, starts_at, ends_at, confirm_by,
                                         created_at)
                SELECT gen_random_uuid(), 'FORGED', r.id, s.office_id, 'offered', s.starts_at, s.ends_at, s.starts_at,
                       now()
                FROM request r, (SELECT * FROM slot WHERE starts_at > now() ORDER BY starts_at LIMIT 1) s
                WHERE r.reference = :reference
            """),
            {"reference": reference},
        )


@pytest.mark.alone
def test_a_request_on_paper_gets_no_place_until_an_officer_accepts_it(core, shop, officer, clock):
    number = eligible_number(core)
    consent = on_paper(core, shop, number=number)
    form = papers.consent_form(core, by=shop, consent_id=consent)
    assert (form.organisation, form.first_name, form.number_ends) == ("مكتبة الياسمين", "سعاد", number[-3:])
    assert form.until - clock.now() == timedelta(days=7)
    with pytest.raises(PaperMissingError):
        ask_it(core, shop, consent)
    with pytest.raises(ConsentMissingError):
        give_consent(core, by=shop, consent_id=consent, code="000000")

    photographed(core, shop, consent)
    asked = ask_it(core, shop, consent)
    reference = asked.reference
    assert (asked.state, asked.reasons[0]["code"]) == (RequestState.UNDER_REVIEW, "consent_on_paper")
    with core.sessions.begin() as session:  # whatever moves the request: there is no place without the officer
        session.execute(update(Request).where(Request.reference == reference).values(state=RequestState.ACCEPTED))
    with pytest.raises(IntegrityError, match="no officer accepted"):
        an_appointment(core, reference)
    with core.sessions.begin() as session:
        session.execute(update(Request).where(Request.reference == reference).values(state=RequestState.UNDER_REVIEW))

    found = replay(core, core.today())  # the gate's own verdict is repeated, and the paper on top
    assert (found.repeated, found.differences) == (1, {})
    paper = paper_of(core, reference=reference)
    assert (paper.reference, paper.name, paper.number_ends) == (form.reference, "سعاد الخيالية", number[-3:])
    assert (paper.pages, paper.same_photo, paper.has_phone, paper.taken_back) == (1, 0, False, False)
    assert read_paper_page(core, officer_id=officer, reference=reference, page=0).content.startswith(b"\xff\xd8")
    for who in (shop, a_colleague(core, Role.ANALYST)):
        with pytest.raises(ForbiddenError):
            read_paper_page(core, officer_id=who, reference=reference, page=0)
    with pytest.raises(NotFoundError):
        read_paper_page(core, officer_id=officer, reference=reference, page=1)
    with pytest.raises(ForbiddenError):
        challenge_review(core, officer_id=officer, reference=reference, note="there is no phone to send a code to")
    decide_review(core, officer_id=officer, reference=reference, accept=True, note="name, service and sign are right")
    assert state_of(core, reference) is RequestState.ACCEPTED
    an_appointment(core, reference)

    assert status(core, reference=reference, national_number=number, origin=an_origin()).state is RequestState.ACCEPTED
    clerk = a_colleague(core, Role.OFFICER, office="aleppo")
    assert look(core, officer_id=clerk, reference=reference).receipt == asked.receipt
    assert views.paper_receipt(core, by=shop, consent_id=consent).receipt == asked.receipt
    withdraw_at_counter(core, officer_id=clerk, reference=reference)
    assert paper_of(core, reference=reference).taken_back
    with pytest.raises(NotFoundError):
        views.paper_receipt(core, by=shop, consent_id=consent)

    clock.advance(timedelta(days=29))
    assert remove_old_consents(core) == 0
    clock.advance(timedelta(days=2))
    assert (remove_old_consents(core), remove_old_consents(core), kept(core, consent)) == (1, 0, [])
    assert paper_of(core, reference=reference).pages == 0
    with core.sessions() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
    assert {"helper.asked", "review.paper_read", "review.accept", "counter.consent_withdrawn"} <= actions


@pytest.mark.alone
def test_a_rejected_paper_is_explained_and_another_can_be_signed(core, shop, officer):
    number = eligible_number(core)
    consent = signed(core, shop, number=number)
    asked = ask_it(core, shop, consent)
    with pytest.raises(AlreadyLiveError):
        ask_it(core, shop, signed(core, shop, number=number))
    decide_review(core, officer_id=officer, reference=asked.reference, accept=False, note="no sign", bad_paper=True)

    assert views.person(core, by=shop, consent_id=consent).paper_refused
    view = status(core, reference=asked.reference, national_number=number, origin=an_origin())
    assert (view.state, [one["code"] for one in view.reasons]) == (RequestState.REFUSED, ["paper_not_accepted"])
    with core.sessions() as session:
        assert not session.scalar(select(func.count()).select_from(Label))
    supervisor = a_colleague(core, Role.SUPERVISOR, office="damascus")
    other = a_helper(core, by=supervisor)
    fine = ask_it(core, other, signed(core, other))
    decide_review(core, officer_id=officer, reference=fine.reference, accept=True, note="all right")
    figures = find_helper(core, by=supervisor, helper_id=helper_id_of(core, shop)).figures
    assert (figures.papers.count, figures.papers.of, figures.papers.others) == (1, 1, 0.0)
    assert (figures.reviewed.count, figures.reviewed.of) == (0, 0)

    again = ask_it(core, shop, signed(core, shop, number=number))
    assert again.state is RequestState.UNDER_REVIEW
    with pytest.raises(InvalidInputError):  # nobody signed a paper for it
        decide_review(core, officer_id=officer, reference=again.reference, accept=True, note="?", bad_paper=True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no_file"),
        (b"MZ" + b"x" * 2000, "executable_file"),
        (b"\xff\xd8\xff\xe0 not really", "damaged_file"),
        (b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024), "too_large_file"),
    ],
)
def test_a_file_that_is_not_a_photo_is_refused_and_consent_stays_open(core, shop, content, reason):
    consent = on_paper(core, shop)
    with pytest.raises(InvalidInputError) as caught:
        photographed(core, shop, consent, content)
    assert [(one.field, one.reason) for one in caught.value.errors] == [("file", reason)]
    assert views.person(core, by=shop, consent_id=consent).consent == "asked"
    assert kept(core, consent) == []


@pytest.mark.alone
def test_the_same_photo_is_kept_once_and_another_replaces_it(core, shop):
    consent, photo = on_paper(core, shop), a_photo(7)
    photographed(core, shop, consent, photo)
    photographed(core, shop, consent, photo)
    [first] = kept(core, consent)
    photographed(core, shop, consent)
    [second] = kept(core, consent)
    assert second.id != first.id
    with pytest.raises(EvidenceUnavailableError):
        papers.consent_store(core).get(first.id, 0)
    for _ in range(papers.MOST_TRIES - 2):
        with core.sessions.begin() as session:
            session.add(
                ConsentPaper(
                    consent_id=consent, sha256=b"", media_type="image/jpeg", size=1, pages=1,
                    uploaded_at=core.clock.now(), removed_at=core.clock.now(),
                )
            )  # fmt: skip
    with pytest.raises(InvalidInputError):
        photographed(core, shop, consent)

    other = on_paper(core, shop)
    photographed(core, shop, other, photo)
    assert paper_of(core, reference=ask_it(core, shop, other).reference).same_photo == 1


def test_simultaneous_photos_leave_one(core, shop):
    consent, failed = on_paper(core, shop), []

    def send(shade):
        try:
            photographed(core, shop, consent, a_photo(shade))
        except Exception as error:  # noqa: BLE001 - a thread's error is shown below
            failed.append(type(error))

    threads = [threading.Thread(target=send, args=(shade,)) for shade in (1, 2, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        ended(thread)
    assert set(failed) <= {UploadRunningError}
    [paper] = kept(core, consent)
    assert papers.consent_store(core).get(paper.id, 0)


@pytest.mark.alone
def test_a_paper_works_once_in_time_and_only_for_its_helper(core, shop, clock):
    consent, other = signed(core, shop), a_helper(core)
    for act in (
        lambda: photographed(core, other, consent),
        lambda: papers.consent_form(core, by=other, consent_id=consent),
        lambda: papers.drop_paper(core, by=other, consent_id=consent),
        lambda: views.paper_receipt(core, by=other, consent_id=consent),
        lambda: ask_it(core, other, consent),
    ):
        with pytest.raises(NotFoundError):
            act()
    ask_it(core, shop, consent)
    for act in (photographed, ask_it):
        with pytest.raises(ConsentUsedError):
            act(core, shop, consent)
    dropped = signed(core, shop)
    papers.drop_paper(core, by=shop, consent_id=dropped)
    late = signed(core, shop)
    clock.advance(timedelta(days=7))
    for one in (dropped, late):
        for act in (photographed, ask_it):
            with pytest.raises(ConsentMissingError):
                act(core, shop, one)
    assert remove_old_consents(core) == 1  # the late one; the dropped one went at once
    fresh = on_paper(core, shop)
    supervisor = a_colleague(core, Role.SUPERVISOR, office="damascus")
    suspend(core, by=supervisor, helper_id=helper_id_of(core, shop), reason="complaints")
    with pytest.raises(HelperSuspendedError):
        photographed(core, shop, fresh)


def test_papers_have_their_own_cap_within_the_general_caps(core, shop):
    with core.sessions.begin() as session:
        session.add(HelperUse(helper_id=helper_id_of(core, shop), period=f"{core.today():p%Y%m%d}", taken=4))
    ask_it(core, shop, signed(core, shop))
    with pytest.raises(PaperCapReachedError):
        ask_it(core, shop, signed(core, shop))
    with core.sessions() as session:
        by_shop = select(HelperUse.period, HelperUse.taken).where(HelperUse.helper_id == helper_id_of(core, shop))
        taken = dict(session.execute(by_shop).all())
    assert sorted(taken.values()) == [1, 1, 5]
    assert views.overview(core, by=shop).left.papers == 0


def test_a_person_with_an_account_and_phone_is_notified_of_the_paper(core, shop):
    number, account = eligible_number(core), an_account(core)
    a_member(core, account, number=number, relation="self")
    consent = signed(core, shop, number=number)
    assert owner_of(core, consent).id != account
    asked = ask_it(core, shop, consent)
    assert paper_of(core, reference=asked.reference).has_phone
    with core.sessions() as session:
        told = session.scalars(
            select(Message.values).where(Message.account_id == account, Message.kind == "helped_on_paper")
        )
        assert told.one()["reference"] == asked.reference
