"""The same request by four ways, pages, a program, USSD and voice, becomes the same row, judged by the same gate."""

from sqlalchemy import select

from booking.country.core.security import By
from booking.people.accounts.begin_session import log_in
from booking.people.accounts.household import list_members
from booking.platform.models import Account, Request, RequestMember, RequestOffice, Verdict
from tests.api.pages.people import account_of, add_person, ask, register
from tests.booking.desk.telephone.callers import Caller, an_owner, phone_of

APART = {"id", "reference", "nonce", "receipt", "created_at", "transaction", "account_id", "phone_hash"}
"""Of a request: whose it is, when it was, and what is drawn at random."""
WHENCE = {"device_hash", "network_hash"}


def stored(core, account):
    """All that is stored of an account's request, and of how it was judged."""
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.account_id == account)).one()
        columns = {one.name: getattr(request, one.key) for one in Request.__table__.columns if one.name not in APART}
        whence = [columns.pop(name) != b"" for name in sorted(WHENCE)]
        people = session.execute(
            select(RequestMember.position, RequestMember.exclusive_group, RequestMember.units, RequestMember.proven)
            .where(RequestMember.request_id == request.id)
            .order_by(RequestMember.position)
        ).all()
        offices = session.execute(
            select(RequestOffice.rank, RequestOffice.office_id, RequestOffice.first_day, RequestOffice.last_day)
            .where(RequestOffice.request_id == request.id)
            .order_by(RequestOffice.rank)
        ).all()
        verdict = session.scalars(select(Verdict).where(Verdict.request_id == request.id)).one()
    judged = verdict.decision, verdict.reasons, verdict.versions, verdict.inputs["hard"]
    return (columns, people, offices, judged), (verdict.inputs["by"], whence)


def by_telephone(core, by):
    account, number = an_owner(core, language="en")
    caller = Caller(core, phone_of(core, account), by)
    caller.prove(account, number, language="en")
    caller.choose("Ask for", "Passport renewal", "No special", "Damascus", "Aleppo", "That is all", "Any day")
    caller.choose("Send the request")
    return account


def by_a_program(core, client, wish):
    account, _ = an_owner(core)
    with core.sessions() as session:
        token = log_in(core, session.get_one(Account, account), device="").token
    people = [one.id for one in list_members(core, account_id=account)]
    body = {"service": "passport-renewal", "people": people, "offices": ["damascus", "aleppo"]} | wish
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "one-of-a-kind"}
    answer = client.post("/api/v1/requests", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return account


def test_the_same_request_by_four_ways_is_the_same_row(core, browser, client):
    register(browser)
    add_person(browser, core)
    ask(browser, offices=("damascus", "aleppo"))
    week = {"weekdays": [6, 0, 1, 2, 3], "bands": [band.code for band in core.pack.country.bands]}
    accounts = [
        account_of(browser),
        by_a_program(core, client, week),
        by_telephone(core, By.USSD),
        by_telephone(core, By.VOICE),
    ]

    rows, whence = zip(*(stored(core, one) for one in accounts), strict=True)

    assert rows[1:] == rows[:1] * 3
    assert whence == (
        ("pages", [True, True]),
        ("program", [False, True]),
        ("ussd", [False, False]),
        ("voice", [False, False]),
    )
