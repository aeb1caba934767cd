"""Check a draw of format 1: the files of `published_files.py`, and step by step what follows from them.

`verify_draw.py`, which stands beside this file, uses it. Needs Python 3.11 and numpy.
"""

import hmac
from hashlib import sha256

import numpy as np
from log_proofs import tree_root
from plan_checks import PlanChecks
from published_files import Files
from strict_reading import exact_json, need

BESIDE_THE_WISH = ("receipt", "person", "priority", "holds", "together")
COMPARE = (
    "Compare the commitment and the root with those that were shown before the draw. No log holds a draw of format 1: "
    "if the log announces this draw, these files are forged."
)


class FirstDraw(PlanChecks):
    """The files, and step by step what follows from them."""

    def __init__(self, folder):
        files = Files(folder)
        self.bytes, self.facts, self.requests, self.bins = files.bytes, files.facts, files.requests, files.bins
        self.certificate, self.plan, self.report = files.certificate, files.plan, files.report
        self.prices = np.cumsum(np.frombuffer(files.prices, "<i8"))  # stored as steps from one to the next
        self.seed, self.root = files.seed, bytes.fromhex(self.facts["root"])
        self.mechanism = self.facts.get("mechanism", "exchange")

    def check_files(self):
        for name, digest in self.certificate["files"].items():
            need(sha256(self.bytes[name]).hexdigest() == digest, f"{name} does not have the SHA-256 that was published")
        return "no file was changed after the certificate was written"

    def check_commitment(self):
        commitment = self.facts["seed_commitment"]
        need(
            sha256(self.seed).hexdigest() == commitment,
            "the seed is not the one that was committed to before the window opened",
        )
        return f"the seed was fixed before anyone asked; commitment {commitment}"

    def checks(self):
        fair = {"exchange": "envy", "in-line-order": "in_line"}[self.mechanism]
        names = f"files commitment receipts root line wishes slots totals {fair} bound report"
        return [getattr(self, f"check_{name}") for name in names.split()]

    def check_receipts(self):
        for number, request in enumerate(self.requests, 1):
            wish = {name: value for name, value in request.items() if name not in BESIDE_THE_WISH}
            need(sha256(exact_json(wish)).hexdigest() == request["receipt"], f"line {number}: not the wish's receipt")
        # that none is there twice, and how many there are, was seen as they were read
        return f"each of {len(self.requests)} receipts is the fingerprint of its wish, and none is there twice"

    def check_root(self):
        leaves = [exact_json({name: one[name] for name in BESIDE_THE_WISH if name in one}) for one in self.requests]
        need(tree_root(leaves) == self.root, "the requests do not give the published root")
        return f"no request was added, changed or left out since the root was published; root {self.root.hex()}"

    def check_line(self):
        """More draws lost go first, then the lower lottery number, which belongs to the person; then the receipt."""

        def turn(row):
            request = self.requests[row]
            number = hmac.digest(self.seed + self.root, bytes.fromhex(request["person"]), "sha256")
            return -request["priority"], number, request["receipt"]

        self.line = sorted(range(len(self.requests)), key=turn)
        self.position = np.argsort(self.line)
        need(len(self.plan) == len(self.line), "plan.csv: not a row for each request")
        need([int(row["position"]) for row in self.plan] == list(self.position), "plan.csv: not the line of the seed")
        return "everyone stands in line where the seed, the root and the draws they lost before put them"

    def compare(self):
        return COMPARE

    def check_own(self, receipt):
        receipts = [each["receipt"] for each in self.requests]
        need(receipt in receipts, "no request with this receipt took part")
        row = receipts.index(receipt)
        place = f"a place in bin {self.bin[row]}" if self.bin[row] >= 0 else "no place"
        return f"the request with this receipt took part; position {self.position[row]}, {place}"
