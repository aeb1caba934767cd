import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import booking
from booking.notices.segments import count_segments
from booking.notices.templates import SILENCEABLE, Group, templates
from booking.notices.write import write_short
from booking.states import RequestState

CODE = Path(booking.__file__).parent
VALUES = {"reference": "7K2M9D4QX", "minutes": 10}
MOST_SEGMENTS = 3
KINDS = sorted(templates())


def kinds_in_code():
    found = set()
    for file in CODE.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        found |= set(re.findall(r'(?:\btell|tell_secret|messages\.row)\([^"()]*?"([a-z_]+)"', source))
    return found


def test_every_kind_that_the_code_tells_has_its_words():
    found = kinds_in_code()
    assert {"appointment_confirmed", "offer_lapsed", "request_withdrawn"} <= found
    assert found <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_can_be_written_in_both_languages(kind):
    arabic, english = (write_short(kind, language, VALUES, "123456") for language in ("ar", "en"))
    for text, subject in ((arabic, templates()[kind].subject["ar"]), (english, templates()[kind].subject["en"])):
        assert bool(re.search("[\u0600-\u06ff]", text)) == bool(re.search("[\u0600-\u06ff]", subject))
        assert "{" not in text + subject
        assert "\n" not in subject
    assert re.search("[\u0600-\u06ff]", arabic)
    assert not re.search("[\u0600-\u06ff]", english)


@pytest.mark.parametrize("kind", KINDS)
def test_no_notice_is_longer_than_three_parts_of_a_text_message(kind):
    for language in ("ar", "en"):
        assert count_segments(write_short(kind, language, VALUES, "123456")) <= MOST_SEGMENTS


@pytest.mark.parametrize("state", [RequestState.ACCEPTED, RequestState.UNDER_REVIEW, RequestState.REFUSED])
def test_every_first_verdict_has_a_notice(state):
    assert f"request_{state.value}" in KINDS


def test_only_reminders_can_be_silenced():
    assert {kind for kind in KINDS if templates()[kind].group in SILENCEABLE} == {"reminder", "reminder_early"}
    assert templates()["request_drawn"].group is Group.DEADLINES
    assert templates()["request_refused"].group is Group.DECISIONS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ع" * 70, 1),
        ("ع" * 71, 2),
        ("ع" * 134, 2),
        ("ع" * 135, 3),
        ("a" * 69 + "ع", 1),
        ("😀" * 35, 1),
        ("😀" * 67, 3),  # a part holds 33 whole pairs
    ],
)
def test_the_parts_of_a_message_are_those_of_the_standard(text, parts):
    assert count_segments(text) == parts


@settings(max_examples=60)
@given(st.text(max_size=300), st.text(max_size=40))
def test_a_longer_message_never_has_fewer_parts(text, more):
    assert count_segments(text) <= count_segments(text + more)
