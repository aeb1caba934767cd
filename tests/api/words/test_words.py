"""Pages and messages speak as docs/words.md and docs/glossary.md say, and each rule finds a fault that is planted."""

import re
import tomllib
from functools import cache
from io import BytesIO

import pytest
from babel.messages.pofile import read_po

from api.sentences import in_pages
from fraud.reasons import REASONS
from tests.api.test_i18n import API, CATALOGUES
from tests.api.words import rules
from tests.support.root import ROOT

pytestmark = pytest.mark.slow

BUTTON = re.compile(
    r'<button[^>]*>(.*?)</button>|<a class="(?:button|quiet)[^>]*>(.*?)</a>|block button %\}(.*?)\{%', re.DOTALL
)
SAID = re.compile(r'_\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
OF_CITIZENS = ("citizen", "account", "online", "public")


@cache
def catalogue():
    return [one for path in CATALOGUES for one in read_po(BytesIO(path.read_bytes()), locale="ar") if one.id]


def singles() -> dict[str, str]:
    """Return the sentences that count nothing, with their Arabic."""
    return {one.id: one.string for one in catalogue() if isinstance(one.id, str)}


def sentences() -> list[tuple[str, str]]:
    """Return all sentences of pages; of those that count, the form for three and more."""
    return [*singles().items(), *((one.id[1], one.string[3]) for one in catalogue() if isinstance(one.id, tuple))]


@cache
def messages() -> list[tuple[str, str]]:
    """Return what notices, the reasons of the gate and the rules that come with it say."""
    files = sorted((ROOT / "booking/people/reaching/notices").glob("*.toml"))
    notices = (notice for file in files for notice in tomllib.loads(file.read_text(encoding="utf-8")).values())
    said = [(part["en"], part["ar"]) for notice in notices for part in notice.values() if isinstance(part, dict)]
    rows = tomllib.loads((ROOT / "fraud/rules/default_rules.toml").read_text(encoding="utf-8"))["rule"]
    said += [(row["say"]["en"], row["say"]["ar"]) for row in rows]
    return said + [(reason.en, reason.ar) for reason in REASONS.values()]


def of_citizens() -> list[tuple[str, str]]:
    """Return what the templates of citizens' and public pages say."""
    templates = tuple(f"templates/{folder}/" for folder in OF_CITIZENS)
    found = [one for one, files in in_pages().items() if any(file.startswith(templates) for file in files)]
    return [(one if isinstance(one, str) else one[0], "") for one in found]


def buttons() -> list[tuple[str, str]]:
    found = set()
    for file in (API / "templates").rglob("*.html"):
        for inside in BUTTON.findall(file.read_text(encoding="utf-8")):
            for said in SAID.findall("".join(inside)):
                found.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', said)))
    assert len(found) > 100
    return [(one, singles().get(one, "")) for one in found]


RULES = {
    "a word that has another one": (
        rules.says_a_word_to_avoid,
        lambda: sentences() + messages(),
        ("You can not come any more.", "لا تستطيع الحضور."),
    ),
    "a word of Arabic that has another one": (
        rules.says_a_word_to_avoid,
        lambda: sentences() + messages(),
        ("At a counter", "عند الشباك"),
    ),
    "a term translated otherwise": (
        rules.translates_a_term_otherwise,
        sentences,
        ("Save the password", "حفظ الرمز السري"),
    ),
    "a number without the six forms of its noun": (
        rules.counts_without_plurals,
        lambda: list(singles().items()),
        ("Valid for %(n)s days", "صالح %(n)s يومًا"),
    ),
    "digits of its own": (
        rules.writes_digits_of_its_own,
        lambda: sentences() + messages(),
        ("6 digits", "٦ أرقام"),
    ),
    "marks of the other language": (
        rules.mixes_marks,
        lambda: sentences() + messages(),
        ("First, sign in", "أولًا, سجّل الدخول"),
    ),
    "a tanwin after its alif": (rules.mixes_marks, lambda: sentences() + messages(), ("To nobody", "لا أحداً")),
    "a per cent sign": (rules.has_a_percent_sign, sentences, ("95% of them", "95% منها")),
    "a button named otherwise": (
        rules.names_a_button_otherwise(lambda english: singles().get(english)),
        sentences,
        ("Choose “Sign in”.", "اختر «دخول»."),
    ),
    "a label that commands": (rules.commands, lambda: list(singles().items()), ("Send the code", "أرسل الرمز")),
    "a button too long for a phone": (rules.is_long, buttons, ("Send " * 13, "إرسال")),
    "a word of ours on a page for citizens": (rules.has_jargon, of_citizens, ("Your wish is kept", "")),
}


@pytest.mark.parametrize("name", RULES)
def test_no_sentence_breaks_a_rule_that_finds_a_planted_fault(name):
    broken, read, planted = RULES[name]
    assert broken(*planted)
    assert sorted(f"{english} | {arabic}" for english, arabic in read() if broken(english, arabic)) == []
