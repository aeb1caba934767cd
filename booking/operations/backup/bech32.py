"""Bech32 (BIP 173) of any length, in which age writes its keys: letters that are hard to mistake, and a checksum."""

from collections.abc import Iterable, Sequence
from typing import Final

_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM: Final = 6


def encode_bech32(prefix: str, content: bytes) -> str:
    """Return a prefix in lower case and bytes as one word."""
    digits = _regroup(content, 8, 5, pad=True)
    check = _polymod([*_expanded(prefix), *digits, *[0] * _CHECKSUM]) ^ 1
    digits += [check >> 5 * (_CHECKSUM - 1 - i) & 31 for i in range(_CHECKSUM)]
    return f"{prefix}1{''.join(_LETTERS[digit] for digit in digits)}"


def decode_bech32(word: str) -> tuple[str, bytes]:
    """Return the prefix, in lower case, and the bytes.

    Raises
    ------
    ValueError
        It is no such word: a letter that is none, or a checksum that does not fit.
    """
    prefix, _, letters = word.lower().rpartition("1")
    digits = [_LETTERS.index(letter) for letter in letters]
    if not prefix or len(digits) < _CHECKSUM or _polymod([*_expanded(prefix), *digits]) != 1:
        raise ValueError("the checksum does not fit")
    return prefix, bytes(_regroup(digits[:-_CHECKSUM], 5, 8, pad=False))


def _regroup(values: Iterable[int], have: int, want: int, *, pad: bool) -> list[int]:
    """Return values of ``have`` bits as values of ``want`` bits; raises ValueError for what is left over."""
    pool = bits = 0
    found: list[int] = []
    for value in values:
        pool, bits = (pool << have | value) & 0xFFF, bits + have
        while bits >= want:
            bits -= want
            found.append(pool >> bits & ((1 << want) - 1))
    if pad and bits:
        found.append(pool << want - bits & ((1 << want) - 1))
    elif not pad and (bits >= have or pool & ((1 << bits) - 1)):
        raise ValueError("bits are left over")
    return found


def _expanded(prefix: str) -> Sequence[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate(_GENERATOR):
            check ^= generator if top >> i & 1 else 0
    return check
