from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, select, text

from booking.antifraud.gate.learned_rows import training_rows
from booking.antifraud.gate.training import train_from_history
from booking.antifraud.gate.versions import publish_limits
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.models import Account, Label, Request, Service
from booking.platform.models.states import Door, LabelKind
from fraud.facts import FEATURES
from fraud.features import matrix
from fraud.scoring.artifact import Artifact
from fraud.scoring.simulate import simulate
from fraud.scoring.splits import TrainingError
from tests.booking.antifraud.gate.past import past_requests
from tests.support.country import START, an_account, cheap_settings
from tests.support.effort import examples
from tests.support.roles import past_the_roles

KINDS = {LabelKind.RESELLING: 0, LabelKind.APPEAL: 1, LabelKind.REVIEW: 2, LabelKind.ATTENDANCE: 3}


@pytest.fixture
def history(country):
    return partial(a_history, country)


def a_history(core, count):
    """So many requests of a past, an hour apart; their ids, and what there is to know of them."""
    accounts = [an_account(core, confirmed=False) for _ in range(4)]
    with core.sessions() as session:
        service = session.scalars(select(Service.id).limit(1)).one()
    frame = simulate(5, 6 * count)
    hoards = frame[frame["label"]].head(count // 4)
    honest = frame[~frame["label"]].head(count - len(hoards))
    frame = pd.concat([hoards, honest]).sample(frac=1, random_state=1)
    times = [START + timedelta(hours=number) for number in range(count)]
    facts = [
        {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
        for row in frame[list(FEATURES)].to_dict("records")
    ]
    return past_requests(core, facts, times, accounts, service), frame


def known_by_hand(events, as_of):
    """The label of a request by the definition: most certain kind, then latest; strictly before ``as_of``."""
    seen = [event for event in events if event[2] < as_of and not (event[0] is LabelKind.ATTENDANCE and event[1])]
    best = min(seen, key=lambda event: (KINDS[event[0]], -event[2].timestamp()), default=None)
    return None if best is None else best[1]


EVENTS = st.lists(
    st.tuples(st.integers(0, 29), st.sampled_from(list(KINDS)), st.booleans(), st.integers(0, 6_000)),
    max_size=25,
    unique_by=lambda event: event[3],
)


@settings(max_examples=examples(10, nightly=25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.integers(0, 6_500))
def test_training_as_of_a_day_never_sees_the_future(country, history, events, until):
    """Whatever becomes known, and whenever: a training as of a day reads what was known before it, and only that."""
    with country.sessions() as session:
        ids = session.scalars(select(Request.id).order_by(Request.created_at)).all() or history(30)[0]
    as_of, told = START + timedelta(minutes=until), {}
    with country.sessions() as session:  # rolled back at its end: no example sees another's
        for place, kind, value, minute in events:
            at = START + timedelta(minutes=minute)
            session.add(Label(request_id=ids[place], kind=kind, value=value, known_at=at, source="test"))
            told.setdefault(place, []).append((kind, value, at))
        session.flush()
        rows = training_rows(session, as_of=as_of)
    expected = {
        START + timedelta(hours=place): word
        for place, words in told.items()
        if START + timedelta(hours=place) < as_of and (word := known_by_hand(words, as_of)) is not None
    }
    assert dict(zip(rows["time"], rows["label"], strict=True)) == expected


def test_a_later_label_changes_only_later_trainings(country, history):
    ids, _ = history(3)
    moments = [START + timedelta(days=day) for day in (1, 2, 3)]
    words = ((LabelKind.REVIEW, True), (LabelKind.APPEAL, False), (LabelKind.RESELLING, True))
    with country.sessions.begin() as session:
        for (kind, value), at in zip(words, moments, strict=True):
            session.add(Label(request_id=ids[0], kind=kind, value=value, known_at=at, source="test"))
    with country.sessions() as session:
        seen = [training_rows(session, as_of=at + timedelta(seconds=1))["label"].tolist() for at in (START, *moments)]
        at_the_instant = training_rows(session, as_of=moments[0])["label"].tolist()

    assert seen == [[], [True], [False], [True]]
    assert at_the_instant == []


@pytest.fixture(scope="module")
def _labelled(new_country, _databases, _servers):
    """A database to be copied, with 800 requests, an hour apart, by as many accounts, each with an officer's word."""
    for url in _databases.until_dropped(new_country()):
        clock, redis_url = SettableClock(START), f"{_servers[1].url}?db=15"
        with open_core(cheap_settings(), database_url=url, redis_url=redis_url, clock=clock) as core:
            ids = label_a_history(core)
        yield str(make_url(url).database), ids


@pytest.fixture
def country_url(request, new_country, _databases):
    """A database of this test alone; with that past where it begins with one."""
    made = _databases.copy(request.getfixturevalue("_labelled")[0]) if "labelled" in request.fixturenames else None
    yield from _databases.until_dropped(made or new_country())


@pytest.fixture
def labelled(country, _labelled):
    """The requests of that past, of which the last was decided long ago."""
    country.clock.set(START + timedelta(hours=900))
    return _labelled[1]


def label_a_history(core):
    """Write 800 requests, and of each an officer's word an hour later; return their ids."""
    ids, frame = a_history(core, 800)
    with core.sessions.begin() as session:
        for place, hoards in enumerate(frame["label"].tolist()):
            at = START + timedelta(hours=place + 1)
            session.add(Label(request_id=ids[place], kind=LabelKind.REVIEW, value=hoards, known_at=at, source="test"))
        # Of a country's accounts each is one person; here so few would leave nothing to split.
        people = [an_account_row(number) for number in range(800)]
        session.add_all(people)
        session.flush()
        for request, person in zip(session.scalars(select(Request)), people, strict=False):
            request.account_id = person.id
    return ids


def test_a_model_is_trained_from_labels_of_this_installation(country, labelled):
    model = train_from_history(country, as_of=START + timedelta(hours=750), seed=1)

    assert sum(model.about["rows"].values()) <= 750
    assert model.about["until"] < str(START + timedelta(hours=750))
    assert model.about["source"] == "history"
    assert model.about["as_of"] == (START + timedelta(hours=750)).isoformat()
    assert Artifact.from_bytes(model.to_bytes()).version == model.version


def test_later_knowledge_leaves_an_earlier_training_identical_to_the_bit(country, labelled):
    as_of = START + timedelta(hours=750)
    before = train_from_history(country, as_of=as_of, seed=1).to_bytes()
    draw = np.random.default_rng(6)
    with country.sessions.begin() as session:
        for request in labelled:  # of every request the opposite becomes known, in the strongest words there are
            if draw.random() < 0.7:
                known_at = as_of + timedelta(minutes=int(draw.integers(0, 9_000)))
                value = bool(draw.random() < 0.5)
                session.add(
                    Label(request_id=request, kind=LabelKind.RESELLING, value=value, known_at=known_at, source="later")
                )
        # Later requests join accounts and people of earlier ones, and rows move to other places on the disk.
        first, second = session.scalars(select(Request).order_by(Request.created_at).limit(2)).all()
        for account in (first.account_id, second.account_id):
            (later,) = session.scalars(
                select(Request).where(Request.created_at >= as_of, Request.account_id != account).limit(1)
            ).all()
            later.account_id = account
        session.execute(text("UPDATE request SET together = true WHERE id::text < '8'"))

    assert train_from_history(country, as_of=as_of, seed=1).to_bytes() == before
    assert train_from_history(country, as_of=as_of + timedelta(days=5), seed=1).to_bytes() != before


def test_a_day_that_lies_ahead_cannot_be_trained_as_of(country):
    with pytest.raises(TrainingError, match="lies ahead"):
        train_from_history(country, as_of=country.clock.now() + timedelta(seconds=1), seed=1)


def test_with_few_labels_the_threshold_still_fits_the_officers_time(country, labelled):
    """Of 24 requests a day 17 keep their label; officers look at four cases a day, whoever has a label."""
    most = {"honest_reviewed_most": 1.0, "honest_challenged_most": 1.0}
    publish_limits(country, changes=most | {"review_capacity_per_day": 4})
    with past_the_roles(country) as session:
        session.execute(text("ALTER TABLE label DISABLE TRIGGER label_rows"))
        session.execute(
            text(
                "UPDATE label SET known_at = 'infinity' "
                "WHERE request_id IN (SELECT id FROM request ORDER BY md5(reference) LIMIT 240)"
            )
        )
    model = train_from_history(country, as_of=country.clock.now(), seed=1)
    with country.sessions() as session:
        known = training_rows(session, as_of=country.clock.now())
    tuning = known.iloc[int(0.6 * len(known)) : int(0.8 * len(known))]
    days = (tuning["time"].max() - tuning["time"].min()) / timedelta(days=1)

    cases = (model.score_many(matrix(tuning)) >= model.thresholds.review).sum()
    assert len(known) == 560
    assert 0.7 * 4 * days - 2 < cases <= 0.7 * 4 * days


def test_training_on_few_labels_is_refused_with_a_reason(country, history):
    history(20)
    country.clock.set(START + timedelta(days=9))
    with pytest.raises(TrainingError, match="0 rows; at least 500"):
        train_from_history(country, as_of=START + timedelta(days=9), seed=1)


def test_accounts_that_share_a_person_are_one_person_to_a_split():
    from booking.antifraud.gate.learned_rows import _people  # noqa: PLC0415

    members = [(1, "a", "p"), (2, "b", "p"), (3, "b", "q"), (4, "c", "r"), (5, "d", "s"), (5, "d", "r")]
    number = _people(members)

    assert number[1] == number[2] == number[3]
    assert number[4] == number[5]
    assert number[1] != number[4]
    assert _people([]) == {}


def an_account_row(number):
    return Account(
        username=f"past-{number}",
        password_hash="",
        phone_ciphertext=b"",
        phone_hash=f"{number}".encode(),
        language="ar",
        door=Door.HOME,
        roles=[],
        created_at=START,
    )
