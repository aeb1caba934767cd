import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import booking
from booking.helpers.clients import SHOWN_OF_NAME
from booking.models.states import RequestState
from booking.packs.loading import read_pack
from booking.reaching.moments import moment
from booking.reaching.segments import count_segments
from booking.reaching.templates import SILENCEABLE, Group, templates
from booking.reaching.write import write_letter, write_short

CODE = Path(booking.__file__).parent
NUMBER = "+963991234567"
MOST_SEGMENTS = 3
OFFICES = read_pack("syria")[0].offices
KINDS = sorted(templates())


def longest(language):
    """Values that make a notice as long as it can get."""
    return {
        "reference": "7K2M9D4QX",
        "minutes": 10,
        "days": 7,
        "when": moment(datetime(2026, 12, 29, 21, 30, tzinfo=UTC), "UTC", language),
        "confirm_by": moment(datetime(2026, 12, 29, 21, 30, tzinfo=UTC), "UTC", language),
        "organisation": ("مكتبة الياسمين للخدمات العامة" if language == "ar" else "Jasmine Bookshop and Services X")[
            :SHOWN_OF_NAME
        ].ljust(SHOWN_OF_NAME, "م" if language == "ar" else "x"),
        "receipt": "f" * 64,
        "site": "https://mawid.example.gov.sy/helped",
        "office": max((office.name.model_dump()[language] for office in OFFICES), key=len),
    }


def written(kind, language):
    return write_short(kind, language, longest(language), "123456", reply_to=NUMBER)


def kinds_in_code():
    found = set()
    for file in CODE.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        found |= set(re.findall(r'(?:\btell|tell_at_once|tell_secret|messages\.row)\([^"()]*?"([a-z_]+)"', source))
    return found


def test_every_kind_of_notice_in_the_code_has_a_text():
    found = kinds_in_code()
    assert {"appointment_confirmed", "offer_lapsed", "request_withdrawn"} <= found
    assert found <= set(KINDS)


def test_a_notice_fills_the_same_blanks_in_both_languages():
    for kind, template in templates().items():
        for texts in (template.sms, template.subject, template.reply or {"ar": "", "en": ""}):
            arabic, english = (sorted(re.findall(r"{(\w+)}", texts[language])) for language in ("ar", "en"))
            assert arabic == english, kind


@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_can_be_written_in_both_languages(kind):
    arabic, english = (written(kind, language) for language in ("ar", "en"))
    for text, subject in ((arabic, templates()[kind].subject["ar"]), (english, templates()[kind].subject["en"])):
        assert bool(re.search("[\u0600-\u06ff]", text)) == bool(re.search("[\u0600-\u06ff]", subject))
        assert "{" not in text + subject
        assert "\n" not in subject
    assert re.search("[\u0600-\u06ff]", arabic)
    assert not re.search("[\u0600-\u06ff]", english)


@pytest.mark.parametrize("kind", KINDS)
def test_no_notice_is_longer_than_three_parts_of_a_text_message(kind):
    for language in ("ar", "en"):
        assert count_segments(written(kind, language)) <= MOST_SEGMENTS, written(kind, language)


def test_an_english_notice_fits_the_sms_alphabet_for_every_office():
    for office in OFFICES:
        text = write_short("reminder", "en", longest("en") | {"office": office.name.model_dump()["en"]})
        assert count_segments(text + "x" * (160 - len(text))) == 1, text


def test_times_are_the_offices_local_time_in_the_configured_digits():
    instant = datetime(2026, 11, 1, 6, 5, tzinfo=UTC)
    assert moment(instant, "Asia/Damascus", "en") == "Sun 1/11 9:05"
    assert moment(instant, "America/Sao_Paulo", "ar", arabic_digits=True) == "الأحد ١/١١ ٣:٠٥"


def test_a_letter_links_to_its_page_and_to_unsubscribe_if_possible():
    links = {"page": "https://mawid.test/x", "choices": "https://mawid.test/me/notices"}
    for kind in KINDS:
        letter = write_letter(kind, "en", written(kind, "en"), links=links)
        assert letter.subject
        assert links["page"] in letter.text
        assert (links["choices"] in letter.text) == (templates()[kind].group in SILENCEABLE)


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
