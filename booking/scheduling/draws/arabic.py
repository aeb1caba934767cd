"""The sentences of checks in Arabic. What has no translation yet stays in English, in quotation marks."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from booking.scheduling.draws.checks import Report

FILE: Final = Path(__file__).with_name("arabic.toml")
RIGHT: Final = "صحيح"
WRONG: Final = "خطأ"
_GAP: Final = re.compile(r"{(\w+)}")
_REST: Final = "rest"
_NAMES: Final = {"file": r"[\w.-]+\.(?:json|csv|txt|gz|tlog-proof)"}
"""What may fill a gap, where that is not any text."""


def report_in_arabic(report: Report) -> str:
    """Return what was checked and found, a line each."""
    return "\n".join(f"{RIGHT if right else WRONG}: {in_arabic(sentence)}" for right, sentence in report.checks)


def in_arabic(sentence: str) -> str:
    """Return a sentence of a check in Arabic, as far as it is known in Arabic."""
    for pattern, arabic in _sentences():
        found = pattern.fullmatch(sentence)
        if found is not None:
            filled = found.groupdict()
            if _REST in filled:
                filled[_REST] = in_arabic(filled[_REST])
            return arabic.format_map(filled)
    return f"«{sentence}»"


@cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences as patterns with their Arabic: first those around another one, then those that say most."""
    known: dict[str, str] = tomllib.loads(FILE.read_text(encoding="utf-8"))["sentences"]
    return [(_pattern(known_as), known[known_as]) for known_as in sorted(known, key=_said)]


def _said(sentence: str) -> tuple[bool, int]:
    return f"{{{_REST}}}" not in sentence, -len(_GAP.sub("", sentence))


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _GAP.split(sentence)
    gaps = (f"(?P<{name}>{_NAMES.get(name, '.+?')})" for name in parts[1::2])
    texts = map(re.escape, parts[::2])
    first = next(texts)
    return re.compile(first + "".join(gap + text for gap, text in zip(gaps, texts, strict=True)), re.DOTALL)
