"""Nobody decides about themselves, their household or their phone: every use case refuses it, and every trigger."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from booking.antifraud.gate import exceptions
from booking.antifraud.gate.exceptions import Subject, grant
from booking.antifraud.linking.decide import decide_case, look_at_case
from booking.antifraud.linking.newcomers import compare_newcomers
from booking.antifraud.watching.cases import answer, look_at_question
from booking.country.core.four_eyes import GRANTS, Permission, Reach, allows, reach, refuse_own_request, require
from booking.country.core.register import seal_national_number
from booking.desk.counter import ask_for, walk_ins
from booking.desk.counter.walk_ins import correct, leave_unserved
from booking.desk.helpers.papers import read_paper_page
from booking.desk.helpers.register import suspend
from booking.eservices.online import decide, officers, post_desk
from booking.eservices.online.officers import open_case as open_online
from booking.people.identity.dispute import decide as decide_who_acts
from booking.people.identity.seen import Seen
from booking.platform.base.errors import ForbiddenError, MawidError, OwnCaseError
from booking.platform.models import Account, Base, HouseholdMember, Person, Request, ReviewCase
from booking.platform.models.states import Role
from booking.scheduling.appointments.attend import miss, miss_after_closing, serve
from booking.scheduling.requests.appeals import confirm_reselling
from booking.scheduling.requests.review import appeal, challenge_review, decide_review
from booking.scheduling.requests.staff_views import look_at_review
from booking.scheduling.urgent import approve, claim, open_case
from booking.scheduling.urgent.decide import deny
from fraud.rules.rule_set import ALL_RULES
from tests.booking.antifraud.linking.people import a_person, cases
from tests.booking.desk.counter.standing import a_counter_request
from tests.booking.desk.counter.visits import a_visit
from tests.booking.desk.helpers.helped import a_helper, ask_it, helper_id_of, signed
from tests.booking.scheduling.requests.test_review import ALWAYS
from tests.support.country import a_colleague, a_member, a_request, an_account, eligible_number, put_rules_in_force
from tests.support.decisions import a_question
from tests.support.lost_factors import OwnerWithoutFactor
from tests.support.online_cases import a_posted_case, with_agency
from tests.support.root import ROOT
from tests.support.urgent_cases import APPROVE, DENY, a_quick_case_with_officers

EVERY = (Role.OFFICER, Role.SUPERVISOR, Role.CASEWORKER, Role.CASE_SUPERVISOR, Role.ANALYST, Role.ADMINISTRATOR)
GUARDED = """
SELECT c.relname, convert_from(substring(t.tgargs FROM 1 FOR position('\\x00'::bytea IN t.tgargs) - 1), 'UTF8')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname = 'refuse_own' ORDER BY 1
"""
AGAIN = """
INSERT INTO {0} OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(NULL::{0}, to_jsonb(kept) || jsonb_build_object('{1}', CAST(:officer AS text)))).*
FROM {0} kept WHERE {1} IS NOT NULL LIMIT 1
"""
JOIN = """
INSERT INTO household_member (account_id, person_id, name, relation, created_at)
VALUES ({}, {}, 'قريبي', 'other', now())
"""
CHANGED = """
INSERT INTO phone_change (id, account_id, old_hash, new_ciphertext, new_hash, created_at, done_at)
VALUES (gen_random_uuid(), {}, {}, 'new', 'new', now(), now())
"""
OLD = "'old'::bytea"
WHOSE_IT_IS = {"account_id", "opened_by", "uploaded_by"}
ABOUT_NO_PERSON = {
    *(f"{a}.asked_by" for a in ("closure", "gate_study", "quota_trial", "roster", "roster_repair", "webhook_replay")),
    *("observer.ended_by", "roster.published_by", "staff_person.bound_by"),
    *("quota_draft.changed_by", "rule_draft.saved_by"),
    *(f"{a}.{act}_by" for a in ("staff_change", "observer", "webhook_subscription") for act in ("proposed", "decided")),
}
"""Who decided about no person, or about colleagues, where another trigger looks; so did whoever ``created`` a row."""


@pytest.fixture
def officer(country):
    """Somebody who may decide everything in Damascus and at the ministry of justice."""
    return a_colleague(country, *EVERY, office="damascus", agency="justice")


def of_everybodys_household(core, officer):
    """Make all people whom anybody asked for the officer's own: in a citizen's account that had the officer's phone."""
    private = an_account(core)
    with core.sessions.begin() as session:
        phone = session.get_one(Account, officer).phone_hash
        session.execute(text(CHANGED.format(":private", ":phone")), {"private": private, "phone": phone})
        for person in session.scalars(select(Person.id)).all():
            row = {"account_id": private, "person_id": person, "name": "قريبي", "relation": "other"}
            session.execute(insert(HouseholdMember).values(**row, created_at=core.clock.now()))


def a_pair(core):
    a_person(core)
    a_person(core)
    compare_newcomers(core)
    return cases(core)[0].reference


def on_paper(core):
    shop = a_helper(core)
    return helper_id_of(core, shop), ask_it(core, shop, signed(core, shop)).reference


def acts_about(core, officer):
    """Every use case in which staff decide about a person or look at their case, ready for the officer."""
    number = eligible_number(core)
    a_colleague(core, Role.REVIEWER)
    a_counter_request(core, a_colleague(core, Role.OFFICER, office="damascus"), number=number)
    counter, visit = only_request(core), a_visit(core).reference
    urgent, posted = a_quick_case_with_officers(core).reference, a_posted_case(core, "damascus")
    online, pair, question = with_agency(core).reference, a_pair(core), a_question(core, "damascus")
    helper, paper = on_paper(core)
    put_rules_in_force(core, source=ALWAYS.format(verdict="review"))
    account, asked = a_request(core)
    with core.sessions.begin() as session:
        session.execute(update(ReviewCase).where(ReviewCase.reference == question).values(subjects=[account]))
        by_name = session.get_one(Account, officer).username
        phone = select(Account.phone_hash).where(Account.id == officer).scalar_subquery()
        session.execute(update(Account).where(Account.registered_helper).values(phone_hash=phone))
    by, note, read = {"officer_id": officer}, {"note": "as I know her"}, {"revision": 1}
    review, case = {**by, "reference": asked.reference}, {**by, "reference": urgent}
    form, visited = {**by, "reference": online}, {**by, "reference": visit}
    exception = {"reference": asked.reference, "subject": Subject.DEVICE, "rule": ALL_RULES, "reason": "my own"}
    return {
        "review": partial(look_at_review, **review),
        "accept": partial(decide_review, **review, **note, accept=True),
        "ask for a check": partial(challenge_review, **review, **note),
        "label": partial(confirm_reselling, **review, **note, resold=False),
        "read a paper": partial(read_paper_page, **by, reference=paper, page=0),
        "except": partial(grant, by=by_name, until=core.clock.now() + timedelta(days=9), **exception),
        "claim": partial(claim.claim, **case),
        "approve": partial(approve.approve, **case, **APPROVE),
        "deny": partial(deny, **case, **DENY),
        "open": partial(open_case.open_case, **case),
        "claim online": partial(officers.claim, **form),
        "open online": partial(open_online, **form),
        "approve online": partial(decide.approve, **form, reason="all_is_there", note=""),
        "take post in": partial(post_desk.register_arrival, **by, reference=posted),
        "look at two people": partial(look_at_case, **by, reference=pair),
        "same or different": partial(decide_case, **by, **read, **note, reference=pair, decision="same"),
        "look at a question": partial(look_at_question, **by, reference=question),
        "answer it": partial(answer, **by, **read, **note, reference=question, decision="explained"),
        "serve": partial(serve, **visited),
        "miss": partial(miss, **visited),
        "leave unserved": partial(leave_unserved, **visited),
        "correct": partial(correct, **visited, came=True, reason="he came"),
        "ask at the counter": partial(a_counter_request, clerk=officer, number=number),
        "look at the counter": partial(ask_for.look, **by, reference=counter),
        "confirm there": partial(ask_for.confirm_at_counter, **by, reference=counter),
        "withdraw there": partial(ask_for.withdraw_at_counter, **by, reference=paper),
        "a ticket": partial(walk_ins.add, **by, national_number=number, service="passport-renewal"),
        "decide who acts": partial(end_somebodys, officer=officer, number=number),
        "suspend a helper": partial(suspend, by=officer, helper_id=helper, reason="a rival of mine"),
    }


def test_no_use_case_lets_an_officer_decide_about_their_own_household(country, officer):
    acts = acts_about(country, officer)
    of_everybodys_household(country, officer)
    went_through = {}
    for name, act in acts.items():
        try:
            went_through[name] = act(country)
        except OwnCaseError:
            continue
        except MawidError as error:
            went_through[name] = error
    assert went_through == {}


def test_the_database_refuses_decisions_about_the_officers_household(country, officer):
    ways = decided_in_every_way(country)
    of_everybodys_household(country, officer)
    for table, column in ways:
        with pytest.raises(IntegrityError, match="own: "), country.sessions.begin() as session:
            assert session.execute(text(AGAIN.format(table, column)), {"officer": officer}).rowcount == 0, table


def test_every_decision_about_a_person_is_guarded_by_a_trigger(core):
    with core.sessions() as session:
        guarded = {f"{table}.{column}" for table, column in session.execute(text(GUARDED))}
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "account.id" for key in column.foreign_keys)
        and column.name not in {"created_by", "activated_by"}
    }
    deciding_columns = {one for one in named if one.split(".")[1] not in WHOSE_IT_IS} - ABOUT_NO_PERSON
    assert deciding_columns <= guarded <= named


@pytest.mark.neighbours
@pytest.mark.parametrize(
    "tie",
    [
        "UPDATE request SET account_id = :officer WHERE id = :request",
        "UPDATE account SET phone_hash = :phone WHERE id = :owner",
        "UPDATE request SET phone_hash = :phone WHERE id = :request",
        "UPDATE household_member SET account_id = :officer WHERE account_id = :owner",
        f"UPDATE account SET phone_hash = :phone WHERE id = :private; {JOIN.format(':private', ':person')}",  # noqa: S608
        f"{JOIN.format(':owner', ':cousin')}; {JOIN.format(':officer', ':cousin')}",
        f"UPDATE request SET account_id = :private WHERE id = :request; {CHANGED.format(':private', ':phone')}",  # noqa: S608
        f"UPDATE account SET phone_hash = 'old' WHERE id = :owner; {CHANGED.format(':officer', OLD)}",  # noqa: S608
        f"UPDATE request SET phone_hash = 'old' WHERE id = :request; {CHANGED.format(':officer', OLD)}",  # noqa: S608
        f"{CHANGED.format(':private', ':phone')}; {JOIN.format(':private', ':person')}",
        f"{CHANGED.format(':owner', OLD)}; {CHANGED.format(':private', OLD)}; {CHANGED.format(':private', ':phone')}",
    ],
    ids=[
        *("account", "phone of the account", "phone of the request", "person", "person of a private login"),
        *("household", "a private login's earlier phone", "the officer's earlier phone"),
        *("earlier phone of the request", "person of a login on an earlier phone", "an earlier phone of both"),
    ],
)
def test_every_tie_between_officer_and_case_is_found(country, officer, tie):
    owner, asked = a_request(country)
    private, cousin = an_account(country), a_person(country)
    with country.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.reference == asked.reference)).one()
        refuse_own_request(session, officer, request.id)
        who = {"officer": officer, "owner": owner, "private": private, "request": request.id, "cousin": cousin}
        who |= {"phone": session.get_one(Account, officer).phone_hash, "person": request.members[0].person_id}
        for statement in tie.split("; "):
            session.execute(text(statement), who)
        with pytest.raises(OwnCaseError):
            refuse_own_request(session, officer, request.id)


def test_a_change_of_phone_that_was_stopped_ties_nobody(country, officer):
    owner, _ = a_request(country)
    with country.sessions.begin() as session:
        who = {"officer": officer, "owner": owner, "phone": session.get_one(Account, officer).phone_hash}
        session.execute(text(CHANGED.format(":owner", ":phone").replace("done_at", "stopped_at")), who)
        refuse_own_request(session, officer, session.scalars(select(Request.id)).one())


def test_two_people_without_a_phone_do_not_share_a_household(country):
    a_counter_request(country, clerk := a_colleague(country, Role.OFFICER, office="damascus"))
    with country.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == clerk).values(phone_hash=b""))
        refuse_own_request(session, clerk, session.scalars(select(Request.id)).one())


def name_of(core, account_id):
    with core.sessions() as session:
        return session.get_one(Account, account_id).username


def only_request(core):
    with core.sessions() as session:
        return session.scalars(select(Request.reference)).one()


def end_somebodys(core, officer, *, number=None):
    """End at the counter that an account acts for a person; of whoever was asked for at the counter, by number."""
    account = None if number else an_account(core)
    member = None if account is None else a_member(core, account)
    with core.sessions() as session:
        if account is None:
            hashed = seal_national_number(core.vault, number).hash
            one = select(HouseholdMember).join(Person).where(Person.national_number_hash == hashed)
        else:
            one = select(HouseholdMember).where(HouseholdMember.id == member)
        entry = session.scalars(one).first()
    seen = Seen(documents=["passport"], name=entry.name, birth_date=entry.birth_date, reason="no", end=[entry.id])
    decide_who_acts(core, officer_id=officer, person_id=entry.person_id, seen=seen)


def decided_in_every_way(core):
    """Decisions of colleagues in every table that keeps one; the tables with the columns that name who decided."""
    colleague = a_colleague(core, *EVERY, office="damascus", agency="justice")
    by, note = {"officer_id": colleague}, {"note": "saw both cards"}
    urgent, online, pair = a_quick_case_with_officers(core).reference, with_agency(core).reference, a_pair(core)
    visit = a_visit(core)
    claim.claim(core, **by, reference=urgent)
    approve.approve(core, **by, reference=urgent, **APPROVE)
    officers.claim(core, **by, reference=online)
    decide.approve(core, **by, reference=online, reason="all_is_there", note="")
    decide_case(core, **by, **note, reference=pair, revision=1, decision="same")
    number = eligible_number(core)
    a_counter_request(core, colleague, number=number)
    walk_ins.add(core, **by, national_number=number, service="passport-renewal")
    put_rules_in_force(core, source=ALWAYS.format(verdict="review"))
    account, asked = a_request(core)
    name, until = name_of(core, colleague), core.clock.now() + timedelta(days=9)
    who = {"reference": asked.reference, "subject": Subject.PERSON, "rule": ALL_RULES}
    exception = grant(core, by=name, **who, reason="own", until=until)
    exceptions.approve(core, by=name_of(core, a_colleague(core, Role.ANALYST)), exception_id=exception)
    end_somebodys(core, colleague)
    (owner := OwnerWithoutFactor(core)).stands_before(colleague, code=owner.code)
    decide_review(core, **by, **note, reference=asked.reference, accept=False)
    appeal(core, account_id=account, reference=asked.reference, words="we are two sisters")
    decide_review(core, officer_id=a_colleague(core, Role.REVIEWER), **note, reference=asked.reference, accept=True)
    core.clock.set(visit.starts_at + timedelta(hours=9))
    miss_after_closing(core)
    correct(core, **by, reference=visit.reference, came=True, reason="he came")
    with core.sessions() as session:
        return session.execute(text(GUARDED)).all()


DAMASCUS, BERLIN = 1, 2
SECURITY = ROOT / "docs/security.md"


def documented() -> dict[Permission, dict[Role, Reach]]:
    """The table of roles in the documentation: each permission once, with a column for each role of staff."""
    lines = SECURITY.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    first = next(i for i, row in enumerate(rows) if "in the code" in row)
    roles = [Role(re.search(r"`(\w+)`", cell).group(1)) for cell in rows[first][2:]]
    assert set(roles) == set(Role) - {Role.CITIZEN}
    found: dict[Permission, dict[Role, Reach]] = {}
    for row in itertools.takewhile(lambda row: len(row) == len(roles) + 2, rows[first + 2 :]):
        reaches = {role: Reach(cell.replace(" ", "_")) for role, cell in zip(roles, row[2:], strict=True) if cell}
        for name in re.findall(r"`(\w+)`", row[1]):
            assert Permission(name) not in found, name
            found[Permission(name)] = reaches
    return found


def test_the_documentation_lists_the_permissions_of_the_code():
    assert documented() == GRANTS


def test_every_permission_has_a_row_and_no_citizen_is_in_it():
    assert set(GRANTS) == set(Permission)
    assert all(rows and Role.CITIZEN not in rows for rows in GRANTS.values())


def test_a_supervisor_may_do_all_that_a_clerk_may():
    for rows in GRANTS.values():
        assert Role.OFFICER not in rows or rows[Role.SUPERVISOR] is rows[Role.OFFICER]
    assert {one for one in Permission if Role.SUPERVISOR in GRANTS[one] and Role.OFFICER not in GRANTS[one]} == {
        Permission.CORRECT_ATTENDANCE,
        Permission.CLOSE_OFFICE,
        Permission.PLAN_ROSTER,
        Permission.APPROVE_SECOND,
        Permission.OVERBOOK,
        Permission.REVOKE_APPROVALS,
        Permission.WATCH_APPROVALS,
        Permission.MANAGE_HELPERS,
    }


def test_a_reviewer_decides_cases_of_any_office_and_serves_nobody():
    assert allows({Role.REVIEWER}, None, Permission.DECIDE_APPEALS, office_id=BERLIN)
    assert not allows({Role.REVIEWER}, DAMASCUS, Permission.SERVE_COUNTER, office_id=DAMASCUS)


@pytest.mark.parametrize(
    ("own", "office_id", "allowed"),
    [(DAMASCUS, DAMASCUS, True), (DAMASCUS, BERLIN, False), (None, DAMASCUS, False), (None, None, False)],
)
def test_clerks_serve_the_counter_of_their_own_office_only(own, office_id, allowed):
    assert allows({Role.OFFICER}, own, Permission.SERVE_COUNTER, office_id=office_id) is allowed


def test_the_widest_of_several_roles_counts():
    both = {Role.OFFICER, Role.ANALYST}
    assert reach(both, Permission.CHANGE_POLICIES) is Reach.EVERY_OFFICE
    assert reach({Role.CITIZEN}, Permission.USE_DESK) is None


def test_permission_is_read_from_the_stored_account():
    account = SimpleNamespace(roles=["officer"], office_id=DAMASCUS, closed_at=None)
    assert require(account, Permission.SERVE_COUNTER, office_id=DAMASCUS) is account
    closed = SimpleNamespace(roles=["officer"], office_id=DAMASCUS, closed_at=datetime(2026, 11, 1, tzinfo=UTC))
    for who, office_id in ((account, BERLIN), (None, DAMASCUS), (closed, DAMASCUS)):
        with pytest.raises(ForbiddenError):
            require(who, Permission.SERVE_COUNTER, office_id=office_id)
