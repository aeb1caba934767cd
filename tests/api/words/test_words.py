"""Pages speak as docs/words.md says: one term, one translation, and buttons that speak to men and women alike."""

import re

import pytest

from api.i18n import load_words
from booking.base.settings import Digits, Language, Settings
from tests.api.test_i18n import sentences
from tests.root import ROOT

TEMPLATES = sorted((ROOT / "api/templates").rglob("*.html"))
BUTTON = re.compile(
    r'<button[^>]*>(.*?)</button>|<a class="(?:button|quiet)[^>]*>(.*?)</a>|block button %\}(.*?)\{%', re.DOTALL
)
SAID = re.compile(r'_\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
COMMANDS = (
    "ابدأ أرسل احفظ اختر أكّد ألغ ألغِ اعرض أضف احذف اقترح تابع اطلب ادخل عدّل "
    "افتح جرّب اكتب ابحث انظر أعد أعدّ أظهر اسحب ارفض استقبل انتقل ادفع أدر أوقف "
    "أنه أنهِ خذ نادِ أعطِ حرّر احسب أثبت أرني ارجع انسه أتمّ "
)
"""Imperatives, which in Arabic speak to a man or to a woman."""
NOT_IN_ARABIC = (
    *(r"أماكن متاحة", r"الرقم المرجعي", r"\bفورا\b", r"الانترنت"),
    *(r"أونلاين", r"عبر الشبكة", r"رمز الاستجابة"),
)
NOT_IN_ENGLISH = (
    *(r"\bfree places?\b", r"\bthe square\b", r"\bneed do nothing\b"),
    *(r"\bName up to\b", r"\blogin\b", r"JSON"),
)


def arabic():
    return load_words(Settings(_env_file=None, digits=Digits.LATIN))[Language.ARABIC]


def buttons() -> set[str]:
    found = set()
    for file in TEMPLATES:
        for inside in BUTTON.findall(file.read_text(encoding="utf-8")):
            for said in SAID.findall("".join(inside)):
                found.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', said)))
    return found


def test_buttons_name_an_action_and_command_nobody():
    words = arabic()
    said = {words.gettext(one) for one in buttons()}
    assert len(said) > 100
    assert sorted(one for one in said if re.split(r"[\s:،]", one)[0] in COMMANDS.split()) == []


def test_buttons_are_short_enough_for_a_phone():
    words = arabic()
    assert [one for one in buttons() if len(one) > 60 or len(words.gettext(one)) > 60] == []


@pytest.mark.parametrize("word", NOT_IN_ARABIC)
def test_no_arabic_sentence_has_a_word_that_has_another_one(word):
    words = arabic()
    said = (words.gettext(one if isinstance(one, str) else one[0]) for one in sentences())
    assert sorted(one for one in said if re.search(word, one)) == []


@pytest.mark.parametrize("word", NOT_IN_ENGLISH)
def test_no_english_sentence_has_a_word_that_has_another_one(word):
    assert sorted(str(one) for one in sentences() if re.search(word, str(one))) == []
