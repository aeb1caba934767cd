"""What people mean by a text message: one of few words in Arabic or English, with forgiving spelling."""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from booking.platform.base.errors import FieldError
from booking.platform.base.fields import DIRECTION_MARKS, latin_digits
from booking.platform.base.message_states import Command
from booking.platform.base.references import read_reference

LONGEST: Final = 500
_C: Final = Command
_WORDS: Final[Mapping[Command, str]] = {
    _C.STATUS: "status state حاله الحاله حالتي وضع وضعي موعدي طلبي استعلام",
    _C.CONFIRM: "confirm yes ok okay accept تاكيد اكد اوكد تثبيت ثبت نعم موافق ساحضر",
    _C.CANCEL: "cancel withdraw الغاء الغ الغي الغه سحب",
    _C.STOP: "stop unsubscribe quit قف ايقاف اوقف وقف توقف",
    _C.START: "start subscribe تشغيل ابدا استيناف",
    _C.HELP: "help info مساعده ساعدني تعليمات",
}
_KNOWN: Final = {word: command for command, words in _WORDS.items() for word in words.split()}
_NOT: Final = frozenset(["no", "not", "dont", "لا", "لن", "لم", "غير"])
_ALIKE: Final = str.maketrans("أإآٱىةؤئ", "ااااي" + "هوي")
_SHORTEST_TO_GUESS: Final = 4
_HOW_ALIKE: Final = 0.8
_WORD: Final = re.compile(r"[a-z]+|[^\W\d_a-z]+")
_CODE: Final = re.compile(r"(?<![0-9A-Za-z-])(\d{3})[ -]?(\d{3})(?![0-9A-Za-z-])")
_REFERENCE: Final = re.compile(
    r"(?<![0-9A-Za-z])(?=([0-9A-Za-z]{3}([ -]?)[0-9A-Za-z]{3}\2[0-9A-Za-z]{3})(?![0-9A-Za-z]))"
)
"""Looked for at every start, and with the same sign between its parts: "status 613" begins none."""
_LIKE_ONE: Final = re.compile(r"(?=[0-9A-Za-z-]*\d)[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a text message asks for; ``misread`` where it holds something that only looks like a reference."""

    command: Command
    reference: str | None = None
    code: str | None = None
    misread: bool = False


def read_command(text: str) -> Asked:
    """Read a text message; what nobody can understand is ``UNKNOWN``.

    Six digits alone are a code, a reference alone asks for its status. "I do not confirm" confirms nothing.
    """
    plain = latin_digits(unicodedata.normalize("NFKC", text[:LONGEST]).translate(DIRECTION_MARKS))
    reference, rest = _reference_in(plain)
    words = _WORD.findall(_same(rest))
    command = next((found for word in words if (found := _meant(word)) is not None), None)
    if command is _C.CONFIRM and _NOT.intersection(words):
        command = _C.UNKNOWN
    codes = [] if reference else ["".join(parts) for parts in _CODE.findall(plain)]
    if codes and command in {None, _C.CANCEL}:
        return Asked(_C.CODE, code=codes[0])
    misread = reference is None and any(_LIKE_ONE.fullmatch(one) for one in plain.split())
    if command is None:
        command = _C.STATUS if reference else _C.UNKNOWN
    return Asked(command, reference, misread=misread)


def _reference_in(plain: str) -> tuple[str | None, str]:
    """Return the first reference of a text, and the text without it."""
    for found in _REFERENCE.finditer(plain):
        with suppress(FieldError):
            return read_reference(found.group(1)), plain[: found.start(1)] + " " + plain[found.end(1) :]
    return None, plain


def _same(text: str) -> str:
    """Bring words to the one form of all their spellings: no case, no vowel signs, letters that people mix up alike."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(one))
    return bare.replace("ـ", "").translate(_ALIKE)


def _meant(word: str) -> Command | None:
    if word in _KNOWN:
        return _KNOWN[word]
    if len(word) < _SHORTEST_TO_GUESS:
        return None
    near = difflib.get_close_matches(word, _KNOWN, n=1, cutoff=_HOW_ALIKE)
    return _KNOWN[near[0]] if near else None
