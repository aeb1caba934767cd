"""Read the seven files of a published draw of Mawid strictly: whatever could be read in two ways is refused.

`verify_draw.py`, which stands beside this file, uses it. What is read here is spelled in the one way that docs/draws.md
describes, and does not contradict itself; whether it is right is checked there. Needs Python 3.11 and nothing else.
"""

import base64
import json
import re
import zlib
from datetime import date, datetime, timedelta
from hashlib import sha256

LARGEST_FILE, LARGEST_INFLATED, LONGEST_LINE = 2**28, 2**30, 2**16
COUNT, ROWS = range(2**63), range(2**31)
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
NUMBERS = re.compile(r"(0|[1-9][0-9]{0,18})( (0|[1-9][0-9]{0,18}))*")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
DAY = re.compile(r"[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(DAY.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?\+00:00")
PSEUDONYM, HASH = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}")
VERSIONS = dict.fromkeys(("mawid", "numpy", "ortools", "python"), CODE)
MECHANISMS = ("exchange", "in-line-order", "first-come")
# A dict is an object with these keys (those with a question mark may be missing), a list is a list of such, a range is
# an integer, a pattern a text, and a tuple one of several. COMPENSATION and WINDOWS are objects with other keys.
COMPENSATION, WINDOWS, ANYTHING = "compensation", "windows", "anything"
FACTS = (
    {"format": ("mawid-draw-1",), "reference": CODE, "policy_version": (None, COUNT), "requests": COUNT}
    | dict.fromkeys(("opens_at", "closes_at", "closed_at"), INSTANT)
    | {"horizon_first": DAY, "horizon_last": DAY, "confirm_seconds": COUNT, "solver_seconds": range(1, 3601)}
    | {"seed_commitment": HASH, "root": HASH, "files": {"requests.jsonl.gz": HASH, "bins.csv": HASH}}
    | {"versions": VERSIONS, "mechanism?": MECHANISMS[:2]}
    | {"compensation?": COMPENSATION, "compensation_rule?": ("even", "policy")}
)
REQUEST = (
    {"service": CODE, "party": range(1, 128), "units": range(1, 2**15), "offices": [CODE], "bands": [CODE]}
    | {"first_day": DAY, "last_day": (None, DAY), "needed_by": (None, DAY), "weekdays": range(128)}
    | {"accessible": (False, True), "door": ("home", "abroad"), "nonce": PSEUDONYM, "receipt": HASH}
    | {"person": PSEUDONYM, "priority": range(2**15), "windows?": WINDOWS, "holds?": [DAY], "together?": PSEUDONYM}
)
TOTALS = dict.fromkeys(("served_requests", "served_people", "served_units", "objective", "bound"), COUNT)
STATED = {"mechanism": MECHANISMS, "status": ("optimal", "bounded", "baseline")}
CERTIFICATE = {
    "certificate": STATED
    | {"format": ("mawid-certificate-2",), "problem_sha256": HASH, "plan_sha256": HASH, "versions": VERSIONS}
    | {"columns": {"prices": {"type": ("<i8",), "rows": ROWS, "data": re.compile(r"[A-Za-z0-9+/]*={0,2}")}}}
    | dict.fromkeys(("objective", "plan_bound", "bound"), COUNT),
    "plan": STATED | TOTALS,
    "files": dict.fromkeys(("draw.json", "requests.jsonl.gz", "bins.csv", "plan.csv", "report.json"), HASH),
    "sha256": HASH,
}
FIGURES = (
    *("format", "reference", "mechanism", "status", "objective", "bound", "gap", "gap_people", "asked_requests"),
    *("asked_people", "served_requests", "served_people", "first_choice", "first_choice_share", "places", "used"),
    *("half_served_by", "deadlines", "groups", "together?"),
)
REPORT = dict.fromkeys(FIGURES, ANYTHING)  # it is small, and all of it follows from the other files
BIN = (
    {"bin": NUMBER, "office": CODE, "accessible": re.compile("[01]"), "day": DAY, "band": CODE}
    | {"pool": re.compile("draw|accessible"), "starts_at": INSTANT}
    | {"slots": NUMBERS, "free": NUMBERS}
)
NOTHING = re.compile("")
PLAN = {"leaf": NUMBER, "position": NUMBER, "bin": NUMBER, "first_slot": NUMBER, "units": NUMBERS}
NO_PLACE = PLAN | {"bin": NOTHING, "first_slot": NOTHING, "units": NOTHING}
FILES = (*CERTIFICATE["files"], "certificate.json", "seed.txt")


class WrongError(Exception):
    """Something in the files is wrong."""


def need(right, otherwise):
    if not right:
        raise WrongError(otherwise)


def exact_json(value, **layout):
    """Write JSON in the one way that hashes are taken of; files are indented, receipts and leaves have no spaces."""
    layout = layout or {"separators": (",", ":")}
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, **layout).encode()


def numbers(text):
    return [int(number) for number in text.split()]


def shaped(value, shape, where):
    """Refuse a value that does not have the shape; see above what shapes are."""
    if shape is COMPENSATION:
        need(isinstance(value, dict), f"{where} is not an object")
        for units in value:
            need(NUMBER.fullmatch(units) and 1 <= int(units) < 2**15, f"{where} is for {units[:9]!a} units")
        shape = dict.fromkeys(value, range(1000, 2**15))
    elif shape is WINDOWS:
        need(isinstance(value, dict) and value, f"{where} is not an object, or empty")
        shape = {office: [DAY] for office in value}
    if isinstance(shape, dict):
        need(isinstance(value, dict), f"{where} is not an object")
        parts = {key.removesuffix("?"): part for key, part in shape.items()}
        missing = [key for key in shape if not key.endswith("?") and key not in value]
        need(not missing, f"{where} is without {missing[:1]}")
        need(value.keys() <= parts.keys(), f"{where} has a key too many")
        for key, each in value.items():
            shaped(each, parts[key], f"{where}, {key}")
    elif isinstance(shape, list):
        need(isinstance(value, list), f"{where} is not a list")
        for each in value:
            shaped(each, shape[0], where)
    else:
        need(fits(value, shape), f"{where} is {ascii(value)[:60]}, which cannot be")


def fits(value, shape):
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, range):
        return type(value) is int and value in shape
    if isinstance(shape, re.Pattern):
        return (
            isinstance(value, str)
            and shape.fullmatch(value) is not None
            and (shape not in (DAY, INSTANT) or real(value))
        )
    return shape is ANYTHING or (type(value) is type(shape) and value == shape)


def real(text):
    """Whether a day or an instant of the right form is one, and is written without needless digits."""
    try:
        return datetime.fromisoformat(text).isoformat() in (text, text + "T00:00:00")
    except ValueError:
        return False


def decoded(content, where):
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise WrongError(f"{where} is not UTF-8: {error}") from None


def read_json(content, where):
    text = decoded(content, where)
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=once)
    except (ValueError, RecursionError) as error:
        raise WrongError(f"{where} is not JSON that can be read in one way only: {ascii(error)[:99]}") from None


def once(pairs):
    need(not isinstance(pairs, str), "NaN or Infinity is not a number")
    need(len(dict(pairs)) == len(pairs), "an object has a key twice")
    return dict(pairs)


def read_object(content, name, shape):
    value = read_json(content, name)
    shaped(value, shape, name)
    try:
        same = exact_json(value, indent=1) + b"\n" == content
    except (ValueError, RecursionError):  # half of a character, or a number too large to be one
        same = False
    need(same, f"{name} is spelled in another way")
    return value


def read_table(content, name, *shapes):
    """Read rows of fields that are never quoted; each has the shape of one of ``shapes``, by its third field."""
    *lines, end = decoded(content, name).split("\n")
    need(lines and lines[0] == ",".join(shapes[0]), f"{name} has other columns")
    need(end == "", f"{name} does not end in a line feed")
    rows = [dict(zip(shapes[0], line.split(","), strict=False)) for line in lines[1:]]
    for number, (row, line) in enumerate(zip(rows, lines[1:], strict=True)):
        shape = shapes[0] if len(row) < len(shapes[0]) or any([*row.values()][2:]) else shapes[-1]
        shaped(row, shape, f"{name}, row {number}")
        need(line == ",".join(row.values()), f"{name}, row {number} has a column too many")
        counted = [value for key, value in row.items() if shape[key] in (NUMBER, NUMBERS)]
        large = [value for value in counted if max(numbers(value)) not in COUNT]
        need(not large, f"{name}, row {number} holds a number above 2**63 - 1")
    order = [int(next(iter(row.values()))) for row in rows]
    need(order == [*range(len(rows))], f"{name} is not in order")
    return rows


def inflated(content, wbits, most, where):
    """Inflate with a bound, since a few bytes may hide gigabytes."""
    inflater = zlib.decompressobj(wbits)
    try:
        data = inflater.decompress(content, most)
    except zlib.error as error:
        raise WrongError(f"{where} cannot be inflated: {error}") from None
    need(inflater.eof and not inflater.unused_data, f"{where} is cut off, too large, or something follows")
    return data


def read_requests(content):
    need(content[:8] == b"\x1f\x8b\x08" + bytes(5), "requests.jsonl.gz: its gzip header holds more than it needs")
    *lines, end = inflated(content, 31, LARGEST_INFLATED, "requests.jsonl.gz").split(b"\n")
    need(end == b"", "requests.jsonl.gz does not end in a line feed")
    requests = []
    for number, line in enumerate(lines, 1):
        where = f"requests.jsonl.gz, line {number}"
        need(len(line) <= LONGEST_LINE, f"{where} is too long")
        request = read_json(line, where)
        shaped(request, REQUEST, where)
        need(exact_json(request) == line, f"{where} is spelled in another way")
        offices, bands, windows = request["offices"], request["bands"], request.get("windows", {})
        need(
            1 <= len(offices) <= 128 and len(set(offices)) == len(offices), f"{where} asks for an office twice, or none"
        )
        need(bands == sorted(set(bands)), f"{where}: the bands are not in order, or one is there twice")
        need(windows.keys() <= set(offices), f"{where} has a window for an office that it does not ask for")
        stretches = [*windows.values(), *([request["holds"]] if "holds" in request else [])]
        stretches += [[request["first_day"], request["last_day"]]] if request["last_day"] else []
        right = all(len(days) == 2 and days[0] <= days[1] for days in stretches)
        need(right, f"{where}: days are not a first and a last one")
        requests.append(request)
    return requests


def check_facts(facts):
    opens, closes, closed = (facts[name] for name in ("opens_at", "closes_at", "closed_at"))
    opens, closes, closed = map(datetime.fromisoformat, (opens, closes, closed))
    first, last = (date.fromisoformat(facts[name]) for name in ("horizon_first", "horizon_last"))
    right = opens < closes <= closed and closes.date() <= first <= last and (last - first).days <= 366
    need(right, "draw.json: its times and days do not follow each other")
    need("compensation" in facts or "compensation_rule" not in facts, "draw.json: a rule without what it gave")


def check_bins(bins, facts):
    """Nothing is there twice: above all no slot of a pool is in two bins, whatever their times say."""
    earliest = datetime.fromisoformat(facts["closed_at"]) + timedelta(hours=24)
    turns = [(each["office"], each["day"], each["starts_at"], each["pool"]) for each in bins]
    need(turns == sorted(set(turns)), "bins.csv: the bins do not rise by office, day, start and pool")
    seen, where_of, first_of, accessible = set(), {}, {}, {}
    for row, each in enumerate(bins):
        where, slots, free = f"bins.csv, row {row}", numbers(each["slots"]), numbers(each["free"])
        starts, midnight = (
            datetime.fromisoformat(each["starts_at"]),
            datetime.fromisoformat(each["day"] + "T00:00:00+00:00"),
        )
        on_its_day = timedelta(hours=-14) <= starts - midnight < timedelta(hours=36)  # its own, anywhere on earth
        need(
            on_its_day and each["starts_at"].endswith(":00+00:00"), f"{where} begins on another day, or inside a minute"
        )
        right = facts["horizon_first"] <= each["day"] <= facts["horizon_last"] and starts >= earliest
        need(right, f"{where} is not on a day of the draw, or begins less than 24 hours after the closing")
        need(len(slots) == len(free) and min(free) > 0 and sum(free) < 2**31, f"{where}: slots and places do not fit")
        flag = accessible.setdefault(each["office"], each["accessible"])
        need(flag == each["accessible"], f"{where}: the office is accessible in one bin and not in another")
        first = first_of.setdefault((each["office"], each["starts_at"]), slots[0])
        need(first == slots[0], f"{where}: two slots of an office begin at the same time")
        for slot in slots:
            need((each["pool"], slot) not in seen, f"{where}: slot {slot} is in two bins, or twice in one")
            seen.add((each["pool"], slot))
            place = each["office"], each["day"], each["band"]
            need(where_of.setdefault(slot, place) == place, f"{where}: slot {slot} is at two places or times")


def read_prices(column):
    text, where = column["data"], "certificate.json, prices"
    need(len(text) % 4 == 0, f"{where}: not base64")
    packed = base64.b64decode(text)
    need(base64.b64encode(packed).decode() == text, f"{where}: not base64 in its one spelling")
    prices = inflated(packed, 15, 8 * column["rows"] + 1, where)
    need(len(prices) == 8 * column["rows"], f"{where}: not as many as it says")
    return prices


class Files:
    """What was published, as it is written; nothing in it is checked against the rest but its form."""

    def __init__(self, folder):
        self.bytes = {}
        for name in FILES:
            need((folder / name).is_file(), f"{name} is missing")
            with (folder / name).open("rb") as file:
                self.bytes[name] = file.read(LARGEST_FILE + 1)
            need(len(self.bytes[name]) <= LARGEST_FILE, f"{name} is larger than any draw's")
        self.facts = read_object(self.bytes["draw.json"], "draw.json", FACTS)
        check_facts(self.facts)
        for name, digest in self.facts["files"].items():
            need(sha256(self.bytes[name]).hexdigest() == digest, f"{name} does not have the SHA-256 that was published")
        self.requests = read_requests(self.bytes["requests.jsonl.gz"])
        self.bins = read_table(self.bytes["bins.csv"], "bins.csv", BIN)
        check_bins(self.bins, self.facts)
        self.certificate = read_object(self.bytes["certificate.json"], "certificate.json", CERTIFICATE)
        content = {name: value for name, value in self.certificate.items() if name != "sha256"}
        digest = sha256(exact_json(content, indent=1) + b"\n").hexdigest()
        need(digest == self.certificate["sha256"], "certificate.json does not have its own SHA-256")
        self.prices = read_prices(self.certificate["certificate"]["columns"]["prices"])
        need(re.fullmatch(rb"[0-9a-f]{64}\n", self.bytes["seed.txt"]), "seed.txt holds more or less than the seed")
        self.plan = read_table(self.bytes["plan.csv"], "plan.csv", PLAN, NO_PLACE)
        self.report = read_object(self.bytes["report.json"], "report.json", REPORT)
