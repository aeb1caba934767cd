import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import booking
from booking.country.packs.loading import read_pack
from booking.desk.helpers.clients import SHOWN_OF_NAME
from booking.people.reaching.notice_text import (
    SILENCEABLE,
    Group,
    count_segments,
    for_phones,
    moment,
    short_link,
    templates,
    write_letter,
    write_short,
)
from booking.platform.base.settings import Digits, Settings
from booking.platform.languages.speech import load_languages
from booking.platform.models.states import RequestState

pytestmark = pytest.mark.slow

CODE = Path(booking.__file__).parent
KIND_AT = {"row": 2} | dict.fromkeys(
    ("tell", "tell_at_once", "tell_everywhere", "tell_later", "tell_phone", "tell_secret"), 3
)
"""At which place of its arguments each function of `booking.country.core.messages` has the kind of notice."""
NUMBER = "+963991234567"
BASE = "https://mawid.gov.sy"
_VISIT = "an appointment's day, time and office, and the address where it is confirmed, refused or cancelled"
_STOP = "what will happen, how to stop it, and where"
_OBJECT = "whose right it is, and where to say so"
_HELPER = "who asked: a name of up to thirty letters, and the reference"
MOST_WITH_REPLY = 3
TWO_SEGMENTS = {
    **dict.fromkeys(
        (
            *("status_offered", "status_confirmed", "appointment_confirmed", "moved_by_office", "request_drawn"),
            *("urgent_approved", "reminder", "reminder_early", "appointment_changed"),
        ),
        _VISIT,
    ),
    **dict.fromkeys(
        (
            *("second_factor_ends", "phone_change_waits", "second_factor_lost", "second_factor_told"),
            *("phone_change_told", "phone_before", "lost_factor"),
        ),
        _STOP,
    ),
    **dict.fromkeys(("acting_disputed", "acting_began", "dispute_answered", "acting_ended"), _OBJECT),
    **dict.fromkeys(("helper_consent", "helped_request", "helped_on_paper"), _HELPER),
    "helped_receipt": "64 characters of proof",
    "appointment_missed": "until when it can be put right, and with whom",
    "displaced_urgent": "two things that the person can do, one of them only today",
    "sms_help": "five commands",
}
"""Why these are longer than one part of a text message; with a command to answer, some take a third."""
PACK = read_pack("syria")[0]
OFFICES = PACK.offices
SPEECH = load_languages(Settings(_env_file=None), PACK.country.languages)
KINDS = sorted(templates())


def longest(language):
    """Values that make a notice as long as it can get."""
    return {
        "reference": "7K2M9D4QX",
        "minutes": 10,
        "days": 7,
        "when": moment(datetime(2026, 12, 29, 21, 30, tzinfo=UTC), "UTC", SPEECH[language]),
        "before": moment(datetime(2026, 12, 28, 21, 30, tzinfo=UTC), "UTC", SPEECH[language]),
        "confirm_by": moment(datetime(2026, 12, 29, 21, 30, tzinfo=UTC), "UTC", SPEECH[language]),
        "organisation": ("مكتبة الياسمين للخدمات العامة" if language == "ar" else "Jasmine Bookshop and Services X")[
            :SHOWN_OF_NAME
        ].ljust(SHOWN_OF_NAME, "م" if language == "ar" else "x"),
        "receipt": "f" * 64,
        "office": max((SPEECH[language].said(office.name) for office in OFFICES), key=len),
    }


def written(kind, language, *, reply_to=None):
    values = longest(language)
    values["page"] = short_link(kind, values, BASE)
    return for_phones(write_short(kind, SPEECH[language], values, "123456", reply_to=reply_to), SPEECH[language])


def kinds_in_code():
    """Read which kinds the calls that write notices name in whole words: of files that name such a function at all."""
    written = [file.read_text(encoding="utf-8") for file in CODE.rglob("*.py")]
    calls = re.compile(rf"\b({'|'.join(KIND_AT)})\(")
    trees = [ast.parse(code) for code in written if calls.search(code)]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {kind for call in calls for kind in whole_words(kind_of(call))}


def whole_words(kind):
    """Return the words that an expression may be; none of what is put together."""
    if isinstance(kind, ast.IfExp):
        return whole_words(kind.body) | whole_words(kind.orelse)
    return {kind.value} if isinstance(kind, ast.Constant) else set()


def kind_of(call):
    """Return what stands where a call that writes a notice has its kind; None for any other call."""
    place = KIND_AT.get(ast.unparse(call.func).removeprefix("messages."))
    return call.args[place] if place is not None and place < len(call.args) else None


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
def test_a_notice_is_one_part_of_a_text_message_or_says_why_it_is_two(kind):
    parts = {language: count_segments(written(kind, language)) for language in SPEECH}
    most = 2 if kind in TWO_SEGMENTS else 1
    assert max(parts["ar"], parts["en"]) == most, (parts, written(kind, "ar"), written(kind, "en"))
    assert max(parts.values()) == most, [(written(kind, one), parts[one]) for one in SPEECH if parts[one] > most]
    for language in SPEECH:
        assert count_segments(written(kind, language, reply_to=NUMBER)) <= MOST_WITH_REPLY


def test_an_english_notice_fits_the_sms_alphabet_for_every_office():
    for office in OFFICES:
        values = longest("en") | {"office": office.name.model_dump()["en"], "page": "mawid.gov.sy"}
        text = for_phones(write_short("reminder", SPEECH["en"], values), SPEECH["en"])
        assert count_segments(text + "x" * (160 - len(text))) == 1, text


def test_an_address_keeps_the_marks_that_a_text_message_loses():
    text, page = "Rêya te li أحوال.سوريا/r ye", "أحوال.سوريا/r"
    assert for_phones(text, SPEECH["ku"], page) == "Reya te li أحوال.سوريا/r ye"


def test_a_message_that_speaks_of_a_page_has_its_address():
    for kind, template in templates().items():
        texts = [*template.sms.values()]
        if any(re.search(r"\b(page|here|your password)\b|صفحت|هنا", text) for text in texts):
            assert all("{page}" in text for text in texts), kind
        if "{secret}" in texts[0] and "{page}" in texts[0]:
            assert template.page in {"/stop-phone", "/reset", "/me/password"}, kind


def test_a_number_in_a_message_has_its_unit_in_the_form_that_it_asks_for():
    said = [write_short("confirm_phone", SPEECH["ar"], {"minutes": minutes}, "123456") for minutes in (2, 10, 15)]
    assert ["صالح دقيقتان" in said[0], "صالح 10 دقائق" in said[1], "صالح 15 دقيقة" in said[2]] == [True] * 3


def test_times_are_the_offices_local_time_in_the_configured_digits():
    instant = datetime(2026, 11, 1, 6, 5, tzinfo=UTC)
    arabic = load_languages(Settings(_env_file=None, digits=Digits.ARABIC), ["ar"])["ar"]
    assert moment(instant, "Asia/Damascus", SPEECH["en"]) == "Sun 1/11 9:05"
    assert moment(instant, "America/Sao_Paulo", arabic) == "الأحد ١/١١ ٣:٠٥"


def test_a_letter_links_to_its_page_and_to_unsubscribe_if_possible():
    links = {"page": "https://mawid.test/x", "choices": "https://mawid.test/me/notices"}
    for kind in KINDS:
        letter = write_letter(kind, SPEECH["en"], written(kind, "en"), links=links, sender="Ministry of Interior")
        assert letter.subject.startswith("Mawid: ")
        assert letter.text.count(links["page"]) == 1
        assert "Ministry of Interior" in letter.text
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
