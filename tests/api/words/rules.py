"""What docs/words.md and docs/glossary.md ask of a sentence, as rules: each says whether a pair breaks it."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from tests.support.root import ROOT

TERMS: Mapping[str, str] = {
    r"passwords?": r"كلم(ة|ات) (ال)?سر",
    r"receipts?": "إيصال",
    r"witness(es)?": "شاهد|شهود",
    r"appointments?": "موعد|مواعيد",
    r"passkeys?": "(مفتاح|مفاتيح) (ال)?مرور",
    r"counters?": "نافذ|نوافذ",
    r"(?<!to )draws?": "قرع",
    r"consulates?": "قنصلي",
    r"accounts?": "حساب",
    r"supervisors?": "مشرف",
    r"officers?": "موظف",
    r"pass": "بطاق",
    r"text messages?": "رسالة نصية|الرسائل النصية|رسالة",
    r"priority": "أولوي",
    r"second steps?": "خطو",
    r"civil register": "السجل المدني",
    r"urgent": "عاجل|استعجال",
    r"consents?": "مواف",
    r"network": "شبك",
    r"observers?": "مراقب",
    r"audit log": "سجل التدقيق",
    r"public log": r"سجل(ًا)? (ال)?علني",
    r"random number": r"(العدد العشوائي|عدد(ٌ)? عشوائي|عدد)",
    r"national number": r"وطني",
    r"identity document": "هوي",
    r"recovery codes?": "رم(ز|وز) (ال)?استرداد",
    r"versions?": "نسخ|إصدار",
    r"drafts?": "مسود",
    r"quotas?": "حص",
    r"forecast": "توق",
    r"state[’']s sign-in": r"الدخول الموحد للدولة|بالدخول الموحد للدولة",
}
"""English terms and how their Arabic begins: one term, one translation."""
COUNTED = (
    "دقيقة دقائق ثانية ثوانٍ يوم يومًا أيام سنة سنوات طلب طلبًا طلبات شخص شخصًا أشخاص مرة مرات قرعة قرعات موعدًا مواعيد "
    "حرف حرفًا حروف محارف رقمًا أرقام ملفًا ملفات حالة حالات سطر سطرًا أسطر جزءًا أجزاء مكانًا أماكن قيدًا قيود "
    "نافذة نوافذ جهازًا أجهزة"
)
COMMANDS = (
    "ابدأ أرسل احفظ اختر أكّد ألغ ألغِ اعرض أضف احذف اقترح تابع اطلب ادخل عدّل غيّر أجب أبقِ ابقَ جهّز انسَ أزِل أزل أنشئ أثبته "
    "افتح جرّب جرّبها اكتب ابحث انظر أعد أعدّ أظهر اسحب ارفض استقبل انتقل ادفع أدر أوقف استعمل اطبع أعطِ أعط قل اذكر راجع "
    "أنه أنهِ خذ نادِ حرّر احسب أثبت أرني ارجع انسه أتمّ صحّح سجّل"
)
"""Imperatives, which in Arabic speak to a man or to a woman."""
JARGON = re.compile(r"\b(wish(es)?|verdicts?|the gate|scores?|slots?|pools?|bins?|leaf|JSON)\b", re.IGNORECASE)
LATIN = r"[A-Za-z0-9_)]"


@cache
def avoided() -> re.Pattern[str]:
    """Return the words of the columns "Never" of both papers, in whatever form Arabic puts before them."""
    words = []
    for paper in ("glossary", "words"):
        columns: list[str] = []
        for line in (ROOT / f"docs/{paper}.md").read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
            if not cells or "Never" in cells:
                columns = cells
            elif "Never" in columns:
                words += [word for word in cells[columns.index("Never")].split("; ") if word.strip("-")]
    return re.compile("|".join(_anywhere(word) for word in words), re.IGNORECASE)


def _anywhere(word: str) -> str:
    article = r"[وفبكل]{0,2}(?:ال|ل)?" if re.match("[ء-ي]", word) else ""
    return rf"(?<!\w){article}{re.escape(word.removeprefix('ال'))}(?!\w)"


def says_a_word_to_avoid(english: str, arabic: str) -> bool:
    return bool(avoided().search(f"{english}\n{arabic}"))


def translates_a_term_otherwise(english: str, arabic: str) -> bool:
    return any(
        re.search(rf"\b{term}\b", english, re.IGNORECASE) and not re.search(stem, arabic)
        for term, stem in TERMS.items()
    )


def counts_without_plurals(_: str, arabic: str) -> bool:
    """A number that is filled in goes with six forms of its noun, so the noun does not follow it in one sentence."""
    return bool(re.search(rf"%\(\w+\)s (?:من )?(?:{COUNTED.replace(' ', '|')})(?!\w| %\()", arabic))


def writes_digits_of_its_own(english: str, arabic: str) -> bool:
    """Sentences have the digits of the source; the settings say how pages write them."""
    return bool(re.search("[٠-٩۰-۹]", english + arabic))


def mixes_marks(english: str, arabic: str) -> bool:
    """Arabic has marks of its own, but in Latin text; its tanwin stands before the alif that carries it."""
    foreign = rf'(?<!{LATIN})[,;?](?!\d)|"(?!\w+"\s*$)|اً|  |^\s|\s$'
    return bool(re.search(foreign, arabic) or re.search("[،؛؟«»]|  ", english))


def has_a_percent_sign(english: str, arabic: str) -> bool:
    """Templates format every sentence: a per cent sign of its own stands beside blanks only, and twice."""
    return any("%" in re.sub(r"%\(\w+\)s|%%", "", text) for text in (english, arabic))


def names_a_button_otherwise(say: Callable[[str], str | None]) -> Callable[[str, str], bool]:
    """Return the rule that what “stands on a button” is named in Arabic as the button is."""

    def broken(english: str, arabic: str) -> bool:
        named = [say(one) for one in re.findall("“([^”]+)”", english)]
        return any(one and f"«{one}»" not in arabic for one in named)

    return broken


def commands(_: str, arabic: str) -> bool:
    """What has no full stop is a heading, a label or a button; it names an action, and commands nobody."""
    first = re.split(r"[\s:،…]", re.sub(r"^\d\. ", "", arabic))[0]
    return first in COMMANDS.split() and not re.search("[.؟!]", arabic)


def is_long(english: str, arabic: str) -> bool:
    return len(english) > 60 or len(arabic) > 60


def has_jargon(english: str, _: str) -> bool:
    return bool(JARGON.search(english))
