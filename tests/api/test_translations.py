"""Languages that pages are translated into have no faults, and are as far as their documentation says."""

import re

import pytest

from api.sentences import for_citizens, in_pages
from api.translations import faults, main, shares, translations, unsaid
from booking.country.packs.loading import load_pack
from booking.platform.base.settings import Settings
from booking.platform.languages.language import WRITTEN, known_codes, read_language
from tests.support.a_language import HEAD, write_language
from tests.support.root import ROOT

pytestmark = pytest.mark.slow

SETTINGS = Settings(_env_file=None)
PACK = load_pack("syria")
TRANSLATED = [code for code in known_codes() if code not in WRITTEN]
LETTERS = set((ROOT / "api/static/fonts/letters.txt").read_text("utf-8"))
OF_PLACES_ABROAD = set("ńČă")
"""The typeface is made without them; the phone's own letters stand there, as in English."""
UNSEEN = set("\n\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069")
TOLD = re.compile(r"^\| .*\(`(\w+)`\) \| (\d+) % \| (\d+) % \| (\d+) % \| (\d+) % \|$", re.MULTILINE)


def said_in(code):
    return translations(read_language(code), SETTINGS)


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_blanks_and_tags_of_its_sentence(code):
    assert list(faults(said_in(code))) == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_language_is_as_far_as_its_documentation_says(code):
    told = {name: list(map(int, each)) for name, *each in TOLD.findall((ROOT / "docs/languages.md").read_text("utf-8"))}
    have = [100 * said // of for said, of in shares(said_in(code), PACK).values()]
    assert all(have >= said for have, said in zip(have, told[code], strict=True)), (code, have, told[code])


@pytest.mark.parametrize("code", known_codes())
def test_the_typeface_has_every_letter_that_a_language_uses(code):
    language = read_language(code)
    texts = [text for each in said_in(code).values() for texts in each for text in texts]
    texts += [
        language.own_name,
        *language.months,
        *language.short_days,
        *language.hijri_months,
        *language.units.values(),
    ]
    assert {letter for text in texts for letter in text} - LETTERS - UNSEEN - OF_PLACES_ABROAD == set()


def test_what_is_missing_is_a_catalogue_ready_to_fill(tmp_path, capsys, monkeypatch):
    own = write_language(tmp_path, "xx", HEAD, {"Passport renewal": "Xx-renew"})
    monkeypatch.setenv("MAWID_LANGUAGES_DIR", str(own))
    (own / "xx/more.po").touch()  # as a shell does that writes the output there
    assert main("missing", "xx") == 0
    printed = capsys.readouterr().out
    (own / "xx/more.po").write_text(printed.replace('"Sign in"\nmsgstr ""', '"Sign in"\nmsgstr "Xx-in"'), "utf-8")
    had = translations(read_language("xx", own), Settings(_env_file=None))
    assert had == {"Passport renewal": [("Xx-renew",)], "Sign in": [("Xx-in",)]}
    assert printed.count("\nmsgid ") > len(for_citizens())
    assert "#. Arabic: تسجيل الدخول" in printed
    assert main("missing", "zz") == 1


def test_faults_are_named_and_what_nothing_says_any_more():
    sentence = next(one for one in in_pages() if isinstance(one, str) and "%(day)s" in one)
    said = {
        sentence: [("no day",)],
        "Nobody says it": [("a",), ("b",)],
        "Sign in": [("50 %",)],
        "Services": [("<b>x</b>",)],
    }
    assert [one.split(":")[0].split(" [")[0] for one in faults(said)] == [
        "blanks or tags differ from",
        "files translate it in different ways",
        "a per cent sign alone",
        "blanks or tags differ from",
    ]
    assert list(unsaid(said, PACK)) == ["nothing says this (any more): 'Nobody says it'"]
