"""Digits as a text writes them: 0123 or ٠١٢٣."""

import re
from typing import Final

_ARABIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_NUMBER: Final = re.compile(
    r"%\(\w+\)s|\{\w+\}|\+[\d ]+|\d{4}-\d\d-\d\d|[A-Za-z]+ \d+\.\d+"  # blanks, phones, ISO days, "TLS 1.3"
    r"|[A-Za-z0-9_.:/-]*[A-Za-z_][A-Za-z0-9_.:/-]*|(\d+)"  # addresses and Latin words; then a number of the sentence
)


def arabic(text: str) -> str:
    """Write every digit of a text as ٠١٢٣."""
    return text.translate(_ARABIC)


def arabic_in_sentence(text: str) -> str:
    """Write the numbers of a sentence as ٠١٢٣; what stands in Latin letters, a phone and a blank stay as they are."""
    return _NUMBER.sub(lambda found: arabic(found[1]) if found[1] else found[0], text)
