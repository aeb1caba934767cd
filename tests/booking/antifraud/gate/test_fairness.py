"""A model that troubles the honest people of one group too much is not activated."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.antifraud.gate.fairness import fairness_of
from booking.antifraud.gate.versions import MODEL, propose_model, publish_limits
from booking.country.versions.steps import activate, start_shadow
from booking.platform.base.errors import FairnessBoundError
from booking.platform.models import Label, ModelVersion, Service, Verdict
from booking.platform.models.states import Door, LabelKind
from fraud import train
from tests.booking.antifraud.gate.past import past_requests
from tests.support.country import START, a_request, an_account, an_analyst

HASTE = {"form_seconds": 2.0, "account_age_hours": 0.1, "requests_from_device_24h": 60, "people_on_device_30d": 40}


@pytest.fixture(scope="session")
def challenger():
    return train(seed=9, rows=4_000)


@pytest.fixture
def honest(country):
    """Honest people, proven at the counter: some from home, others from abroad who look like bots."""
    account = an_account(country)
    a_request(country)
    with country.sessions() as session:
        service = session.scalars(select(Service.id).limit(1)).one()
        usual = session.scalars(select(Verdict.inputs)).one()["facts"]

    def make(home, abroad):
        ids = []
        for door, count, facts in ((Door.HOME, home, usual), (Door.ABROAD, abroad, usual | HASTE)):
            times = [START - timedelta(days=2, minutes=minute) for minute in range(count)]
            ids += past_requests(country, [facts] * count, times, [account], service, door=door)
        with country.sessions.begin() as session:
            session.add_all(
                Label(
                    request_id=each,
                    kind=LabelKind.ATTENDANCE,
                    value=False,
                    known_at=START - timedelta(days=1),
                    source="counter",
                )
                for each in ids
            )

    return make


@pytest.fixture
def in_shadow(country, challenger):
    version = propose_model(country, data=challenger.to_bytes(), by=an_analyst(country))
    start_shadow(country, MODEL, version=version, by=an_analyst(country))
    return version


def active(core):
    with core.sessions() as session:
        return session.scalars(select(ModelVersion.version).where(ModelVersion.active)).one()


def test_a_model_that_troubles_an_honest_group_too_much_is_not_activated(country, honest, in_shadow, challenger):
    honest(200, 60)

    with pytest.raises(FairnessBoundError) as caught:
        activate(country, MODEL, version=in_shadow, by=an_analyst(country))

    assert caught.value.group == "residence: abroad"
    assert "challenged 100.0 % of honest requests, others 0.0 %" in str(caught.value)
    assert active(country) == 1
    with country.sessions() as session:
        report, _ = fairness_of(session, country, challenger)
    assert report.set_index(["group", "what"]).loc[("residence: abroad", "challenged"), "people"] == 60


def test_the_fairness_bound_comes_from_the_policy(country, honest, in_shadow):
    honest(200, 60)
    publish_limits(country, changes={"fairness_gap_most": 1.0})

    activate(country, MODEL, version=in_shadow, by=an_analyst(country))

    assert active(country) == in_shadow


def test_a_group_of_few_people_blocks_nothing(country, honest, in_shadow):
    honest(200, 1)

    activate(country, MODEL, version=in_shadow, by=an_analyst(country))

    assert active(country) == in_shadow


def test_the_command_reports_the_breach_and_fails(country, honest, mawid):
    honest(200, 60)

    code, told = mawid("fraud", "fairness")

    assert code == 1
    assert "residence: abroad" in told
    assert "beyond the bound: residence: abroad: challenged 100.0 %" in told
