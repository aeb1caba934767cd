"""How what a caller sends is read, without a server."""

import json
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.govstack.calls import Part, understood, written
from api.govstack.scheduler.names import Event
from api.govstack.scheduler.query import moment, wanted
from api.v1.calls.values import member_id
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError, NotFoundError


class Inner(Part):
    NO_WORD: ClassVar[frozenset[str]] = frozenset({"terms"})

    name: str | None = None


class Outer(Part):
    inner: Inner = Inner()
    ids: list[str] | None = None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda one: (
        st.lists(one) | st.dictionaries(st.sampled_from(["inner", "ids", "name", "terms", "x"]) | st.text(), one)
    ),
    max_leaves=12,
)


@given(VALUES.map(json.dumps) | st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_is_sent_is_understood_whole_or_refused(text):
    try:
        found = understood(Outer, text, "qry")
    except MawidError:
        return
    said = {name: value for name, value in json.loads(text).items() if value is not None}
    kept = {name: value for name, value in found.model_dump().items() if value is not None}
    assert said.keys() <= kept.keys()
    assert {**said.get("inner", {})}.keys() <= {"name"}


@pytest.mark.parametrize(
    ("said", "place", "reason"),
    [
        ({"inner": {"terms": "none"}}, "qry.inner.terms", "no_word"),
        ({"inner": {"colour": "green"}}, "qry.inner.colour", "unknown_field"),
        ({"terms": "none"}, "qry.terms", "unknown_field"),
        ({"ids": ["1", 2]}, "qry.ids.1", "invalid_value"),
        ({"inner": None}, "qry.inner", "invalid_value"),
    ],
)
def test_each_fault_is_told_by_its_place(said, place, reason):
    with pytest.raises(InvalidInputError) as refused:
        understood(Outer, json.dumps(said), "qry")
    assert [(one.field, one.reason) for one in refused.value.errors] == [(place, reason)]


@pytest.mark.parametrize("text", ['{"ids": [], "ids": []}', '{"inner": {"name": "a", "name": "b"}}', "1" * 5000, "{}x"])
def test_a_name_twice_or_no_json_is_unreadable(text):
    with pytest.raises((FieldError, InvalidInputError)):
        understood(Outer, text, "qry")


@pytest.mark.parametrize("event", [Event("passport-renewal", "damascus", None), Event("a", "b-c", 4711)])
def test_an_events_id_is_read_back_as_written(event):
    assert Event.read(str(event)) == event


@pytest.mark.parametrize(
    "text", ["", "12345", "a.b", "a.b.", "a.b.0", "a.b.-1", "a.b.draw.", "A.b.draw", "a.b.9999999999999999999", "a.b.٤"]
)
def test_other_ids_name_no_event_and_nobody(text):
    with pytest.raises(NotFoundError):
        Event.read(text)
    if text != "12345":
        with pytest.raises(NotFoundError):
            member_id(text)


def test_instants_without_an_offset_are_in_utc_and_answers_say_so():
    bare, offset = moment("2026-11-15T09:00:00", "from"), moment("2026-11-15T12:00:00+03:00", "from")
    assert bare == offset
    assert bare is not None
    assert written(bare) == "2026-11-15T09:00:00Z"
    for text in ("tomorrow", "9999-01-01T00:00:00", "0001-01-01T00:00:00+23:59"):
        with pytest.raises(FieldError):
            moment(text, "from")


def test_details_are_those_marked_or_all_and_never_others():
    every = ("name", "venue")
    assert wanted({}, every, "details") == every
    assert wanted({"name": False, "terms": False}, every, "details") == every
    assert wanted({"venue": True}, every, "details") == ("venue",)
    with pytest.raises(InvalidInputError) as refused:
        wanted({"terms": True, "venue": True}, every, "details")
    assert [one.field for one in refused.value.errors] == ["qry.details.terms"]
