"""What a forger could do to a draw of format 2, in words; the hashes fit again wherever the office could see to it.

A forgery changes files of a draw by name. `RAW` changes bytes alone, as a bad copy would. What stands in `REPUBLISHED`
is stated, logged and signed again by the office; in `CLOSED`, even the closing statement says it.
"""

import base64
import gzip
import json
import re
from hashlib import sha256

from booking.platform.base.exact_json import canonical
from tests.standalone.corruptions import ARABIC

_LINE, _TURNS, _PLAN, _BINS = "line.csv", "turns.csv", "plan.csv", "bins.csv"
_STATEMENT, _RESULT, _ANNOUNCEMENT, _BEACON = "statement.json", "result.json", "announcement.json", "beacon.json"
_REQUESTS, _KEPT, _PROOF = "requests.jsonl.gz", "turns.jsonl.gz", "statement.tlog-proof"


def swapped(name, pattern, by, *, count=1):
    """Return the change of the first match in a file; one that finds nothing to change is a mistake here."""

    def change(files):
        changed, found = re.subn(pattern, by, files[name], count=count)
        assert found, (pattern, name)
        return {name: changed}

    return change


def whole(name, how):
    return lambda files: {name: how(files[name])}


def cell(name, row, column, how):
    """Return the change of one cell of a table."""

    def change(files):
        rows = [line.split(",") for line in files[name].decode().splitlines()]
        rows[row + 1][column] = how(rows[row + 1][column])
        return {name: ("\n".join(map(",".join, rows)) + "\n").encode()}

    return change


def entry(name, how):
    """Return the change of what an entry says; it is written in its one spelling."""

    def change(files):
        content = json.loads(files[name])
        how(content)
        return {name: canonical(content) + b"\n"}

    return change


def packed_line(name, row, how):
    """Return the change of one line of a packed file."""

    def change(files):
        lines = gzip.decompress(files[name]).splitlines()
        content = json.loads(lines[row])
        how(content)
        lines[row] = canonical(content)
        return {name: gzip.compress(b"".join(line + b"\n" for line in lines), 6, mtime=0)}

    return change


def both(how):
    """Return the change of what the announcement and the statement say alike."""
    return lambda files: entry(_ANNOUNCEMENT, how)(files) | entry(_STATEMENT, how)(files)


def exchanged(*names):
    return lambda files: dict(zip(names, [files[name] for name in (*names[1:], names[0])], strict=True))


def _first_served(files, served):
    rows = files[_LINE].decode().splitlines()[1:]
    return next(row for row, line in enumerate(rows) if line.endswith(f",{served}"))


def another_served(files):
    """Give the place of somebody who is served to somebody who is not, in line.csv alone."""
    lines = files[_LINE].decode().splitlines()
    for served in "01":
        row = _first_served(files, served) + 1
        lines[row] = lines[row][:-1] + ("1" if served == "0" else "0")
    return {_LINE: ("\n".join(lines) + "\n").encode()}


def _stamp(files):
    """Give the first witness's cosignature of the statement another time."""
    lines = files[_PROOF].decode().splitlines(keepends=True)
    dash, name, content = lines[-1].split(" ")
    raw = base64.b64decode(content)
    raw = raw[:4] + (int.from_bytes(raw[4:12], "big") - 86_400).to_bytes(8, "big") + raw[12:]
    lines[-1] = f"{dash} {name} {base64.b64encode(raw).decode()}\n"
    return {_PROOF: "".join(lines).encode()}


def _infinite(files, name):
    was, zero = json.loads(files[_BEACON]), bytes([0xC0, *bytes(47)])
    content = files[name].replace(was["signature"].encode(), zero.hex().encode())
    return content.replace(was["value"].encode(), sha256(zero).hexdigest().encode())


def _set(**values):
    return lambda content: content.update(values)


def _inner(holder, /, **values):
    return lambda content: content[holder].update(values)


RAW = {
    "a byte of the line": whole(_LINE, lambda c: c[:-2] + bytes([c[-2] ^ 1]) + c[-1:]),
    "the line cut off": whole(_LINE, lambda c: c[:-20]),
    "rows of the line in another order": whole(_LINE, lambda c: b"\n".join([*c.split(b"\n")[2:0:-1], b""])),
    "requests cut off": whole(_REQUESTS, lambda c: c[:-9]),
    "two packed files one after the other": whole(_REQUESTS, lambda c: c + gzip.compress(b"", mtime=0)),
    "a packed file with a name": whole(_REQUESTS, lambda c: c[:3] + b"\x08" + c[4:10] + b"name\0" + c[10:]),
    "turns of nothing": whole(_KEPT, lambda _: b""),
    "a statement that ends twice": whole(_STATEMENT, lambda c: c + b"\n"),
    "a statement with carriage returns": whole(_STATEMENT, lambda c: c.replace(b"\n", b"\r\n")),
    "a statement with a mark of byte order": whole(_STATEMENT, lambda c: b"\xef\xbb\xbf" + c),
    "a key twice": swapped(_STATEMENT, rb'("solver_seconds":1)', rb"\1,\1"),
    "a key that nobody knows": swapped(_STATEMENT, rb'("solver_seconds":1)', rb'\1,"solver_threads":2'),
    "a key that is missing": swapped(_STATEMENT, rb'"solver_seconds":1,', b""),
    "NaN": swapped(_RESULT, rb'"served_people":\d+', b'"served_people":NaN'),
    "a fraction": swapped(_RESULT, rb'("served_people":\d+)', rb"\1.0"),
    "a number with an exponent": swapped(_RESULT, rb'"served_people":\d+', b'"served_people":1e1'),
    "a number without an end": swapped(_RESULT, rb'"served_people":\d+', b'"served_people":' + b"9" * 5000),
    "brackets without an end": swapped(_RESULT, rb'"served_people":\d+', b'"served_people":' + b"[" * 3000),
    "brackets within brackets": swapped("report.json", rb'"used": \d+', b'"used": ' + b"[" * 900 + b"]" * 900),
    "a number with a sign": cell(_LINE, 0, 2, lambda text: f"+{text}"),
    "a number with a zero ahead": cell(_LINE, 1, 5, lambda text: f"0{text}"),
    "Arabic digits": cell(_LINE, 2, 5, lambda text: text.translate(ARABIC)),
    "capital digits of a hash": swapped(_RESULT, rb'"statement":"([0-9a-f]*)', lambda m: m[0].upper()),
    "an escape": swapped(_ANNOUNCEMENT, rb'"announcement"', rb'"\\u0061nnouncement"'),
    "half of a character": swapped(_ANNOUNCEMENT, rb'"again":null', rb'"again":{"of":"a","reason":"\\ud800"}'),
    "another seed": whole("seed.txt", lambda _: b"00" * 32 + b"\n"),
    "no seed": whole("seed.txt", lambda _: b"\n"),
    "proofs exchanged": exchanged("announcement.tlog-proof", _PROOF),
    "announcement and statement exchanged": exchanged(_ANNOUNCEMENT, _STATEMENT),
    "a proof of another index": swapped(_PROOF, rb"index (\d+)", rb"index 1\1"),
    "a proof with a hash less": swapped(_PROOF, rb"(index \d+\n)[^\n]+\n", rb"\1"),
    "a proof of another tree": swapped(_PROOF, rb"(mawid.example/log\n)(\d+)", rb"\g<1>1\2"),
    "a proof with more behind it": whole(_PROOF, lambda c: c + b"\n"),
    "a proof with something extra": swapped(_PROOF, rb"v1\n", b"v1\nextra YQ==\n"),
    "a proof that nobody signed": swapped(_PROOF, rb"(?s)(\n\n.*?\n\n).*", rb"\1"),
    "the log's signature missing": swapped(_PROOF, rb"\xe2\x80\x94 mawid.example[^\n]*\n", b""),
    "a cosignature missing": swapped(_PROOF, rb"\xe2\x80\x94 witness-0[^\n]*\n", b""),
    "a cosignature twice": swapped(_PROOF, rb"(\xe2\x80\x94 witness-0[^\n]*\n)", rb"\1\1"),
    "a cosignature of another day": _stamp,
    "a cosignature under another name": swapped(_PROOF, rb"\xe2\x80\x94 witness-0", b"\xe2\x80\x94 witness-9"),
    "another witness": swapped(_ANNOUNCEMENT, rb"witness-0.example\+", b"witness-9.example+"),
}
REPUBLISHED = {
    "somebody else is served": another_served,
    "a position": cell(_LINE, 0, 5, lambda text: str(int(text) + 1)),
    "a pseudonym": cell(_LINE, 0, 1, lambda text: text[::-1]),
    "a priority": cell(_LINE, 0, 2, lambda text: str(int(text) + 1)),
    "a receipt": cell(_LINE, 0, 3, lambda text: text[:-1] + "01"[text[-1] == "0"]),
    "a turn that was not kept": cell(_TURNS, 0, 2, lambda text: str(int(text) + 1)),
    "a reason of a turn": cell(_TURNS, 1, 3, lambda text: "register" if text != "register" else "displaced"),
    "a link that is gone": swapped(_LINE, rb",[0-9a-f]{64},(\d+,[01]\n)", rb",,\1"),
    "a place more": swapped(_BINS, rb"(\d+)\n", lambda m: b"%d\n" % (int(m[1]) + 1)),
    "people of the result": entry(_RESULT, lambda content: _set(served_people=content["served_people"] + 1)(content)),
    "requests of the result": entry(
        _RESULT, lambda content: _set(served_requests=content["served_requests"] + 1)(content)
    ),
    "a result of another draw": entry(_RESULT, _set(reference="invented-7")),
    "a result of another statement": entry(_RESULT, _set(statement="0" * 64)),
    "a result from before the closing": entry(_RESULT, _set(at="2020-01-01T00:00:00+00:00")),
    "an audit of another kind": entry(_RESULT, _set(audit={"round": 7})),
    "places of others": entry(_RESULT, _set(places_root="0" * 64)),
    "a result with another seed": entry(_RESULT, _set(seed="0" * 64)),
    "a value of nothing": entry(_RESULT, _set(beacon={"signature": "0" * 96, "value": sha256(bytes(48)).hexdigest()})),
    "another beacon": entry(_BEACON, _set(reference="invented-7")),
    "a round where there is none": entry(_BEACON, lambda content: _set(round=(content["round"] or 0) + 1)(content)),
    "infinity for a signature": lambda files: {name: _infinite(files, name) for name in (_BEACON, _RESULT)},
    "a seat of the plan": swapped(_PLAN, rb"(\n\d+,\d+,\d+),(\d+),", lambda m: b"%s,%d," % (m[1], int(m[2]) + 1)),
    "somebody without their place": swapped(_PLAN, rb"(\n\d+,\d+),\d+,\d+,[\d ]+,", rb"\1,,,,"),
    "a place with another salt": cell(_PLAN, 0, 5, lambda text: text[::-1]),
    "a figure of the report": swapped("report.json", rb'"used": (\d+)', rb'"used": 1\1'),
    "a bound of the certificate": swapped("certificate.json", rb'"bound": (\d+)', rb'"bound": 1\1'),
}
CLOSED = {
    "another mechanism": entry(_STATEMENT, _set(mechanism="in-line-order")),
    "other weights": entry(_STATEMENT, _set(compensation={"3": 1500})),
    "a closing before the end": entry(_STATEMENT, _set(closed_at="2020-01-01T00:00:00+00:00")),
    "other days": entry(_STATEMENT, _set(confirm_seconds=1)),
    "another commitment": entry(_STATEMENT, _set(seed_commitment="0" * 64)),
    "another announcement": entry(_STATEMENT, _inner("announcement", sha256="0" * 64)),
    "an announcement elsewhere": entry(
        _STATEMENT, lambda content: _inner("announcement", index=content["announcement"]["index"] + 1)(content)
    ),
    "receipts from after the closing": entry(
        _STATEMENT, lambda content: _inner("receipts", size=content["receipts"]["size"] + 1)(content)
    ),
    "more requests than there are": entry(
        _STATEMENT, lambda content: _inner("requests", number=content["requests"]["number"] + 1)(content)
    ),
    "turns of others": entry(_STATEMENT, _inner("turns", root="0" * 64)),
    "more places than there are": entry(
        _STATEMENT, lambda content: _inner("bins", places=content["bins"]["places"] + 1)(content)
    ),
    "a quota without its hash": entry(_STATEMENT, _inner("quota", sha256=None)),
    "a priority that was closed": cell(_LINE, 0, 2, lambda text: str(int(text) + 1)),
    "a wish": packed_line(_REQUESTS, 0, lambda content: _set(party=content["party"] + 1)(content)),
    "a nonce": packed_line(_REQUESTS, 0, _set(base="0" * 32)),
    "an opened link": packed_line(_KEPT, 0, _set(link={"draw": "invented-1", "list": "line", "row": 0})),
    "more that lasts than was lost": packed_line(_REQUESTS, 0, _set(lasting=99)),
    "nothing said of what lasts": packed_line(_KEPT, 0, lambda content: content.pop("lasting")),
    "no word of the model": entry(_STATEMENT, lambda content: content.pop("model")),
    "the format before": entry(_STATEMENT, _set(format="mawid-draw-2")),
    "a request that came late": packed_line(_REQUESTS, 0, _set(logged=10_000)),
    "one entry for two requests": packed_line(
        _REQUESTS, 1, lambda content: _set(logged=content["logged"] + 1)(content)
    ),
    "nobody who signs": entry(_ANNOUNCEMENT, _set(witnesses=[])),
    "more signatures than witnesses": entry(_ANNOUNCEMENT, _set(need=3)),
    "witnesses in another order": entry(_ANNOUNCEMENT, lambda content: content["witnesses"].reverse()),
    "an announcement after the closing": entry(_ANNOUNCEMENT, _set(at="2030-01-01T00:00:00+00:00")),
    "another group": both(_inner("beacon", need=2)),
    "a key at infinity": both(_inner("beacon", key="c0" + "0" * 190)),
    "a window that ends before it begins": both(_set(closes_at="2026-01-01T00:00:00+00:00")),
    "a day of no calendar": both(_set(horizon_last="2026-11-31")),
    "an instant in another zone": both(_set(closes_at="2026-11-01T20:00:00+03:00")),
    "a year of days": both(_set(horizon_last="2028-11-08")),
}


def forged(publisher, kind, name):
    """Return all files after one of the forgeries."""
    change = {"raw": RAW, "republished": REPUBLISHED, "closed": CLOSED}[kind][name](publisher.files)
    if kind == "raw":
        return publisher.files | change
    return publisher.republished(change, statement=kind == "closed")


ALL = [
    (kind, name) for kind, names in (("raw", RAW), ("republished", REPUBLISHED), ("closed", CLOSED)) for name in names
]
