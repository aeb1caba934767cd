"""Values that no page of ours sends: what is wrong, missing, doubled, huge, of another language, or of no language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

TEXTS: Final = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "01",
    "1.5",
    "1e9",
    "9" * 9,
    "9" * 10,
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 400,
    "nan",
    "inf",
    "-0",
    "٣",
    "۹۹",
    "²",
    "½",
    "true",
    "null",
    "None",
    "[]",
    "{}",
    "2026-11-01",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-11-01T06:00:00Z",
    "24:00",
    "00000000-0000-4000-8000-000000000000",
    "damascus",
    "passport-renewal",
    "7K2M9D4QX",
    "../../etc/passwd",
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere",
    "/[",
    "'; DROP TABLE person; --",
    '"><script>alert(1)</script>',
    "{{ 7 * 7 }}",
    "%(name)s %s %d {0} {name}",
    "\0",
    "a\0b",
    "\r\nSet-Cookie: a=b",
    "\x1b[31m\x07\x08",
    "\u202eevil\u202c",
    "\u2066\u2069\u200f\ufeff",
    "\ud800",
    "a\udfff",
    "\U0010ffff\ufffe",
    "é\u0301" * 200,
    "ﷺ" * 300,
    "أمل الخيالية",
    "漢字かな",
    "👩‍👩‍👧‍👦" * 40,
    "İıſKß",
    "a" * 81,
    "a" * 2001,
    "ا" * 5000,
    "a" * 40_000,
    "<" * 300,
    "&amp;#x27;",
    "a,b;c\td",
    "=1+1",
    "[[rule]]\nname = 1",
    "a = " + "1" * 5000,
    "[" * 3000,
    "\n" * 500,
    "a@b",
    "0933112233",
    "+963933112233",
    "00" * 20,
    "01020304050",
)


@dataclass(frozen=True)
class Field:
    """A field of a form: its usual value, and what it offers to choose."""

    name: str
    usual: str = ""
    choices: tuple[str, ...] = ()
    file: bool = False


anything: Final = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.integers(-(2**65), 2**65).map(str),
    st.dates().map(str),
)


def _values(field: Field) -> st.SearchStrategy[list[str]]:
    usual = st.just([field.usual])
    chosen = st.sampled_from(field.choices).map(lambda one: [one]) if field.choices else usual
    wrong = anything.map(lambda one: [one])
    several = st.lists(st.one_of(anything, st.just(field.usual)), min_size=2, max_size=4)
    return st.one_of(usual, chosen, chosen, wrong, wrong, st.just([]), several)


def filled(fields: Sequence[Field]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Return a strategy of what is sent for these fields, sometimes with one more that the form has not."""
    each = st.tuples(*(_values(one) for one in fields))
    beside = st.lists(st.tuples(st.sampled_from(("action", "x", "csrf", "key", "page", "")), anything), max_size=1)
    return st.tuples(each, beside).map(
        lambda drawn: (
            [(one.name, value) for one, values in zip(fields, drawn[0], strict=True) for value in values] + drawn[1]
        )
    )


def encoded(pairs: Sequence[tuple[str, str]]) -> bytes:
    """Write a form as browsers do; a half of a pair of surrogates as the bytes that it would have."""
    return "&".join("=".join(quoted(one) for one in pair) for pair in pairs).encode()


def quoted(words: str) -> str:
    """Write words as they stand in an address or a form."""
    return quote_from_bytes(words.encode(errors="surrogatepass"), safe="")
