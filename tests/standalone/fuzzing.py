"""Files of a draw of format 2 changed at random: bytes, values, rows, notes and packing, raw or logged again."""

import base64
import gzip
import json
import zlib
from random import Random

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.format2.tables import AUDIT, MEDIA_TYPES, PROOFS
from tests.standalone.audits import audit_file
from tests.standalone.corruptions import ARABIC
from tests.standalone.mangling import TEXTS, VALUES

NUMBERS = [
    "0",
    "1",
    "2",
    "3",
    "32767",
    "32768",
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
]
MORE = [
    2**53,
    2**63 - 1,
    -(2**63),
    32767,
    32768,
    "0" * 64,
    "f" * 64,
    "0" * 32,
    "line",
    "turns",
    "invented-1",
    "exchange",
]
MORE += [
    "in-line-order",
    "2026-11-01T17:00:00.000000+00:00",
    "2026-11-01T17:00:00.000001+00:00",
    "\u2028",
    "é",
    "e\u0301",
]
STATED = ("announcement.json", "statement.json", "result.json", "beacon.json", AUDIT, "report.json", "certificate.json")
TABLES = ("line.csv", "turns.csv", "bins.csv", "plan.csv")
PACKED = ("requests.jsonl.gz", "turns.jsonl.gz")
NAMES = (*STATED, *TABLES, *PACKED, *PROOFS.values(), "seed.txt")
KINDS = ("raw", "republished", "closed")
assert set(NAMES) <= MEDIA_TYPES.keys()


def fuzzed(publisher, number):
    """Return the kind, the file and all files of one random forgery; the same for the same number."""
    random = Random(number)  # noqa: S311 - nothing secret
    name, kind = random.choice(NAMES), random.choice(KINDS)
    if name == AUDIT:  # no hash is over it, so there is nothing to publish again
        kind = KINDS[0]
    content = audit_file(publisher.files) if name == AUDIT else publisher.files[name]
    for _ in range(random.choice([1, 1, 1, 2])):
        content = mutated(random, name, content, publisher.files)
    changed = {name: content}
    if kind == "raw":
        return kind, name, publisher.files | changed
    return kind, name, publisher.republished(changed, statement=kind == "closed")


def mutated(random, name, content, files):
    """Change one thing of a file; what is no longer what it was is changed as bytes."""
    try:
        if random.random() < 1 / 5:
            return bytes_changed(random, content)
        if name in STATED:
            return stated(random, content, indented=name in STATED[-2:])
        if name in TABLES:
            return table(random, content)
        if name in PACKED:
            return packed(random, content)
        if name in PROOFS.values():
            return noted(random, content, files)
    except (ValueError, IndexError, KeyError, TypeError, EOFError, OSError, zlib.error):  # changed once before
        pass
    return bytes_changed(random, content)


def bytes_changed(random, content):
    at = random.randrange(len(content) + 1)
    end = min(len(content), at + random.choice([0, 1, 1, 2, 40]))
    match random.randrange(6):
        case 0:
            return content[:at] + bytes([random.randrange(256)]) + content[end:]
        case 1:
            return content[:at] + content[end:]
        case 2:
            return content[:end] + content[at:]
        case 3:
            return content[:at]
        case 4:
            return content[:at] + random.choice(TEXTS).encode() + content[at:]
        case _:
            return content.replace(b"\n", random.choice([b"\r\n", b"\n\n", b"", b"\n "]), random.choice([1, -1]))


def stated(random, content, *, indented):
    data = json.loads(content)
    holder, key = somewhere(random, data)
    match random.randrange(7):
        case 0 | 1:
            holder[key] = random.choice([*VALUES, *MORE])
        case 2 if type(holder[key]) is int:
            holder[key] += random.choice([-1, 1, 10, -(10**6), 10**6])
        case 3:
            other, there = somewhere(random, data)
            holder[key], other[there] = other[there], holder[key]
        case 4 if isinstance(holder, dict):
            del holder[key]
        case 5 if isinstance(holder, dict):
            holder[random.choice(["", "a", "zz", "É", "type", "2", "round"])] = random.choice(VALUES)
        case _:
            holder[key] = one_letter(random, holder[key])
    layout = {"indent": 1} if indented else {"separators": (",", ":")}
    text = json.dumps(data, sort_keys=True, ensure_ascii=random.random() < 1 / 20, **layout)
    if random.random() < 1 / 10:
        text = misspelled(random, text)
    return text.encode(errors="surrogatepass") + b"\n"


def somewhere(random, data):
    """Return an object or a list inside, and a key or a number of it."""
    holder = data
    while True:
        key = random.choice(sorted(holder)) if isinstance(holder, dict) else random.randrange(len(holder))
        if not isinstance(holder[key], dict | list) or not holder[key] or random.random() < 1 / 4:
            return holder, key
        holder = holder[key]


def one_letter(random, value):
    if not isinstance(value, str) or not value:
        return random.choice(VALUES)
    at = random.randrange(len(value))
    return value[:at] + random.choice("0123456789abcdefA٤ -+._é") + value[at + 1 :]


def misspelled(random, text):
    old, new = random.choice(
        [(",", ", "), (":", ": "), ('"', "'"), ("1", "1.0"), ("1", "01"), ("0", "-0"), ("2", "2e0"), ("a", "\\u0061")]
    )
    begin = random.randrange(len(text))
    return text[:begin] + text[begin:].replace(old, new, 1)


def table(random, content):
    rows = [line.split(",") for line in content.decode().splitlines()]
    one, other = (random.randrange(len(rows)) for _ in range(2))
    column = random.randrange(len(rows[one]))
    match random.randrange(8):
        case 0:
            rows[one], rows[other] = rows[other], rows[one]
        case 1:
            rows.insert(one, rows[other])
        case 2:
            del rows[one]
        case 3:
            rows[one][column], rows[other][column] = rows[other][column], rows[one][column]
        case 4:
            rows[one][column] = random.choice([*TEXTS, *NUMBERS])
        case 5 if rows[one][column].isdecimal():
            rows[one][column] = str(int(rows[one][column]) + random.choice([-1, 1, 2**31]))
        case 6:
            rows[one][column] = rows[one][column].translate(ARABIC)
        case _:
            rows[one][column] = one_letter(random, rows[one][column] or "0")
    return b"".join(",".join(row).encode() + b"\n" for row in rows)


def packed(random, content):
    lines = gzip.decompress(content).splitlines()
    one, other = (random.randrange(len(lines)) for _ in range(2))
    match random.randrange(9):
        case 0:
            lines[one], lines[other] = lines[other], lines[one]
        case 1:
            lines.insert(one, lines[other])
        case 2:
            del lines[one]
        case 3:
            return gzip.compress(
                b"".join(line + b"\n" for line in lines), random.randrange(10), mtime=random.randrange(2)
            )
        case 4:
            return content + random.choice([content, b"\0", gzip.compress(b"", mtime=0)])
        case 5:
            return bytes_changed(random, content)
        case _:
            line = stated(random, lines[one], indented=False)[:-1]
            lines[one] = line if random.random() < 1 / 2 else canonical(json.loads(line))
    return gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)


def noted(random, content, files):
    lines = content.decode().splitlines()
    others = files[random.choice([*PROOFS.values()])].decode().splitlines()
    one = random.randrange(len(lines))
    match random.randrange(8):
        case 0:
            lines[one] = random.choice(others)
        case 1:
            lines.insert(one, random.choice([*others, "", "extra YQ==", "\u2014 nobody.example AAAAAAA="]))
        case 2:
            del lines[one]
        case 3:
            other = random.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
        case 4:
            lines[one] = f"index {random.choice(NUMBERS)}"
        case 5:
            lines[-1] = stamped(random, lines[-1])
        case 6:
            lines[one] = (
                lines[one].rstrip("=") if random.random() < 1 / 2 else lines[one] + random.choice(["=", " ", "\t"])
            )
        case _:
            lines[one] = one_letter(random, lines[one] or " ")
    return ("\n".join(lines) + "\n").encode()


def stamped(random, line):
    """Give a cosignature another time, or another length."""
    dash, name, content = line.split(" ")
    raw = base64.b64decode(content)
    time = random.choice([0, 2**63, 2**64 - 1, int.from_bytes(raw[4:12], "big") + 1])
    raw = raw[:4] + time.to_bytes(8, "big") + raw[12 : random.choice([76, 76, 75, 12])]
    return f"{dash} {name} {base64.b64encode(raw).decode()}"
