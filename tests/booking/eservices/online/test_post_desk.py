"""The post desk of a consulate: which letters it takes in, and that each counts once."""

import threading

import pytest
from sqlalchemy import select

from booking.eservices.online.post_desk import (
    ForgedSheetError,
    find_posted,
    look_at_posted,
    read_sheet,
    register_arrival,
    send_back,
    sign_sheet,
)
from booking.eservices.online.send import withdraw_case
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError
from booking.platform.base.references import new_reference
from booking.platform.models import Office
from booking.platform.models.online.case import OnlineState, OriginalsState
from booking.platform.models.states import Role
from tests.booking.eservices.online.posted_papers import TRACKING, originals_of, posted
from tests.support.country import a_colleague
from tests.support.online_cases import stored
from tests.support.waiting import ended


def refused(core, clerk, typed):
    with pytest.raises(InvalidInputError) as error:
        find_posted(core, officer_id=clerk, typed=typed)
    return [(one.field, one.reason) for one in error.value.errors]


def test_forged_wrong_and_misdirected_letters_are_refused_with_a_reason(country, caseworker, clerk):
    asked, brought = posted(country), posted(country, way="visit")
    berlin = originals_of(country, asked.reference).office_id
    sheet = sign_sheet(country.vault, asked.reference, berlin)
    assert refused(country, clerk, sheet[:-1] + ("A" if sheet[-1] != "A" else "B")) == [("code", "forged_sheet")]
    assert refused(country, clerk, "x" * 5000) == [("code", "forged_sheet")]
    assert refused(country, clerk, "123") == [("code", "reference_misread")]
    assert refused(country, clerk, new_reference()) == [("code", "no_posted_case")]
    assert refused(country, clerk, brought.reference) == [("code", "no_posted_case")]
    assert stored(country, brought.reference).state is OnlineState.SUBMITTED, "what is brought is not waited for"
    with country.sessions() as session:
        bonn = session.scalars(select(Office.id).where(Office.code == "bonn")).one()
    assert refused(country, clerk, sign_sheet(country.vault, asked.reference, bonn)) == [("code", "other_consulate")]
    elsewhere = a_colleague(country, Role.OFFICER, office="bonn")
    assert refused(country, elsewhere, asked.reference) == [("code", "other_consulate")]
    for who in (elsewhere, caseworker, asked.account, a_colleague(country, Role.REVIEWER, office="berlin")):
        for act in (look_at_posted, register_arrival):
            with pytest.raises(ForbiddenError):
                act(country, officer_id=who, reference=asked.reference)

    withdraw_case(country, account_id=asked.account, reference=asked.reference)
    with pytest.raises(IllegalMoveError):
        register_arrival(country, officer_id=clerk, reference=asked.reference)
    send_back(country, officer_id=clerk, reference=asked.reference, tracking=TRACKING)


def test_a_letter_scanned_twice_during_a_withdrawal_leaves_one_outcome(country, caseworker, clerk):
    for _ in range(3):
        asked, said = posted(country), []

        def tries(act, reference=asked.reference, said=said, **who):
            try:
                act(country, reference=reference, **who)
            except IllegalMoveError:
                said.append("refused")
            else:
                said.append(act.__name__)

        acts = [(register_arrival, {"officer_id": clerk})] * 2 + [(withdraw_case, {"account_id": asked.account})]
        threads = [threading.Thread(target=tries, args=(act,), kwargs=who) for act, who in acts]
        for one in threads:
            one.start()
        for one in threads:
            ended(one)

        case, kept = stored(country, asked.reference), originals_of(country, asked.reference)
        assert said.count("register_arrival") <= 1
        assert len(said) == 3
        arrived = "register_arrival" in said
        assert (kept.state is OriginalsState.ARRIVED) == arrived
        assert (case.state is OnlineState.WITHDRAWN) == ("withdraw_case" in said)


def test_a_cover_sheet_changed_in_one_place_is_refused(country):
    sheet = sign_sheet(country.vault, "7K2M9D4QX", 7)
    assert read_sheet(country.vault, sheet) == ("7K2M9D4QX", 7)
    for place in range(len(sheet)):
        with pytest.raises(ForgedSheetError):
            read_sheet(country.vault, sheet[:place] + ("A" if sheet[place] != "A" else "B") + sheet[place + 1 :])
