"""However people spell it, they find the same service first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.country.packs.loading import load_pack
from booking.platform.base.settings import Settings
from booking.platform.languages.speech import load_languages
from booking.platform.search.index import Entry, Index
from booking.platform.search.spelling import LONGEST_SEARCH, searched, words_of
from tests.support.effort import examples

pytestmark = pytest.mark.slow

MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640"
SPELLINGS = {
    "ا": "اأإآ",
    "أ": "أا",
    "إ": "إا",
    "آ": "آا",
    "ة": "ةه",
    "ى": "ىي",
    "ي": "يىی",
    "ك": "كک",
    "ئ": "ئي",
    "ؤ": "ؤو",
}
PACK = load_pack("syria")
SPEECH = load_languages(Settings(_env_file=None), PACK.country.languages)
SERVICES = st.sampled_from(PACK.services)


@pytest.fixture(scope="module")
def index():
    return Index(
        [
            Entry(
                one.code,
                tuple(speech.said(one.name) for speech in SPEECH.values()),
                tuple(words for listed in one.search.root.values() for words in listed),
                tuple(speech.said(one.description) for speech in SPEECH.values()),
            )
            for one in PACK.services
        ]
    )


@st.composite
def spelt(draw, text):
    """The same words as another hand would type them."""
    words = []
    for word in text.split():
        letters = "".join(
            draw(st.sampled_from(SPELLINGS.get(letter, letter))) + draw(st.sampled_from(["", "", "", *MARKS]))
            for letter in word
        )
        if draw(st.booleans()):
            letters = letters[2:] if word.startswith("ال") and len(word) > 4 else letters
        words.append(letters)
    return draw(st.sampled_from([" ", "  ", " \u200f"])).join(words)


def test_every_service_is_found_first_by_each_of_its_names(index):
    for service in PACK.services:
        for speech in SPEECH.values():
            assert index.find(speech.said(service.name))[0] == service.code, speech.said(service.name)


def test_every_other_name_of_a_service_finds_it_among_the_first_three(index):
    for service in PACK.services:
        for listed in service.search.root.values():
            for words in listed:
                assert service.code in index.find(words)[:3], words


@settings(max_examples=examples(50, nightly=150), deadline=None)
@given(service=SERVICES, data=st.data())
def test_any_spelling_of_an_arabic_name_finds_the_same_service_first(index, service, data):
    assert index.find(data.draw(spelt(service.name["ar"])))[0] == service.code


@settings(max_examples=examples(50, nightly=150), deadline=None)
@given(service=SERVICES, data=st.data())
def test_a_typo_in_a_long_word_still_finds_the_service_first(index, service, data):
    language = data.draw(st.sampled_from(["ar", "en"]))
    words = service.name[language].split()
    long = [place for place, word in enumerate(words) if len(word) >= 7]
    if not long:
        return
    place = data.draw(st.sampled_from(long))
    word = words[place]
    at = data.draw(st.integers(3, len(word) - 3))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    words[place] = data.draw(st.sampled_from([word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], swapped]))

    assert service.code in index.find(" ".join(words))[:2]


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300))
def test_no_typed_text_breaks_the_search(index, text):
    found = index.find(text)

    assert len(set(found)) == len(found)
    assert set(found) <= {service.code for service in PACK.services}


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.sampled_from("أإآاةهىيؤوئءـابتثجلركمنێۆڕڵەş \u064b\u0651٠١2٣abcéüß7-'"), max_size=60))
def test_normalising_a_word_twice_changes_nothing(text):
    once = words_of(text)

    assert words_of(" ".join(once)) == once


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("تجديد باسبور", "passport-renewal"),
        ("شهاده سواقه", "driving-licence-renewal"),
        ("كيف اطلع براءة ذمة", "clearance-certificate"),
        ("ما هي أوراق تسجيل مولود", "birth-registration"),
        ("بدل هويه ضايعه", "identity-card-replacement"),
        ("tajdid jawaz", "passport-renewal"),
        ("ta2jil derasi", "study-deferral"),
        ("la 7ukm 3aleh", "criminal-record"),
        ("pasport renewl", "passport-renewal"),
        ("how do I get a tax number", "tax-number"),
        ("DRIVING LICENSE", "driving-licence-renewal"),
    ],
)
def test_everyday_words_find_the_service_that_people_mean(index, text, first):
    assert index.find(text)[0] == first


def test_a_name_outranks_a_search_word_and_that_a_description():
    index = Index(
        [
            Entry("described", ("One",), ("two",), ("about a lighthouse",)),
            Entry("searched", ("Three",), ("lighthouse",), ("four",)),
            Entry("named", ("Lighthouse",), ("five",), ("six",)),
        ]
    )

    assert index.find("lighthouse") == ["named", "searched", "described"]


def test_unrelated_words_find_nothing(index):
    for text in ("xyzzy", "طيران", "كهرباء", "water", "football", "", "؟!"):
        assert index.find(text) == [], text
    assert Index([]).find("جواز") == []


def test_filler_words_are_ignored_unless_there_are_no_others():
    assert searched("كيف أجدد الجواز") == ("اجدد", "جواز")
    assert searched("the") == ("the",)


def test_a_very_long_search_is_cut_and_still_answered(index):
    assert index.find("جواز " * 5_000)[0] in {"passport-renewal", "new-passport"}
    assert len(searched("ab " * 500)) == 1
    assert sum(map(len, searched("ب" * 5_000))) == LONGEST_SEARCH
