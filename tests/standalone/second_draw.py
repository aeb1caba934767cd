"""Check a draw of format 2: first what everyone may see, then, where the observers' files are there, all of it.

`verify_draw.py`, which stands beside this file, uses it. Needs Python 3.11, numpy, `cryptography` and `py_ecc`.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

import numpy as np
from audit_value import NAME as AUDIT
from audit_value import audit_message, check_facts, sample_in_words
from beacon_value import START, first_round, message_for, round_time, signed
from log_proofs import check_proof, times_seen, tree_root
from opened_draw import OpenedChecks
from own_receipt import check_own
from second_files import ENTRIES, PROOFS, SecondFiles
from strict_reading import exact_json, need

REPEATED = ("reference", "opens_at", "closes_at", "horizon_first", "horizon_last", "confirm_seconds")
REPEATED += ("seed_commitment", "beacon")
CHECKS = "files log witnesses promise lists seed beacon line served turns"
OPEN_CHECKS = "opened logged rows wishes slots totals {} bound report places"


def micros(instant):
    """Millionths of a second since 1970."""
    return (datetime.fromisoformat(instant) - START) // timedelta(microseconds=1)


class SecondDraw(OpenedChecks):
    """The files, and step by step what follows from them."""

    def __init__(self, folder):
        files = SecondFiles(folder)
        self.bytes, self.facts, self.result, self.announcement = (
            files.bytes,
            files.facts,
            files.result,
            files.announcement,
        )
        self.log, self.witnesses, self.proofs, self.beacon = files.log, files.witnesses, files.proofs, files.beacon
        self.rows, self.turns, self.bins, self.report = files.rows, files.turns, files.bins, files.report
        self.certificate, self.opened, self.seed = files.certificate, files.opened, files.seed
        self.audit = files.audit
        # stored as steps from one to the next
        self.prices, self.by_size = (np.cumsum(np.frombuffer(each, "<i8")) for each in (files.prices, files.by_size))
        self.entries = [self.bytes[name][:-1] for name in ENTRIES]
        self.statement_hash = sha256(self.entries[1]).digest()
        self.reference, self.mechanism = self.facts["reference"], self.facts["mechanism"]
        if self.opened:
            self.coarse = files.coarse
            self.requests, self.opened_turns, self.plan = files.requests, files.opened_turns, files.plan

    def checks_for_everyone(self):
        names = CHECKS + (" audit" if self.audit else "")
        return [getattr(self, f"check_{name}") for name in names.split()]

    def checks(self):
        fair = {"exchange": "envy", "in-line-order": "in_line"}[self.mechanism]
        names = OPEN_CHECKS.format(fair) if self.opened else ""
        names += " coarse" if self.opened and self.coarse else ""
        return self.checks_for_everyone() + [getattr(self, f"check_{name}") for name in names.split()]

    def check_files(self):
        """Each file is the one that the result, the certificate and the statement name."""
        for stated, by in ((self.result["files"], "result.json"), (self.certificate["files"], "certificate.json")):
            for name, digest in stated.items():
                found = sha256(self.bytes[name]).hexdigest() if name in self.bytes else self.result["files"][name]
                need(found == digest, f"{name} does not have the SHA-256 that {by} states")
        pairs = {"requests.jsonl.gz": "requests", "turns.jsonl.gz": "turns", "bins.csv": "bins"}
        for name, key in pairs.items():
            stated = self.facts[key]["sha256"]
            need(self.result["files"][name] == stated, f"{name} does not have the SHA-256 that statement.json states")
        places = sum(sum(map(int, each["free"].split())) for each in self.bins)
        found = {"number": len(self.bins), "places": places, "sha256": self.facts["bins"]["sha256"]}
        need(found == self.facts["bins"], "bins.csv does not have as many bins or places as statement.json states")
        return "no file was changed after the result was logged"

    def check_log(self):
        """Announcement, statement and result stand in the log, in this order."""
        for name, proof, entry in zip(PROOFS, self.proofs, self.entries, strict=True):
            check_proof(proof, entry, self.log, name)
        announced, size = self.facts["announcement"], self.facts["receipts"]["size"]
        right = announced["sha256"] == sha256(self.entries[0]).hexdigest()
        need(right and announced["index"] == self.proofs[0].index, "statement.json is about another announcement")
        first, second, third = (proof.index for proof in self.proofs)
        need(first < size <= second < third, "announcement, receipts, statement and result do not follow each other")
        return f"announcement, closing statement and result stand in the log {self.log.name} in this order"

    def check_witnesses(self):
        """Enough of the announced witnesses signed; the statement's before anyone could know the value."""
        terms, enough = self.facts["beacon"], self.announcement["need"]
        closed = micros(self.facts["closes_at"])
        until = round_time(terms, terms["round"]) if terms["kind"] == "drand" else 2**63
        for number, (name, proof) in enumerate(zip(PROOFS, self.proofs, strict=True)):
            seen = times_seen(proof, self.witnesses, name)
            if number == 1:
                seen = {witness: time for witness, time in seen.items() if closed <= time * 10**6 and time < until}
                timely = sorted(seen)
            need(len(seen) >= enough, f"{name}: {len(seen)} witnesses signed it in time, {enough} are needed")
        names = f": {', '.join(timely)}" if timely else ""
        return f"{len(timely)} witnesses saw the closing statement before the value could be known{names}"

    def check_promise(self):
        """The statement repeats the announcement, and the round is the first after the closing."""
        for name in REPEATED:
            need(self.facts[name] == self.announcement[name], f"statement.json: {name} is not what was announced")
        terms, at = self.facts["beacon"], self.result["at"]
        if terms["kind"] == "drand":
            due = first_round(terms, self.facts["closes_at"])
            need(terms["round"] == due, f"statement.json: the round is {terms['round']}, due was {due}")
            need(micros(at) >= round_time(terms, due) * 10**6, "result.json is from before its round")
            audit = first_round(terms, at)
            need(self.result["audit"] == {"round": audit}, f"result.json: the round of the audit is not {audit}")
        need(self.result["reference"] == self.reference, "result.json is about another draw")
        need(self.result["statement"] == self.statement_hash.hex(), "result.json is about another closing statement")
        return "what was announced was kept: times, days, seed and source of chance"

    def check_lists(self):
        """The rows of the line and the turns outside of it are those that were closed."""
        leaves = [self.record(row, "person", "priority", "receipt") for row in self.rows]
        turns = [self.record(row, "priority", "reason", "receipt") for row in self.turns]
        for name, records in {"requests": leaves, "turns": turns}.items():
            right = tree_root(records).hex() == self.facts[name]["root"]
            need(right, f"the rows do not give the root of {name} in statement.json")
        root = self.facts["requests"]["root"]
        return f"no request was added, changed or left out since the closing; root {root}"

    def record(self, row, *names):
        return exact_json({name: row[name] for name in ("before", *names)})

    def check_seed(self):
        commitment = self.facts["seed_commitment"]
        right = sha256(self.seed).hexdigest() == commitment
        need(right, "the seed is not the one that was committed to before the window opened")
        need(self.result["seed"] == self.seed.hex(), "result.json states another seed than seed.txt")
        return f"the seed was fixed before anyone asked; commitment {commitment}"

    def check_beacon(self):
        """The value is the one that the announced key, and no other, signs for this statement or round."""
        terms, beacon = self.facts["beacon"], self.beacon
        signature = bytes.fromhex(beacon["signature"])
        value = sha256(signature).hexdigest()
        due = {"kind": terms["kind"], "reference": self.reference, "round": terms.get("round"), "value": value}
        need(
            beacon == due | {"signature": beacon["signature"]},
            "beacon.json does not fit the statement or its signature",
        )
        stated = {"signature": beacon["signature"], "value": value}
        need(self.result["beacon"] == stated, "result.json states another value than beacon.json")
        right = signed(bytes.fromhex(terms["key"]), signature, *message_for(terms, self.statement_hash))
        need(right, "beacon.json: the signature is not that of the announced key for this round or statement")
        by = (
            f"round {terms['round']} of drand"
            if terms["kind"] == "drand"
            else f"the witnesses {', '.join(terms['of'])}"
        )
        return f"chance came from {by}, after the closing; value {value}"

    def check_line(self):
        """More draws lost go first, then the lower lottery number, which belongs to the person; then the receipt."""
        key = self.seed + bytes.fromhex(self.beacon["value"]) + self.statement_hash

        def turn(leaf):
            row = self.rows[leaf]
            return -row["priority"], hmac.digest(key, bytes.fromhex(row["person"]), "sha256"), row["receipt"]

        self.line = sorted(range(len(self.rows)), key=turn)
        self.position = np.argsort(self.line)
        wrong = [leaf for leaf, row in enumerate(self.rows) if int(row["position"]) != self.position[leaf]]
        need(not wrong, f"line.csv, row {wrong[:1]}: not the line that seed, value and statement give")
        return "everyone stands in line where the seed, the value and the draws they lost before put them"

    def check_served(self):
        served = sum(row["served"] == "1" for row in self.rows)
        asked = {"asked_requests": len(self.rows), "served_requests": served, "reference": self.reference}
        for name, value in (asked | {"served_people": self.result["served_people"]}).items():
            stated = self.report[name]
            need(exact_json(stated) == exact_json(value), f"{name} is {value}, report.json states {stated!a}")
        need(self.result["served_requests"] == served, f"{served} are served, result.json states otherwise")
        return f"{served} of {len(self.rows)} requests are served"

    def check_turns(self):
        """Nobody stands ahead by a turn that no row of an earlier list gives; which one it is, observers see."""
        for name, rows, least in (("line.csv", self.rows, 0), ("turns.csv", self.turns, 1)):
            for number, row in enumerate(rows):
                old = row.get("reason") == "before-format-2"
                right = row["priority"] >= least if row["before"] or old else row["priority"] == least
                need(not (old and row["before"]), f"{name}, row {number}: a link to a draw of another format")
                need(right, f"{name}, row {number}: a priority of {row['priority']} without a draw that was lost")
        links = [row["before"] for row in (*self.rows, *self.turns) if row["before"]]
        need(len(set(links)) == len(links), "line.csv and turns.csv: an earlier row is counted twice")
        return f"{len(links)} of {len(self.rows) + len(self.turns)} rows follow an earlier one, each another"

    def check_audit(self):
        """The value is the one that can pick lines of this result; it counts if the result was seen before it."""
        terms, due, result_hash = self.facts["beacon"], self.result["audit"], sha256(self.entries[2]).digest()
        check_facts(self, result_hash)
        signature = bytes.fromhex(self.audit["signature"])
        right = signed(bytes.fromhex(terms["key"]), signature, *audit_message(terms, due, result_hash))
        need(right, f"{AUDIT}: the signature is not that of the announced key for this result or its round")
        seen = times_seen(self.proofs[2], self.witnesses, PROOFS[2]).values()
        timely = (
            due is None or sum(time < round_time(terms, due["round"]) for time in seen) >= self.announcement["need"]
        )
        late = "" if timely else "; but witnesses saw the result too late for that to count"
        return sample_in_words(self, result_hash) + late

    def check_own(self, receipt):
        return check_own(self, receipt)

    def compare(self):
        rest = "" if self.opened else " What everyone may see was checked; for the rest ask an observer."
        keys = ", ".join(key.name for key in (self.log, *self.witnesses))
        return f"Compare the keys of {keys} in announcement.json with those that they publish.{rest}"
