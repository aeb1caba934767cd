"""Nothing a person reads is missing in Arabic, and no reason of the core is without words."""

import ast
import re
from collections import Counter
from io import BytesIO

import pytest
from babel.messages.pofile import read_po

from api.i18n import Words, load_words, preferred
from api.problems.fields import FOR_FIELD, SENTENCES
from api.sentences import in_pages
from booking.platform.base.settings import Digits, Settings
from tests.support.root import ROOT

pytestmark = pytest.mark.slow

API = ROOT / "api"
CATALOGUES = sorted((ROOT / "booking/platform/locales/ar").glob("*.po"))
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def catalogue():
    read = (read_po(BytesIO(path.read_bytes()), locale="ar") for path in CATALOGUES)
    return [message for part in read for message in part if message.id]


def test_every_sentence_has_one_arabic_translation_and_none_is_unused(catalogue):
    assert set(in_pages()) == {message.id for message in catalogue}


def test_no_sentence_is_translated_twice():
    source = "".join(path.read_text(encoding="utf-8") for path in CATALOGUES)
    twice = [
        sentence
        for sentence, count in Counter(re.findall(r"^msgid (.+)$", source, re.MULTILINE)).items()
        if count > 1 and sentence != '""'
    ]
    assert twice == [], "one would silently say what the other means"


def test_arabic_translations_have_the_same_placeholders(catalogue):
    for message in catalogue:
        ids, strings = (part if isinstance(part, tuple | list) else [part] for part in (message.id, message.string))
        blanks = {name for text in ids for name in PLACEHOLDER.findall(text)}
        for text in strings:
            assert text, ids
            assert set(PLACEHOLDER.findall(text)) <= blanks, text
        assert len(strings) == 1 or len(strings) == 6, ids
        assert len(strings) == 6 or set(PLACEHOLDER.findall(strings[0])) == blanks, ids


def test_every_sentence_is_formatted_in_both_languages_and_every_plural(catalogue):
    """Templates format every sentence and code only some, so a sentence without blanks has no percent sign at all."""
    used = [sentence if isinstance(sentence, tuple) else (sentence,) for sentence in in_pages()]
    for texts in [*used, *((one.string,) if isinstance(one.string, str) else one.string for one in catalogue)]:
        for text in texts:
            blanks = dict.fromkeys(PLACEHOLDER.findall(text), "7")
            assert blanks or "%" not in text, f"write “per cent” or ٪: {text}"
            assert "%(" not in text % blanks, text


def test_only_plurals_for_zero_one_and_two_omit_the_number(catalogue):
    """Zero, one and two have forms of their own in Arabic; from three on every blank is filled."""
    for message in (one for one in catalogue if isinstance(one.id, tuple | list)):
        blanks = set(PLACEHOLDER.findall(message.id[1]))
        assert [set(PLACEHOLDER.findall(text)) for text in message.string[3:]] == [blanks] * 3, message.id
        for text in message.string[:3]:
            assert len(blanks - set(PLACEHOLDER.findall(text))) <= 1, text


def reasons() -> set[tuple[str | None, str]]:
    found = set()
    for path in [*(API.parent / "booking").rglob("*.py"), *API.rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if "FieldError" in source else ():
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "FieldError" and len(node.args) > 1:
                field = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
                choices = [node.args[1].body, node.args[1].orelse] if isinstance(node.args[1], ast.IfExp) else []
                for reason in choices or [node.args[1]]:
                    if isinstance(reason, ast.Constant):
                        found.add((field, reason.value))
    return found


def test_every_reason_for_refusing_a_field_has_a_text():
    found = reasons()
    assert len(found) > 30
    for field, reason in found:
        assert (field, reason) in FOR_FIELD or reason in SENTENCES, (field, reason)


@pytest.fixture
def arabic() -> Words:
    return load_words(Settings(_env_file=None, digits=Digits.ARABIC))["ar"]


def test_days_have_the_names_used_in_syria_and_a_second_calendar(arabic, clock):
    assert arabic.local_day(clock.now(), "Asia/Damascus") == "الأحد ١ تشرين الثاني ٢٠٢٦"
    assert arabic.local_hijri(clock.now(), "Asia/Damascus") == "٢١ جمادى الأولى ١٤٤٨ هـ"


def test_a_time_zone_is_shown_by_a_familiar_name(arabic, clock):
    assert arabic.zone(clock.now(), "Europe/Berlin") == "توقيت وسط أوروبا الرسمي"
    assert "+" not in arabic.zone(clock.now(), "Asia/Damascus")
    assert "سوريا" in arabic.zone(clock.now(), "Asia/Damascus")


def test_times_are_shown_in_the_offices_time_zone(arabic, clock):
    assert arabic.time(clock.now(), "Asia/Damascus") == "٩:٠٠\u00a0صباحًا"
    assert arabic.time(clock.now(), "America/Sao_Paulo") == "٣:٠٠\u00a0صباحًا"
    assert arabic.time(clock.now(), "Asia/Tokyo") == "٣:٠٠\u00a0بعد الظهر"


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "ar"),
        ("en-GB,en;q=0.9,ar;q=0.5", "en"),
        ("de,ar;q=0.2", "ar"),
        ("fr", "ar"),
        ("en;q=nonsense", "ar"),
        ("ku-TR,en;q=0.5", "ku"),
        ("kmr", "ku"),
        ("ckb-IQ,ku;q=0.9", "ckb"),
        ("ku-Arab-IQ,en;q=0.5", "ckb"),
        ("kuz,en;q=0.5", "en"),
        ("fr," * 10_000 + "en", "ar"),
    ],
)
def test_programs_get_their_preferred_language_among_ours(header, chosen):
    every = load_words(Settings(_env_file=None), ["ar", "en", "ku", "ckb"])
    assert preferred(header, every, "ar") == chosen


@pytest.mark.parametrize("count", range(205))
def test_arabic_plurals_follow_gettext_and_not_babels_own_order(count):
    words = load_words(Settings(_env_file=None))["ar"]
    form = words.ngettext("%(n)s person", "%(n)s people", count)
    expected = {0: "لا أحد", 1: "شخص واحد", 2: "شخصان"}.get(count)
    if expected is None:
        expected = "%(n)s أشخاص" if 3 <= count % 100 <= 10 else "%(n)s شخصًا" if count % 100 >= 11 else "%(n)s شخص"
    assert form == expected


def test_digits_follow_the_settings():
    latin, arabic = (load_words(Settings(_env_file=None, digits=digits)) for digits in (Digits.LATIN, Digits.ARABIC))
    assert latin["ar"].number(12345) == "12,345"
    assert arabic["ar"].number(12345) == "١٢,٣٤٥"
    assert arabic["en"].number(12345) == "12,345"
