"""Find one's own wish in a night of the exchange: that it counted as it was made, ended in time, or was left out.

`verify_draw.py`, which stands beside this file, uses it for a folder with night.json. Needs Python 3.11 and the files
that it imports. Who got which place is decided again by `mawid exchange verify` alone.
"""

from hashlib import sha256
from pathlib import Path

from beacon_value import round_time
from log_copy import LogCopy, logged
from log_proofs import LOG_KEY, WITNESS_KEY, check_proof, read_key, read_proof, times_seen, tree_root
from opened_draw import derived
from published_files import CODE, HASH, PSEUDONYM, read_file
from second_draw import micros
from second_files import WORDS, read_beacon_terms
from strict_reading import ANYTHING, COUNT, DAY, INSTANT, exact_json, need, read_json, read_line_object, shaped

NIGHT, LARGEST, SMALL = "night.json", 2**29, 2**16
NAMES = ("announcement", "statement")
PROMISED = {"reference": CODE, "closes_at": INSTANT, "seed_commitment": HASH, "beacon": ANYTHING}
ANNOUNCED = PROMISED | {"type": ("exchange_announcement",), "at": INSTANT, "log": WORDS, "witnesses": [WORDS]}
STATED = PROMISED | {"type": ("exchange_statement",), "format": ("mawid-exchange-1",), "closed_at": INSTANT}
SHAPES = ANNOUNCED | {"need": COUNT}, STATED | {"holders": range(2**31), "inputs": HASH}
CHOICE = {"bands": [CODE], "first": DAY, "last": DAY, "office": CODE}
WISH = {"choices": [CHOICE], "nonce": PSEUDONYM}


def fingerprint(value):
    return sha256(exact_json(value)).hexdigest()


class Night:
    """The files of a night that its wishes follow from, and step by step what can be said of one."""

    def __init__(self, folder):
        entries = [f"{name}.json" for name in NAMES]
        self.entries = [read_file(folder, name, SMALL) for name in entries]
        both = zip(self.entries, entries, SHAPES, strict=True)
        self.announced, self.stated = (read_line_object(content + b"\n", name, shape) for content, name, shape in both)
        read_beacon_terms(self.stated["beacon"], f"{entries[1]}, beacon")
        self.log = read_key(self.announced["log"], LOG_KEY, f"{entries[0]}, log")
        keys = self.announced["witnesses"]
        self.witnesses = [read_key(each, WITNESS_KEY, f"{entries[0]}, witnesses") for each in keys]
        self.proofs = [read_proof(read_file(folder, f"{name}.proof", SMALL), f"{name}.proof") for name in NAMES]
        self.content = read_file(folder, NIGHT, LARGEST)

    def checked(self, own=None, log=None):
        """Give a sentence for each thing that is right; WrongError at the first that is not."""
        yield f"passed: {self.check_files()}"
        yield f"passed: {self.check_log()}"
        yield f"passed: {self.check_witnesses()}"
        copy = None if log is None else LogCopy(log)
        if copy is not None:
            yield f"passed: {self.check_copy(copy)}"
        if own is not None:
            yield f"passed: {self.check_own(Path(own), copy)}"
        keys = ", ".join(key.name for key in (self.log, *self.witnesses))
        yield f"Compare the keys of {keys} in announcement.json with those that they publish."
        yield "Who got which place, and what a line's numbers stand for, was not checked: `mawid exchange verify` does."

    def check_files(self):
        need(sha256(self.content).hexdigest() == self.stated["inputs"], f"{NIGHT} is not the file that was closed")
        for name in PROMISED:
            need(self.stated[name] == self.announced[name], f"statement.json: {name} is not what was announced")
        self.lines = {}
        night = read_json(self.content, NIGHT)
        shaped(night, {"format": STATED["format"], "markets": ANYTHING}, NIGHT)
        shaped(night["markets"], [{"units": COUNT, "kinds": [ANYTHING], "holders": [ANYTHING]}], NIGHT)
        for market in night["markets"]:
            for number, holder in enumerate(market["holders"]):
                wish = holder.get("wish") if isinstance(holder, dict) else None
                need(wish is None or wish not in self.lines, f"{NIGHT}: two lines have one wish")
                if wish is not None:
                    shaped(wish, HASH, f"{NIGHT}, wish")
                    self.lines[wish] = f"size {market['units']}, line {number}"
        self.holders = sum(len(market["holders"]) for market in night["markets"])
        need(self.holders == self.stated["holders"], f"{NIGHT} has another number of holders than was stated")
        return f"the night is the one that was closed, with {self.holders} holders"

    def check_log(self):
        for name, proof, entry in zip(NAMES, self.proofs, self.entries, strict=True):
            check_proof(proof, entry, self.log, f"{name}.proof")
        announced, stated = (proof.index for proof in self.proofs)
        need(announced < stated, "the log has announcement and statement in another order")
        return f"announcement and closing statement stand in the log {self.log.name} in this order"

    def check_witnesses(self):
        terms, enough, begin = self.stated["beacon"], self.announced["need"], micros(self.stated["closes_at"])
        until = round_time(terms, terms["round"]) if terms["kind"] == "drand" else 2**63
        times = times_seen(self.proofs[1], self.witnesses, "statement.proof")
        seen = sorted(name for name, time in times.items() if begin <= time * 10**6 and time < until)
        need(len(seen) >= enough, f"statement.proof: {len(seen)} witnesses signed it in time, {enough} are needed")
        return f"{len(seen)} witnesses saw the closing statement before the value could be known"

    def check_copy(self, copy):
        proof = self.proofs[1]
        need(len(copy.entries) >= proof.size, f"the copy of the log has not all {proof.size} entries")
        need(tree_root(copy.entries[: proof.size]) == proof.root, "the copy is of another log than the statement")
        return "the copy of the log is the one that the closing statement stands in"

    def check_own(self, path, copy):
        """Say what became of a wish: of the file of it, or of the part of a night that it took."""
        own = read_json(read_file(path.parent, path.name, SMALL), path.name)
        need(isinstance(own, dict) and "wish" in own, f"{path.name} is the file of no wish")
        shaped(own["wish"], WISH, f"{path.name}, wish")
        need(own["wish"]["choices"], f"{path.name}: the wish is for nothing")
        need(isinstance(own.get("log_proof"), str), f"{path.name}: it is from before the log had the wish")
        proof, receipt = read_proof(own["log_proof"].encode(), path.name), fingerprint(own["wish"])
        check_proof(proof, logged(receipt), self.log, f"{path.name}, log_proof")
        base, closing = bytes.fromhex(own["wish"]["nonce"]), self.proofs[1].index
        nonce = derived(base, "exchange-nonce", self.stated["reference"]).hex()
        line = self.lines.get(fingerprint(own["wish"] | {"nonce": nonce}))
        if proof.index > closing:
            return f"your wish came into the log after this night was closed: entry {proof.index}"
        told = copy.replaced.get(receipt) if copy is not None else None
        ended = told is not None and told["by"] == fingerprint({"ended": base.hex()})
        how = "ended" if ended else f"was replaced by {told['by']}" if told else ""
        if told is not None and told["index"] < closing:
            need(line is None, f"{path.name}: the night counted on a wish that {how} on {told['at']}, before it closed")
            return f"your wish {how} on {told['at']}, before this night was closed: it rightly takes no part"
        if line is None:
            need(self.lines or not self.holders, f"{path.name}: no line of {NIGHT} has a receipt")
            ask = "" if copy is not None else f"; unless it ended before, which a copy of the log tells ({receipt})"
            need(False, f"{path.name}: the log had your wish before the closing, and no line has it{ask}")  # noqa: FBT003
        return f"your wish took part as you made it: {line}" + (
            f"; it {how} on {told['at']}, afterwards" if told else ""
        )
