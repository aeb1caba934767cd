"""Names for people who do not exist: real first names, family names that nobody has."""

from typing import Final

import numpy as np

_FIRST_AR: Final = (
    *("أمل", "كريم", "ليلى", "سامر", "رنا", "يوسف", "هالة", "ماهر", "نور", "باسل", "سلمى", "عمر", "ريم", "خالد"),
    *("مايا", "طارق", "دانا", "فادي", "لمى", "زياد", "هبة", "وائل", "سناء", "أنس", "غادة", "بشار", "رغد", "نبيل"),
)
_LAST_AR: Final = ("الخيالي", "الافتراضي", "النموذجي", "المثالي", "التجريبي", "الورقي", "الوهمي", "المتخيَّل")
_FIRST_EN: Final = (
    *("Amal", "Karim", "Layla", "Samer", "Rana", "Yusuf", "Hala", "Maher", "Nour", "Basel", "Salma", "Omar"),
    *("Reem", "Khaled", "Maya", "Tarek", "Dana", "Fadi", "Lama", "Ziad", "Hiba", "Wael", "Sana", "Anas"),
)
_LAST_EN: Final = ("Example", "Sample", "Imaginary", "Fictional", "Invented", "Testfield")


def family_name(rng: np.random.Generator, language: str) -> str:
    """Draw a family name."""
    return _pick(rng, _LAST_AR if language == "ar" else _LAST_EN)


def first_name(rng: np.random.Generator, language: str) -> str:
    """Draw a first name."""
    return _pick(rng, _FIRST_AR if language == "ar" else _FIRST_EN)


def _pick(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]
