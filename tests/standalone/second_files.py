"""Read the files of a draw of format 2 strictly: whatever could be read in two ways is refused.

`second_draw.py`, which stands beside this file, uses it. What is read here is spelled in the one way that
docs/draw-format.md describes; whether it is right is checked there. Needs Python 3.11 and the files that it imports.
"""

import re
from datetime import datetime

from audit_value import NAME as AUDIT_FILE
from coarse_wishes import NAME as COARSE
from coarse_wishes import read_coarse
from log_proofs import LOG_KEY, WITNESS_KEY, read_key, read_proof
from published_files import (
    BIN,
    HASH,
    HIDDEN,
    MECHANISMS,
    NO_PLACE,
    PLAN,
    PSEUDONYM,
    REPORT,
    REQUEST,
    SEVERAL,
    VERSIONS,
    check_bins,
    check_facts,
    check_wish,
    read_certificate,
    read_file,
    read_lines,
    read_prices,
    read_seed,
    read_table,
)
from published_files import CERTIFICATE as OPEN_CERTIFICATE
from strict_reading import (
    ANYTHING,
    CODE,
    COMPENSATION,
    COUNT,
    DAY,
    INSTANT,
    NUMBER,
    need,
    read_line_object,
    read_object,
    shaped,
)

PROOFS = ("announcement.tlog-proof", "statement.tlog-proof", "result.tlog-proof")
ENTRIES = ("announcement.json", "statement.json", "result.json")
EVERYONE = (*ENTRIES, *PROOFS, *("beacon.json", "seed.txt", "line.csv", "turns.csv", "bins.csv", "report.json"))
EVERYONE += ("certificate.json",)
OBSERVERS = ("requests.jsonl.gz", "turns.jsonl.gz", "plan.csv")
CERTIFIED = ("statement.json", "line.csv", "turns.csv", "bins.csv", "plan.csv", *OBSERVERS[:2], "report.json")
RESULTS = (*("line.csv", "turns.csv", "bins.csv", "report.json", "certificate.json", "beacon.json"), *OBSERVERS)
LARGEST = {"line.csv": 2**29, "turns.csv": 2**29, "plan.csv": 2**27, "bins.csv": 2**25, "report.json": 2**24}
LARGEST |= {"certificate.json": 2**24, "requests.jsonl.gz": 2**28, "turns.jsonl.gz": 2**28, "seed.txt": 2**10}
SMALL, RECEIPT_FILE = 2**16, 2**20

WORDS = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
REASONS = re.compile("under-review|register|displaced|unlogged|before-format-2")
POINT, PUBLIC_KEY = re.compile("[0-9a-f]{96}"), re.compile("[0-9a-f]{192}")
POSITIVE, ROW, PRIORITY = range(1, 2**63), range(2**31), 2**15
NAMES = re.compile(r"[^\x00-\x20\x7f+\s]{1,64}")
DRAND = {
    "kind": ("drand",),
    "chain": HASH,
    "key": PUBLIC_KEY,
    "genesis": range(2**33 + 1),
    "period": range(1, 86401),
    "round": range(1, 2**53),
}
GROUP = {"kind": ("witnesses",), "key": PUBLIC_KEY, "need": range(1, 33), "of": [NAMES]}
PROMISED = {"reference": CODE, "opens_at": INSTANT, "closes_at": INSTANT, "horizon_first": DAY, "horizon_last": DAY}
PROMISED |= {"confirm_seconds": POSITIVE, "seed_commitment": HASH, "beacon": ANYTHING}
ANNOUNCEMENT = {"type": ("announcement",), "at": INSTANT, "log": WORDS, "witnesses": [WORDS], "need": COUNT}
ANNOUNCEMENT |= PROMISED | {"again": (None, {"of": CODE, "reason": WORDS})}
FORMATS = ("mawid-draw-2", "mawid-draw-3", "mawid-draw-4", "mawid-draw-5")
COVERED = {"number": ROW, "root": HASH, "sha256": HASH}
STATEMENT = {"type": ("statement",), "format": FORMATS, "closed_at": INSTANT}
STATEMENT |= PROMISED | {"announcement": {"index": COUNT, "sha256": HASH}, "receipts": {"size": COUNT, "root": HASH}}
STATEMENT |= {"requests": COVERED, "turns": COVERED, "bins": {"number": ROW, "places": COUNT, "sha256": HASH}}
STATEMENT |= {"mechanism": MECHANISMS[:2], "compensation_rule": ("even", "policy"), "compensation": COMPENSATION}
STATEMENT |= {"solver_seconds": range(1, 3601), "quota": {"version": (None, POSITIVE), "sha256": (None, HASH)}}
VERSION = (None, {"version": POSITIVE, "sha256": HASH})
STATEMENT |= {"rules": VERSION, "model?": VERSION, "versions": VERSIONS}
RESULT = {"type": ("result",), "at": INSTANT, "reference": CODE, "statement": HASH, "seed": HASH, "places_root": HASH}
RESULT |= {"beacon": {"signature": POINT, "value": HASH}, "files": dict.fromkeys(RESULTS, HASH)}
RESULT |= {"served_requests": ROW, "served_people": COUNT, "audit": (None, {"round": POSITIVE})}
BEACON = {"kind": ("drand", "witnesses"), "reference": CODE, "round": (None, COUNT), "signature": POINT, "value": HASH}
AUDIT = BEACON | {"result": HASH}
LINE = {"leaf": NUMBER, "person": PSEUDONYM, "priority": NUMBER, "receipt": HASH}
LINE |= {"before": re.compile("([0-9a-f]{64})?"), "position": NUMBER, "served": re.compile("[01]")}
TURN = {"row": NUMBER, "receipt": HASH, "priority": NUMBER, "reason": REASONS, "before": LINE["before"]}
SALTED, UNSEATED = (shape | {"salt": PSEUDONYM} for shape in (PLAN, NO_PLACE))
CERTIFICATE = {name: shape for name, shape in OPEN_CERTIFICATE["certificate"].items() if name not in HIDDEN}
CERTIFICATE |= {"format": ("mawid-certificate-3",)}
COLUMN = CERTIFICATE["columns"]["prices"]
BY_SIZE = CERTIFICATE | {"columns": {"prices": COLUMN, "by_size?": COLUMN}}  # in format 5
MOST_SIZES = 32
LINK = (None, {"draw": CODE, "list": ("line", "turns"), "row": ROW})
WISH = {key: shape for key, shape in REQUEST.items() if key not in ("nonce", "receipt", "person", "priority")} | SEVERAL
OPENED = WISH | {"base": PSEUDONYM, "link": LINK, "logged": COUNT}
OPENED_TURN = {"asked": HASH, "base": PSEUDONYM, "link": LINK, "logged": (None, COUNT)}
PLACE = {"bin": (None, COUNT), "first_slot": (None, COUNT), "units": [POSITIVE], "siblings": [HASH]}
OWN = {"format": ("mawid-receipt-2",), "draw": CODE, "leaf": COUNT, "base": PSEUDONYM, "wish": WISH, "link": LINK}
OWN |= {"logged": COUNT, "log_proof": (None, re.compile(r"[^\x00-\x09\x0b-\x1f]*")), "place": (None, PLACE)}


def read_beacon_terms(terms, where):
    need(isinstance(terms, dict), f"{where} is not an object")
    shaped(terms, DRAND if terms.get("kind") == "drand" else GROUP, where)
    if terms["kind"] == "witnesses":
        names = terms["of"]
        need(
            terms["need"] <= len(names) == len(set(names)),
            f"{where} needs more witnesses than it has, or names one twice",
        )


def read_announcement(content):
    """Return the announcement and the keys of the log and its witnesses."""
    name = ENTRIES[0]
    announcement = read_line_object(content, name, ANNOUNCEMENT)
    read_beacon_terms(announcement["beacon"], f"{name}, beacon")
    check_facts(announcement | {"closed_at": announcement["closes_at"]}, name)
    early = datetime.fromisoformat(announcement["at"]) < datetime.fromisoformat(announcement["closes_at"])
    need(early, f"{name} is from after the closing")
    log = read_key(announcement["log"], LOG_KEY, f"{name}, log")
    witnesses = [read_key(each, WITNESS_KEY, f"{name}, witnesses") for each in announcement["witnesses"]]
    names = [each.name for each in witnesses]
    need(announcement["witnesses"] == sorted(announcement["witnesses"]), f"{name}: the witnesses are not in order")
    need(len(set(names)) == len(names), f"{name}: two witnesses have one name")
    need(announcement["need"] <= len(witnesses), f"{name} needs more witnesses than it names")
    alone = announcement["beacon"]["kind"] == "witnesses" and len(announcement["beacon"]["of"]) == 1
    need(witnesses or alone, f"{name} names no witness")
    return announcement, log, witnesses


def read_statement(content):
    name = ENTRIES[1]
    statement = read_line_object(content, name, STATEMENT)
    read_beacon_terms(statement["beacon"], f"{name}, beacon")
    check_facts(statement, name)
    need(("model" in statement) == (statement["format"] != FORMATS[0]), f"{name}: a model in the wrong format, or none")
    quota = statement["quota"]
    need((quota["version"] is None) == (quota["sha256"] is None), f"{name}: a quota without a version or a hash")
    return statement


def read_result(content, statement):
    name = ENTRIES[2]
    result = read_line_object(content, name, RESULT)
    drand = statement["beacon"]["kind"] == "drand"
    need((result["audit"] is not None) == drand, f"{name}: the round of the audit does not suit the beacon")
    late = datetime.fromisoformat(result["at"]) >= datetime.fromisoformat(statement["closed_at"])
    need(late, f"{name} is from before the closing")
    return result


def read_rows(content, name, shape, most):
    """Read line.csv or turns.csv; the receipts rise, and numbers become numbers."""
    rows, before = read_table(content, name, shape, most=most), ""
    for number, row in enumerate(rows):
        where = f"{name}, row {number}"
        need(before < row["receipt"], f"{where}: the receipts are not in order, or one is there twice")
        before = row["receipt"]
        row["priority"] = int(row["priority"])
        need(row["priority"] < PRIORITY, f"{where}: nobody lost so many draws")
        row["before"] = row["before"] or None
    need(len(rows) == most, f"{name} has {len(rows)} rows, not {most}")
    return rows


def read_opened(content, name, shape, rows, form):
    """Read requests.jsonl.gz or turns.jsonl.gz, a line for each row of line.csv or turns.csv."""
    lines, most = [], len(rows)
    for where, line in read_lines(content, name, shape | ({} if form == FORMATS[0] else {"lasting": COUNT})):
        need(len(lines) < most, f"{name} has more than {most} lines")
        if shape is OPENED:
            check_wish(line, where)
            check_services(line, form, where)
        need(line.get("lasting", 0) <= rows[len(lines)]["priority"], f"{where}: more draws last than were lost")
        lines.append(line)
    need(len(lines) == most, f"{name} has {len(lines)} lines, not {most}")
    return lines


def check_services(wish, form, where):
    need("also" not in wish or form == FORMATS[-1], f"{where}: several services in a format without them")


def read_own(path):
    """Read somebody's own receipt."""
    own = read_line_object(read_file(path.parent, path.name, RECEIPT_FILE), path.name, OWN)
    check_wish(own["wish"], path.name)
    need(own["log_proof"] is not None, f"{path.name}: it is from before the request was in the log")
    place = own["place"] or {"bin": None, "first_slot": None, "units": []}
    whole = {place["bin"] is None, place["first_slot"] is None, place["units"] == []}
    need(len(whole) == 1, f"{path.name}: a place is not whole")
    return own, read_proof(own["log_proof"].encode(), f"{path.name}, log_proof")


class SecondFiles:
    """What was published, as it is written; nothing in it is checked against the rest but its form."""

    def __init__(self, folder):
        self.opened = any((folder / name).exists() for name in OBSERVERS)
        names = [*EVERYONE, *(OBSERVERS if self.opened else ())]
        self.bytes = {name: read_file(folder, name, LARGEST.get(name, SMALL)) for name in names}
        self.announcement, self.log, self.witnesses = read_announcement(self.bytes["announcement.json"])
        self.facts = read_statement(self.bytes["statement.json"])
        self.result = read_result(self.bytes["result.json"], self.facts)
        self.proofs = [read_proof(self.bytes[name], name) for name in PROOFS]
        self.beacon = read_line_object(self.bytes["beacon.json"], "beacon.json", BEACON)
        self.seed = read_seed(self.bytes["seed.txt"])
        number, turns = (self.facts[name]["number"] for name in ("requests", "turns"))
        self.rows = read_rows(self.bytes["line.csv"], "line.csv", LINE, number)
        self.turns = read_rows(self.bytes["turns.csv"], "turns.csv", TURN, turns)
        self.bins = read_table(self.bytes["bins.csv"], "bins.csv", BIN)
        check_bins(self.bins, self.facts)
        self.report = read_object(self.bytes["report.json"], "report.json", REPORT | {"format": ("mawid-report-2",)})
        shape = BY_SIZE if self.facts["format"] == FORMATS[-1] else CERTIFICATE
        self.certificate, self.prices = read_certificate(
            self.bytes["certificate.json"], len(self.bins), CERTIFIED, shape
        )
        column, self.by_size = self.certificate["certificate"]["columns"].get("by_size"), b""
        if column:
            sizes = column["rows"] // max(1, len(self.bins))
            need(1 <= sizes <= MOST_SIZES, "certificate.json, by_size: too few, or for too many sizes")
            self.by_size = read_prices(column, sizes * len(self.bins))
        self.audit = self.coarse = None
        if (folder / AUDIT_FILE).exists():
            self.audit = read_line_object(read_file(folder, AUDIT_FILE, SMALL), AUDIT_FILE, AUDIT)
        if (folder / COARSE).exists():
            self.coarse = read_coarse(read_file(folder, COARSE, 2**28), self.rows)
            for number, line in enumerate(self.coarse):
                check_services(line, self.facts["format"], f"{COARSE}, line {number + 1}")
        if self.opened:
            form = self.facts["format"]
            requests, kept = OBSERVERS[:2]
            self.requests = read_opened(self.bytes[requests], requests, OPENED, self.rows, form)
            self.opened_turns = read_opened(self.bytes[kept], kept, OPENED_TURN, self.turns, form)
            self.plan = read_table(self.bytes["plan.csv"], "plan.csv", SALTED, UNSEATED, most=number)
