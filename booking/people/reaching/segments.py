"""How many parts a text message is sent, and paid, in (3GPP TS 23.038 and 23.040)."""

from typing import Final

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("^{}\\[~]|€\f")
"""Written with an escape, so each takes two places."""
_GSM_ALONE: Final = 160
_GSM_JOINED: Final = 153
_UCS_ALONE: Final = 70
_UCS_JOINED: Final = 67


def count_segments(text: str) -> int:
    """Count the parts of a message: 160 or 153 places of the GSM alphabet, 70 or 67 units of UCS-2 for other scripts.

    An empty text is one part. A character is never cut in two, so a part can end a place early.
    """
    if _is_gsm(text):
        widths = _gsm_widths(text)
        alone, joined = _GSM_ALONE, _GSM_JOINED
    else:
        widths = [len(character.encode("utf-16-be")) // 2 for character in text]
        alone, joined = _UCS_ALONE, _UCS_JOINED
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > joined:
            parts, used = parts + 1, 0
        used += width
    return parts


def gsm_places(text: str) -> int | None:
    """Count the places that a text takes in the GSM alphabet; None where it has another letter."""
    return sum(_gsm_widths(text)) if _is_gsm(text) else None


def _is_gsm(text: str) -> bool:
    return all(character in _GSM or character in _GSM_TWICE for character in text)


def _gsm_widths(text: str) -> list[int]:
    return [2 if character in _GSM_TWICE else 1 for character in text]
