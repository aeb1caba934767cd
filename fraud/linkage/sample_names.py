"""Invented names in Arabic and Latin letters: common given names with the ways they are spelled, made-up families."""

from collections.abc import Sequence
from typing import Final

import numpy as np

_MEN: Final = """
محمد Mohammed Muhammad Mohamad Mohamed | احمد Ahmad Ahmed | علي Ali Aly | حسن Hasan Hassan | حسين Hussein Hussain
Husayn | محمود Mahmoud Mahmud | عمر Omar Umar | خالد Khaled Khalid | يوسف Yousef Yusuf Youssef | ابراهيم Ibrahim
Ebrahim | مصطفى Mustafa Moustafa | عبد_الله Abdullah Abdallah | عبد_الرحمن Abdulrahman Abdelrahman Abd_al-Rahman |
سامر Samer Samir | فراس Firas Feras | بشار Bashar | زياد Ziad Ziyad | وليد Walid Waleed | ماهر Maher | باسل Basel
Basil | رامي Rami Ramy | فادي Fadi Fady | جورج George Georges | إلياس Elias Ilyas | طارق Tarek Tariq | أنس Anas |
بلال Bilal Belal | سعيد Said Saeed | كريم Karim Kareem | نبيل Nabil Nabeel | هيثم Haitham Haytham | أيمن Ayman Aiman
| عمار Ammar | مازن Mazen Mazin | غسان Ghassan | نزار Nizar | عدنان Adnan | رياض Riad Riyad | قصي Qusay Kusai | لؤي
Louay Luay | سليمان Sulaiman Suleiman | إسماعيل Ismail Ismael | هاني Hani Hany | جمال Jamal Gamal | فيصل Faisal
Faysal | نور_الدين Nour_al-Din Nureddin | صلاح Salah | عيسى Issa Isa | موسى Musa Moussa | داود Dawood Daoud | شادي
Shadi Chadi | وائل Wael | معتز Moutaz Mutaz | حازم Hazem Hazim | أسامة Osama Usama
"""
_WOMEN: Final = """
فاطمة Fatima Fatma Fatimah | عائشة Aisha Ayesha | مريم Mariam Maryam | زينب Zainab Zeinab | خديجة Khadija Khadijah |
سارة Sara Sarah | نور Nour Noor | هدى Huda Hoda | ريم Reem Rim | رنا Rana | لينا Lina Leena | دانا Dana | هبة Hiba
Heba | أسماء Asmaa Asma | سلمى Salma | رهف Rahaf | منى Mona Muna | ليلى Layla Leila | سمر Samar | غادة Ghada | نادية
Nadia Nadya | سوسن Sawsan | رغد Raghad | شيماء Shaimaa Shayma | آية Aya | بتول Batoul | ديما Dima | رولا Rola Rula |
هالة Hala | عبير Abeer Abir | إيمان Iman Eman | أمل Amal | سعاد Suad Souad | نجوى Najwa | وفاء Wafaa Wafa | جميلة
Jamila | كوثر Kawthar Kawsar | ندى Nada | لمى Lama | مها Maha | رشا Rasha | سناء Sanaa Sana | يسرى Yusra Yousra |
ميساء Maysaa Maisa | حنان Hanan
"""
_SOUNDS_AND_SPELLINGS: Final = """
ب b | ت t | ج j g | ح h | خ kh | د d | ر r | ز z | س s | ش sh ch | ص s | ض d | ط t | غ gh g | ف f | ق q k | ك k | ل
l | م m | ن n | ه h
"""
_PATTERNS: Final = (
    ("{0}ا{1}و{2}", "{0}a{1}ou{2}"),
    ("{0}{1}ا{2}ي", "{0}a{1}a{2}i"),
    ("ال{0}{1}{2}اوي", "al-{0}a{1}{2}awi"),
    ("{0}ي{1}{2}ان", "{0}i{1}{2}an"),
    ("ال{0}{1}ي{2}ي", "Al {0}u{1}ei{2}i"),
    ("{0}و{1}{2}اني", "{0}ou{1}{2}ani"),
)


def _rows(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row.split()) for row in text.split("|"))


MEN: Final = _rows(_MEN)
"""Arabic first, then Latin spellings; "_" is a space, and the common ones come first."""
WOMEN: Final = _rows(_WOMEN)
_SOUNDS: Final = _rows(_SOUNDS_AND_SPELLINGS)


def families(count: int, rng: np.random.Generator) -> list[tuple[str, ...]]:
    """Invent family names, each with Latin spellings; no two with the same Arabic form."""
    found: dict[str, tuple[str, ...]] = {}
    while len(found) < count:
        sounds = [_SOUNDS[place] for place in rng.integers(0, len(_SOUNDS), 3)]
        arabic, latin = _PATTERNS[int(rng.integers(len(_PATTERNS)))]
        spellings = dict.fromkeys(
            latin.format(*(sound[min(which, len(sound) - 1)] for sound in sounds)).capitalize() for which in (1, 2)
        )
        found[arabic.format(*(sound[0] for sound in sounds))] = tuple(spellings)
    return [(arabic, *spellings) for arabic, spellings in found.items()]


def arabic_of(names: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the Arabic forms, "_" read as a space."""
    return [name[0].replace("_", " ") for name in names]


def latin_of(name: tuple[str, ...], which: int) -> str:
    """Return one of a name's Latin spellings; any whole number chooses."""
    return name[1 + which % (len(name) - 1)].replace("_", " ")


def misspelled(word: str, how: int, where: float) -> str:
    """Write a word as someone in a hurry would: a vowel mark, another hamza, a letter less, two letters exchanged.

    Parameters
    ----------
    how
        Which of seven ways, 0 to 6; several leave most words alone.
    where
        Where in the word, 0 to 1.
    """
    place = 1 + int(where * max(len(word) - 2, 0))
    changes = (
        lambda: word.replace("ا", "أ", 1),
        lambda: word.replace("ة", "ه"),
        lambda: word.removesuffix("ي") + "ى" if word.endswith("ي") else word,
        lambda: word.replace("عبد ", "عبد"),
        lambda: word[:place] + word[place + 1 :] if len(word) > 4 else word,  # noqa: PLR2004 - short ones stay readable
        lambda: word[:place] + word[place : place + 2][::-1] + word[place + 2 :] if len(word) > 3 else word,  # noqa: PLR2004
        lambda: word[0] + "\N{ARABIC FATHA}" + word[1:],
    )
    return changes[how]()
