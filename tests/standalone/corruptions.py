"""What a forger could write in another spelling, or so that it contradicts itself; every hash over it fits again."""

import base64
import gzip
import json
import re
import zlib
from datetime import datetime, timedelta
from itertools import pairwise

from booking.scheduling.draws.files import BINS, CERTIFICATE, DRAW, PLAN, REPORT, REQUESTS, SEED
from tests.standalone.forging import lines_of, packed, restated

DEEP = b"[" * 200_000 + b"]" * 200_000
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
NUMBERS = {BINS: (0, 2, 7, 8), PLAN: (0, 1, 2, 3, 4)}
KEYS = {DRAW: "solver_seconds", CERTIFICATE: "objective", REPORT: "used"}
SPELLINGS = {
    "a sign": lambda number: f"+{number}",
    "a zero ahead": lambda number: f"0{number}",
    "an underscore": lambda number: f"0_{number}",
    "a fraction": lambda number: f"{number}.0",
    "a minus": lambda number: f"-{number}",
    "a blank after it": lambda number: f"{number} ",
    "a no-break space": lambda number: f"\u00a0{number}",
    "Arabic digits": lambda number: number.translate(ARABIC),
    "quotation marks": lambda number: f'"{number}"',
    "64 bits overrun": lambda number: str(int(number.split()[0]) + 2**64),
}


def replaced(name, pattern, by):
    """Change the first match in a file; a kind that finds nothing to change is a mistake here."""

    def change(files):
        changed, found = re.subn(pattern, by, files[name], count=1)
        assert found, (pattern, name)
        return restated(files, {name: changed})

    return change


def whole(name, how):
    return lambda files: restated(files, {name: how(files[name])})


def cell(name, column, how):
    """Write one cell in another way, of the first row where that column holds something."""

    def change(files):
        rows = [line.split(",") for line in files[name].decode().splitlines()]
        found = next(row for row in rows[1:] if row[column])
        found[column] = how(found[column])
        return restated(files, {name: ("\n".join(map(",".join, rows)) + "\n").encode()})

    return change


def line(pattern, by):
    """Change one request's line, not what it says."""

    def change(files):
        lines = lines_of(files)
        number, changed = next(
            (n, new) for n, old in enumerate(lines) if (new := re.sub(pattern, by, old, count=1)) != old
        )
        return restated(files, {REQUESTS: packed([*lines[:number], changed, *lines[number + 1 :]])})

    return change


def prices(how):
    """Pack the same prices in another way."""

    def change(files):
        column = json.loads(files[CERTIFICATE])["certificate"]["columns"]["prices"]
        other = how(dict(column))
        text = files[CERTIFICATE]
        for key in column:
            was, now = (f'"{key}": {json.dumps(each[key])}'.encode() for each in (column, other))
            text = text.replace(was, now, 1)
        return restated(files, {CERTIFICATE: text})

    return change


def repacked(column):
    return column | {"data": base64.b64encode(zlib.compress(zlib.decompress(_raw(column))) + b"more").decode()}


def _raw(column):
    return base64.b64decode(column["data"])


def _spellings():
    for name, columns in NUMBERS.items():
        for column in columns:
            for words, how in SPELLINGS.items():
                yield f"{name}, column {column}: {words}", cell(name, column, how)
    for name, key in KEYS.items():
        number = rb'("%s": )([0-9]+)' % key.encode()
        for words, by in {
            "a fraction": rb"\1\2.0",
            "an exponent": rb"\g<1>1e400",
            "NaN": rb"\1NaN",
            "Infinity": rb"\1Infinity",
            "a lone surrogate": rb'\1"\\ud800"',
            "a text": rb'\1"\2"',
            "true": rb"\1true",
            "a minus": rb"\1-\2",
            "a zero ahead": rb"\g<1>0\2",
            "a deep nest": rb"\1" + DEEP,
            "too many digits": rb"\g<1>" + b"9" * 5000,
            "a key more": rb'\1\2,\n "used_by": 1',
            "the key again": rb'\1\2,\n "%s": \2' % key.encode(),
        }.items():
            yield f"{name}: {words}", replaced(name, number, by)
    for words, by in {
        "a fraction": rb"\1.0",
        "NaN": b'"party":NaN',
        "a lone surrogate": rb'\1,"q":"\\ud800"',
        "a deep nest": b'"party":' + DEEP,
        "a key more": rb'\1,"pets":1',
        "the key again": rb"\1,\1",
        "a blank": rb" \1",
        "a line feed": rb"\n\1",
    }.items():
        yield f"a request: {words}", line(rb'("party":[0-9]+)', by)
    yield "a request: an escape", line(rb'"home"', rb'"\\u0068ome"')
    yield "a request: capital digits", line(rb'("receipt":"[0-9a-f]*?)([a-f])', lambda m: m[1] + m[2].upper())


def _forms():
    for name in (DRAW, BINS, PLAN, REPORT, CERTIFICATE, SEED):
        yield f"{name}: carriage returns", whole(name, lambda content: content.replace(b"\n", b"\r\n"))
        yield f"{name}: a mark of byte order", whole(name, lambda content: b"\xef\xbb\xbf" + content)
        yield f"{name}: another line", whole(name, lambda content: content + b"\n")
        yield f"{name}: blanks at its end", whole(name, lambda content: content[:-1] + b" \n")
        yield f"{name}: no end of line", whole(name, lambda content: content[:-1])
        yield f"{name}: another encoding", whole(name, lambda content: content.decode().encode("utf-16"))
        yield f"{name}: no text", whole(name, lambda _: b"\xff\xfe\x00")
        yield f"{name}: brackets", whole(name, lambda _: DEEP)
    for name in (BINS, PLAN):
        yield f"{name}: a column more", whole(name, lambda content: content.replace(b"\n", b",1\n"))
        yield f"{name}: a column twice", replaced(name, rb"^([a-z]+),", rb"\1,\1,")
        yield f"{name}: an empty line", replaced(name, rb"\n", b"\n\n")
    yield "seed: capital digits", whole(SEED, bytes.upper)
    yield "gzip: a file name", whole(REQUESTS, lambda c: c[:3] + b"\x08" + c[4:10] + b"name\0" + c[10:])
    yield "gzip: a time", whole(REQUESTS, lambda c: c[:4] + b"\1" + c[5:])
    yield "gzip: two parts", whole(REQUESTS, lambda c: c + gzip.compress(b"", mtime=0))
    yield "prices: more behind them", prices(repacked)
    yield "prices: another type", prices(lambda column: column | {"type": ">i8"})
    yield "prices: a gigabyte of them", prices(lambda column: column | {"rows": 2**27})
    yield "prices: more rows", prices(lambda column: column | {"rows": column["rows"] + 1})
    yield "prices: bits that are not used", prices(lambda column: column | {"data": _unused_bits(column["data"])})


def _unused_bits(text):
    """Change bits of the last digit that padding leaves unused; the bytes are the same."""
    if not text.endswith("="):
        return f"{text}===="
    end = text.rstrip("=")
    return end[:-1] + chr(ord(end[-1]) + 1) + text[len(end) :]


def _contradictions():
    yield "a day of the year 1", cell(BINS, 3, lambda _: "0001-01-01")
    yield "a day that is none", cell(BINS, 3, lambda _: "2026-02-30")
    yield "a day before it begins", cell(BINS, 3, lambda _: "2026-11-07")
    yield "a bin that begins two days later", cell(BINS, 6, lambda at: _later(at, timedelta(days=2)))
    yield "a slot that begins at two times", other_pool(6, lambda at: _later(at, timedelta(minutes=1)))
    yield "slots that touch in one pool only", other_pool(7, lambda slots: f"{slots.split()[0]} 999{slots[-1]}")
    yield "slots in another order", other_pool(7, lambda slots: " ".join(reversed(slots.split())))
    yield "a start inside a minute", cell(BINS, 6, lambda at: _later(at, timedelta(seconds=1)))
    yield "a start without a time zone", cell(BINS, 6, lambda at: at.removesuffix("+00:00"))
    yield "a start in another time zone", cell(BINS, 6, lambda at: at.replace("+00:00", "+03:00"))
    yield "a start with Z", cell(BINS, 6, lambda at: at.replace("+00:00", "Z"))
    yield "a pool that no draw gives", cell(BINS, 5, lambda _: "urgent")
    yield "an office that is accessible in one bin", cell(BINS, 2, lambda flag: str(1 - int(flag)))
    yield "no places", cell(BINS, 8, lambda _: "0")
    yield "more places than slots", cell(BINS, 8, lambda free: f"{free} 1")
    yield "32 bits overrun", cell(BINS, 8, lambda free: " ".join(["2147483647"] * (free.count(" ") + 1)) + " 1")
    yield "a slot twice in a bin", cell(BINS, 7, lambda slots: " ".join([slots.split()[0]] * (slots.count(" ") + 2)))
    yield "an office with a comma", cell(BINS, 1, lambda office: f'"{office},"')
    yield "a request of nobody", line(rb'"party":[0-9]+', b'"party":0')
    yield "a request of another priority", line(rb'"priority":[0-9]+', b'"priority":9')
    yield "a draw that closes before it opens", replaced(DRAW, rb'"opens_at": "2026', b'"opens_at": "2027')
    yield "a draw that is drawn for ever", replaced(DRAW, rb'"solver_seconds": 1', b'"solver_seconds": 1000000000')
    yield "a rule without a table", replaced(DRAW, rb'\n "confirm', b'\n "compensation_rule": "even",\n "confirm')
    yield "another number of requests", replaced(DRAW, rb'("requests": )([0-9]+)', rb"\1\g<2>0")
    yield (
        "the hash of another plan",
        replaced(CERTIFICATE, rb'"plan_sha256": "[0-9a-f]{8}', b'"plan_sha256": "01234567'),
    )
    yield (
        "a window for half a character",
        line(rb'("weekdays":[0-9]+)', rb'\1,"windows":{"\\ud800":["2026-11-08","2026-11-08"]}'),
    )
    yield "a status of nothing", replaced(CERTIFICATE, rb'"status": "[a-z]+"', b'"status": "perfect"')
    yield "another status in one place", replaced(CERTIFICATE, rb'"status": "[a-z]+"', b'"status": "baseline"')
    yield "a library more", replaced(CERTIFICATE, rb'"ortools"', b'"ghost": "1",\n   "ortools"')
    yield "a figure less", replaced(REPORT, rb' "first_choice": [0-9]+,\n', b"")


def other_pool(column, how):
    """Write a cell of a bin in another way, whose first slots are in a bin of the other pool too."""

    def change(files):
        rows = [line.split(",") for line in files[BINS].decode().splitlines()]
        found = next(
            row for before, row in pairwise(rows[1:]) if before[6] == row[6] and " " in before[7] and " " in row[7]
        )
        found[column] = how(found[column])
        return restated(files, {BINS: ("\n".join(map(",".join, rows)) + "\n").encode()})

    return change


def _later(at, by):
    return (datetime.fromisoformat(at) + by).isoformat()


CORRUPTIONS = dict([*_spellings(), *_forms(), *_contradictions()])
