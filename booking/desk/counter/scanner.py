"""What a scanner types: it acts as a keyboard, so its letters come out in the layout that the clerk has switched on."""

from collections.abc import Mapping
from typing import Final

# The Arabic (101) layout of Windows and its likes: which sign stands where a Latin letter does, without and with shift.
_PLAIN: Final = dict(
    zip(
        "قفغعهخحشسيبلاتنمئءؤرىة" + "ضصث",
        "RTYUIOPASDFGHJKLZXCVNM" + "QWE",
        strict=True,
    )
)
_SHIFTED: Final = {
    "\u064e": "Q",
    "\u064b": "W",
    "\u064f": "E",
    "\u064c": "R",
    "إ": "Y",
    "\u2018": "U",
    "÷": "I",
    "×": "O",
    "؛": "P",
    "\u0650": "A",
    "\u064d": "S",
    "]": "D",
    "[": "F",
    "أ": "H",
    "ـ": "J",
    "،": "K",
    "/": "L",
    "~": "Z",
    "\u0652": "X",
    "}": "C",
    "{": "V",
    "آ": "N",
    "\u2019": "M",
}
PAIRS: Final[Mapping[str, str]] = {"لإ": "T", "لأ": "G", "لآ": "B", "لا": "B"}
_DIGITS: Final = {digit: str(value) for value, digit in enumerate("٠١٢٣٤٥٦٧٨٩")}
SIGNS: Final[Mapping[str, str]] = _PLAIN | _SHIFTED | _DIGITS
"""What a sign of the Arabic layout stands for; ``PAIRS`` come before. Browsers without the network are given both."""
_SIGNS: Final = str.maketrans(dict(SIGNS))


def as_scanned(text: str) -> str:
    """Return a pass as its code says it, whichever of the two keyboard layouts was on; Latin letters stay.

    In the Arabic layout the keys G and H type the two letters that the key B types at once. Both readings of such a
    pair differ, so the pair is read as B; where the scanner sends capitals, as passes are written, nothing is unclear.
    """
    plain = "".join(text.split())
    for signs, letter in PAIRS.items():
        plain = plain.replace(signs, letter)
    return plain.translate(_SIGNS).upper()
