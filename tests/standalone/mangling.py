"""Published files with anything changed in one of them, for Hypothesis; the hashes are made to fit again."""

import json

from hypothesis import strategies as st

from booking.scheduling.draws.files import BINS, CERTIFICATE, DRAW, MEDIA_TYPES, PLAN, REPORT, REQUESTS
from tests.standalone.forging import lines_of, packed, restated

TEXTS = ["", "0", "1", "2", "-1", "+1", "01", "1 1", "1  1", "٤", "\u00a0", "9" * 19, "9" * 20, "a", "a,", '"', "draw"]
TEXTS += [
    "accessible",
    "urgent",
    "true",
    "2026-11-08",
    "2026-11-31",
    "0001-01-01",
    "2026-11-08T06:00:00+00:00",
    "\r",
    "\0",
]
VALUES = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    1.5,
    2**31,
    2**63,
    [],
    [[]],
    {},
    {"a": 1},
    ["a"],
    ["a", "a"],
    "\ud800",
    *TEXTS,
]


@st.composite
def mangled(draw, files):
    """Bytes of one file changed anywhere, or one value of it replaced by another, with the hashes made to fit."""
    name = draw(st.sampled_from(sorted(MEDIA_TYPES)))
    content = b"\n".join(lines_of(files)) if name == REQUESTS else files[name]
    how = draw(st.sampled_from(["bytes", "value", "value", "all"]))
    if how == "all":
        return restated(files, {name: draw(st.binary(max_size=60))})
    if how == "value" and name in (DRAW, REPORT, CERTIFICATE, REQUESTS):
        content = json_with(draw, content, lines=name == REQUESTS)
    elif how == "value" and name in (BINS, PLAN):
        rows = [line.split(b",") for line in content.splitlines()]
        row = draw(st.integers(0, len(rows) - 1))
        rows[row][draw(st.integers(0, len(rows[row]) - 1))] = draw(st.sampled_from(TEXTS)).encode()
        content = b"".join(b",".join(row) + b"\n" for row in rows)
    else:
        at, by = draw(st.integers(0, len(content))), draw(st.integers(0, 3))
        content = (
            content[:at] + draw(st.sampled_from(TEXTS).map(str.encode) | st.binary(max_size=2)) + content[at + by :]
        )
    return restated(files, {name: packed(content.splitlines()) if name == REQUESTS else content})


def json_with(draw, content, *, lines):
    parts = content.splitlines() if lines else [content]
    which = draw(st.integers(0, len(parts) - 1))
    holder = data = json.loads(parts[which])
    while True:
        key = draw(st.sampled_from(sorted(holder)) if isinstance(holder, dict) else st.integers(0, len(holder) - 1))
        if not isinstance(holder[key], dict | list) or not holder[key] or draw(st.booleans()):
            break
        holder = holder[key]
    holder[key] = draw(st.sampled_from(VALUES))
    layout = {"separators": (",", ":")} if lines else {"indent": 1}
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, **layout).encode(errors="surrogatepass")
    return b"\n".join([*parts[:which], text, *parts[which + 1 :]]) + (b"" if lines else b"\n")
