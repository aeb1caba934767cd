"""Read the seven files of a published draw of Mawid strictly: whatever could be read in two ways is refused.

`verify_draw.py`, which stands beside this file, uses it. What is read here is spelled in the one way that docs/draws.md
describes, and does not contradict itself; whether it is right is checked there. Needs Python 3.11 and nothing else but
`strict_reading.py` beside it.
"""

import base64
import re
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from strict_reading import (
    ANYTHING,
    CODE,
    COMPENSATION,
    COUNT,
    DAY,
    INSTANT,
    LARGEST_INFLATED,
    LONGEST_LINE,
    NUMBER,
    NUMBERS,
    WINDOWS,
    WrongError,
    exact_json,
    inflated,
    lines_in,
    need,
    numbers,
    read_json,
    read_object,
    read_table,
    shaped,
)

LARGEST_FILE = {"requests.jsonl.gz": 2**28, "plan.csv": 2**27, "bins.csv": 2**25, "draw.json": 2**20, "seed.txt": 2**10}
OTHERWISE = 2**24
ROWS = range(2**31)
PSEUDONYM, HASH = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}")
VERSIONS = dict.fromkeys(("mawid", "numpy", "ortools", "python"), CODE)
MECHANISMS = ("exchange", "in-line-order", "first-come")
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
SEVERAL = {"also?": [CODE]}  # more services of the same visit; not before format 5
TOTALS = dict.fromkeys(("served_requests", "served_people", "served_units", "objective", "bound"), COUNT)
STATED = {"mechanism": MECHANISMS, "status": ("optimal", "bounded", "baseline")}
HIDDEN = ("problem_sha256", "plan_sha256")  # not in format 2
CERTIFICATE = {
    "certificate": STATED
    | {"format": ("mawid-certificate-2",), "versions": VERSIONS}
    | dict.fromkeys(HIDDEN, HASH)
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


def read_requests(content):
    requests, before = [], ""
    for where, request in read_lines(content, "requests.jsonl.gz", REQUEST):
        check_wish(request, where)
        need(before < request["receipt"], f"{where}: the receipts are not in order, or one is there twice")
        before = request["receipt"]
        requests.append(request)
    return requests


def read_lines(content, name, shape):
    """Return one object after another of a packed file, and where it stands."""
    need(content[:8] == b"\x1f\x8b\x08" + bytes(5), f"{name}: its gzip header holds more than it needs")
    for number, line in enumerate(lines_in(inflated(content, 31, LARGEST_INFLATED, name), name), 1):
        where = f"{name}, line {number}"
        need(len(line) <= LONGEST_LINE, f"{where} is too long")
        value = read_json(line, where)
        shaped(value, shape, where)
        need(exact_json(value) == line, f"{where} is spelled in another way")
        yield where, value


def check_wish(request, where):
    offices, bands, windows = request["offices"], request["bands"], request.get("windows", {})
    services = [request["service"], *request.get("also", [])]
    need(
        request.get("also", True) and len(set(services)) == len(services), f"{where}: a service twice, or no other one"
    )
    need(1 <= len(offices) <= 128 and len(set(offices)) == len(offices), f"{where} asks for an office twice, or none")
    need(bands == sorted(set(bands)), f"{where}: the bands are not in order, or one is there twice")
    need(windows.keys() <= set(offices), f"{where} has a window for an office that it does not ask for")
    stretches = [*windows.values(), *([request["holds"]] if "holds" in request else [])]
    stretches += [[request["first_day"], request["last_day"]]] if request["last_day"] else []
    right = all(len(days) == 2 and days[0] <= days[1] for days in stretches)
    need(right, f"{where}: days are not a first and a last one")


def check_facts(facts, name="draw.json"):
    opens, closes, closed = (datetime.fromisoformat(facts[one]) for one in ("opens_at", "closes_at", "closed_at"))
    first, last = (date.fromisoformat(facts[one]) for one in ("horizon_first", "horizon_last"))
    right = opens < closes <= closed and closes.date() <= first <= last and (last - first).days <= 366
    need(right, f"{name}: its times and days do not follow each other")
    need("compensation" in facts or "compensation_rule" not in facts, f"{name}: a rule without what it gave")


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
    check_times(bins)


def check_times(bins):
    """Bins of both pools tell alike when a slot begins and which one follows it."""
    begins, after, ahead = {}, {}, {}
    for row, each in enumerate(bins):
        where, slots = f"bins.csv, row {row}", numbers(each["slots"])
        begin = begins.setdefault(slots[0], each["starts_at"])
        need(begin == each["starts_at"], f"{where}: slot {slots[0]} begins at two times")
        for slot, other in pairwise(slots):
            same = after.setdefault(slot, other) == other and ahead.setdefault(other, slot) == slot
            need(same, f"{where}: slots {slot} and {other} do not touch in another bin")
    for row, each in enumerate(bins):
        known = [begins[slot] for slot in numbers(each["slots"]) if slot in begins]
        need(known == sorted(set(known)), f"bins.csv, row {row}: its slots do not follow each other in time")


def read_prices(column, bins):
    text, where = column["data"], "certificate.json, prices"
    need(column["rows"] == bins, f"{where}: not one for each bin")
    need(len(text) % 4 == 0, f"{where}: not base64")
    packed = base64.b64decode(text)
    need(base64.b64encode(packed).decode() == text, f"{where}: not base64 in its one spelling")
    prices = b"".join(inflated(packed, 15, 8 * bins, where))
    need(len(prices) == 8 * bins, f"{where}: not as many as it says")
    return prices


def read_file(folder, name, most):
    try:
        need((folder / name).is_file(), f"{name} is missing")
        size = (folder / name).stat().st_size
        need(size <= most, f"{name} is larger than any draw's")
        with (folder / name).open("rb") as file:
            content = file.read(size + 1)
    except OSError as error:
        raise WrongError(f"{name} cannot be read: {error.strerror}") from None
    need(len(content) == size, f"{name} changed while it was read")
    return content


def read_certificate(content, bins, files, shape=CERTIFICATE["certificate"]):
    """Read certificate.json, which states the SHA-256 of these files; return the prices too."""
    shape = CERTIFICATE | {"certificate": shape, "files": dict.fromkeys(files, HASH)}
    certificate = read_object(content, "certificate.json", shape)
    covered = {name: value for name, value in certificate.items() if name != "sha256"}
    digest = sha256(exact_json(covered, indent=1) + b"\n").hexdigest()
    need(digest == certificate["sha256"], "certificate.json does not have its own SHA-256")
    return certificate, read_prices(certificate["certificate"]["columns"]["prices"], bins)


def read_seed(content):
    need(re.fullmatch(rb"[0-9a-f]{64}\n", content), "seed.txt holds more or less than the seed")
    return bytes.fromhex(content.decode())


class Files:
    """What was published, as it is written; nothing in it is checked against the rest but its form."""

    def __init__(self, folder):
        self.bytes = {name: read_file(folder, name, LARGEST_FILE.get(name, OTHERWISE)) for name in FILES}
        self.facts = read_object(self.bytes["draw.json"], "draw.json", FACTS)
        check_facts(self.facts)
        for name, digest in self.facts["files"].items():
            need(sha256(self.bytes[name]).hexdigest() == digest, f"{name} does not have the SHA-256 that was published")
        self.requests = read_requests(self.bytes["requests.jsonl.gz"])
        stated = self.facts["requests"]
        need(len(self.requests) == stated, f"requests.jsonl.gz holds {len(self.requests)} requests, not {stated}")
        self.bins = read_table(self.bytes["bins.csv"], "bins.csv", BIN)
        check_bins(self.bins, self.facts)
        stated = CERTIFICATE["files"]
        self.certificate, self.prices = read_certificate(self.bytes["certificate.json"], len(self.bins), stated)
        self.seed = read_seed(self.bytes["seed.txt"])
        self.plan = read_table(self.bytes["plan.csv"], "plan.csv", PLAN, NO_PLACE, most=len(self.requests))
        self.report = read_object(self.bytes["report.json"], "report.json", REPORT)
