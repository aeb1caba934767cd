"""A language is what its folder says, and its sentences fall back one by one."""

import pytest

from booking.platform.base.settings import Digits, Settings
from booking.platform.languages.language import LanguageError, arabic_in_sentence, chain_of, known_codes, read_language
from booking.platform.languages.speech import load_languages
from tests.support.a_language import HEAD, write_language

SENTENCES = {"Oslo": "Oslo", "Services": "Xx-services"}


def speech(folder, **more):
    return load_languages(Settings(_env_file=None, languages_dir=folder, **more), ["ar", "xx"])["xx"]


def test_every_language_that_comes_with_mawid_can_be_used():
    assert set(known_codes()) == {"ar", "ckb", "en", "ku"}
    assert [[one.code for one in chain_of(code)] for code in known_codes()] == [
        ["ar", "en"],
        ["ckb", "ar", "en"],
        ["en"],
        ["ku", "ar", "en"],
    ]


def test_a_sentence_falls_back_whole_along_the_chain(tmp_path):
    said = speech(write_language(tmp_path, "xx", HEAD + 'fallback = "ar"\n', SENTENCES))
    assert said.gettext("Services") == "Xx-services"
    assert said.gettext("Sign in") == "تسجيل الدخول"
    assert said.ngettext("%(n)s person", "%(n)s people", 2) == "شخصان"
    assert said.gettext("nobody has said this") == "nobody has said this"
    assert said.written == "ar"


def test_texts_of_packs_and_rows_are_translated_by_their_english(tmp_path):
    said = speech(write_language(tmp_path, "xx", HEAD + 'fallback = "ar"\n', SENTENCES))
    assert said.pick("أوسلو", "Oslo") == "Oslo", "a name that is the same in both is a translation too"
    assert said.pick("الخدمات", "Services") == "Xx-services"
    assert said.pick("شيء", "Sign in") == "شيء", "the Arabic of this row, not of a page's sentence"
    assert said.pick("", "") == ""
    assert said.choose({"xx": "own", "ar": "شيء", "en": "Services"}) == "own"


def test_a_translation_with_other_blanks_or_marks_is_never_shown(tmp_path):
    pairs = {
        "Answer by %(day)s.": "Xx.",
        "At %(place)s": "Xx %(place)s %(secret)s",
        "On %(day)s": "Xx %(day)d",
        "Reply {page}": "Xx {page.__class__}",
        "Services": "<img src=x onerror=alert(1)",
        "<a href=x>Help</a>": "<a href=https://elsewhere.example>Xx</a>",
        "Of %(sum)s%%": "Xx %(sum)s%%",
    }
    said = speech(write_language(tmp_path, "xx", HEAD, pairs))
    assert [said.gettext(one) for one in pairs] == [*list(pairs)[:-1], "Xx %(sum)s%%"]


def test_without_a_fallback_english_is_shown(tmp_path):
    said = speech(write_language(tmp_path, "xx", HEAD, SENTENCES))
    assert (said.gettext("Sign in"), said.pick("شيء", "Thing"), said.written) == ("Sign in", "Thing", "en")


def test_a_days_name_and_digits_are_those_that_the_language_declares(tmp_path):
    days = [f"d{number}" for number in range(7)]
    folder = write_language(
        tmp_path, "xx", HEAD + f'digits = "arabic"\nshort_days = {days}\n[units]\nminute = "{{0}} xx"\n'
    )
    said = speech(folder, digits=Digits.ARABIC)
    assert (said.short_weekday(6), said.digits("10"), said.count(10, "minute")) == ("d6", "١٠", "10 xx")


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (HEAD.replace("ltr", "up"), "direction"),
        (HEAD.replace('locale = "en"', 'locale = "zz_ZZ"'), "no locale zz_ZZ"),
        (HEAD + 'months = ["one"]\n', "months needs 12"),
        (HEAD + "wings = 2\n", "wings"),
        (HEAD + 'parts_of_day = [[12, "a"]]\n', "hour 24"),
        ("own_name = ", "language.toml"),
        (HEAD + "comma = " + "1" * 5_000, "language.toml"),
        (HEAD + "comma = " + "[" * 5_000, "language.toml"),
    ],
)
def test_an_unusable_file_is_refused_with_its_fault(tmp_path, head, told):
    with pytest.raises(LanguageError, match=told):
        read_language("xx", write_language(tmp_path, "xx", head))


def test_languages_that_fall_back_on_each_other_are_refused(tmp_path):
    folder = write_language(tmp_path, "xx", HEAD + 'fallback = "yy"\n')
    write_language(tmp_path, "yy", HEAD + 'fallback = "xx"\n')
    with pytest.raises(LanguageError, match="falls back on itself"):
        chain_of("xx", folder)


@pytest.mark.parametrize("code", ["zz", "..", "ar/..", ""])
def test_a_language_without_a_folder_is_refused(code):
    with pytest.raises(LanguageError, match="there is no language"):
        read_language(code)


@pytest.mark.parametrize("change", [("Language: xx", "Language: yy"), ("(n != 1)", "(n > 1)")])
def test_a_catalogue_of_another_language_or_plural_is_refused(tmp_path, change):
    file = write_language(tmp_path, "xx", HEAD, SENTENCES) / "xx/some.po"
    file.write_text(file.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(LanguageError, match=r"some\.po"):
        speech(tmp_path)


@pytest.mark.parametrize("change", [(b"Xx-services", b"\xaa"), (b"charset=UTF-8", b"charset=nonsense")])
def test_a_catalogue_whose_bytes_are_no_text_is_refused(tmp_path, change):
    file = write_language(tmp_path, "xx", HEAD, SENTENCES) / "xx/some.po"
    file.write_bytes(file.read_bytes().replace(*change))
    with pytest.raises(LanguageError, match=r"xx/some\.po: it cannot be read as UTF-8"):
        speech(tmp_path)


def test_the_default_language_must_be_one_that_the_pack_speaks():
    with pytest.raises(LanguageError, match="MAWID_LANGUAGE is en"):
        load_languages(Settings(_env_file=None, language="en"), ["ar"])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("رمز من 6 أرقام", "رمز من ٦ أرقام"),
        ("من 1 إلى %(n)s، {minutes}", "من ١ إلى %(n)s، {minutes}"),
        ("+963 11 222 أو 2026-11-24", "+963 11 222 أو 2026-11-24"),
        ("SHA256 و mawid.gov.sy/r/7K2 و TLS 1.3 و 15", "SHA256 و mawid.gov.sy/r/7K2 و TLS 1.3 و ١٥"),
    ],
)
def test_numbers_of_a_sentence_have_one_kind_of_digits(text, written):
    assert arabic_in_sentence(text) == written
