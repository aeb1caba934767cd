from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from booking.models import Account, Label, Request, Service, Verdict
from booking.screening.learned_rows import training_rows
from booking.screening.training import train_from_history
from booking.states import Door, LabelKind, RequestState
from fraud.artifact import Artifact
from fraud.features import FEATURES
from fraud.scoring.splits import TrainingError
from fraud.simulate import simulate
from tests.country import START, an_account

KINDS = {LabelKind.RESELLING: 0, LabelKind.APPEAL: 1, LabelKind.REVIEW: 2, LabelKind.ATTENDANCE: 3}


def past_requests(core, facts, times, account_ids, service_id):
    """Rows of a history, as the gate would have written them."""
    with core.sessions.begin() as session:
        rows = []
        for number, (values, at) in enumerate(zip(facts, times, strict=True)):
            mark = f"{number:08x}".encode()
            request = Request(
                reference=f"T{number:07d}",
                account_id=account_ids[number % len(account_ids)],
                service_id=service_id,
                door=Door.HOME,
                state=RequestState.ACCEPTED,
                party_size=1,
                units=1,
                first_day=at.date(),
                weekdays=127,
                bands="morning",
                accessible=False,
                nonce=mark,
                receipt=mark,
                device_hash=b"",
                network_hash=b"",
                phone_hash=b"",
                created_at=at,
            )
            session.add(
                Verdict(
                    request=request,
                    decision="accept",
                    reasons=[],
                    score=0.1,
                    inputs={"facts": values},
                    versions={},
                    degraded=False,
                    decided_at=at,
                )
            )
            rows.append(request)
        session.flush()
        return [row.id for row in rows]


@pytest.fixture
def history(country):
    accounts = [an_account(country, confirmed=False) for _ in range(4)]
    with country.sessions() as session:
        service = session.scalars(select(Service.id).limit(1)).one()

    def make(count, *, every=timedelta(hours=1), seed=5):
        frame = simulate(seed, 6 * count)
        hoards = frame[frame["label"]].head(count // 4)
        honest = frame[~frame["label"]].head(count - len(hoards))
        frame = pd.concat([hoards, honest]).sample(frac=1, random_state=1)
        times = [START + every * number for number in range(count)]
        facts = [
            {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
            for row in frame[list(FEATURES)].to_dict("records")
        ]
        return past_requests(country, facts, times, accounts, service), frame

    return make


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


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def test_a_later_word_changes_a_later_training_and_no_earlier_one(country, history):
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


def test_a_model_is_trained_from_what_became_known_here(country, history):
    ids, frame = history(800)
    with country.sessions.begin() as session:
        for place, hoards in enumerate(frame["label"].tolist()):
            at = START + timedelta(hours=place + 1)
            session.add(Label(request_id=ids[place], kind=LabelKind.REVIEW, value=hoards, known_at=at, source="test"))
        # Of a country's accounts each is one person; here so few would leave nothing to split.
        people = [an_account_row(number) for number in range(800)]
        session.add_all(people)
        session.flush()
        for request, person in zip(session.scalars(select(Request)), people, strict=False):
            request.account_id = person.id

    model = train_from_history(country, as_of=START + timedelta(hours=750), seed=1)

    assert sum(model.about["rows"].values()) <= 750
    assert model.about["until"] < str(START + timedelta(hours=750))
    assert Artifact.from_bytes(model.to_bytes()).version == model.version


def test_a_history_with_few_labels_cannot_teach_and_says_so(country, history):
    history(20)
    with pytest.raises(TrainingError, match="0 rows; at least 500"):
        train_from_history(country, as_of=START + timedelta(days=9), seed=1)


def test_accounts_that_share_a_person_are_one_person_to_a_split():
    from booking.screening.learned_rows import _people  # noqa: PLC0415

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
