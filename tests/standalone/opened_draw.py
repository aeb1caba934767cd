"""Check what only observers see of a draw of format 2: the wishes behind the rows, and every place.

`second_draw.py`, which stands beside this file, uses it. Needs Python 3.11 and the files that it imports.
"""

import hmac
from hashlib import sha256

from coarse_wishes import check_coarse
from log_proofs import tree_root
from plan_checks import PlanChecks
from strict_reading import exact_json, need, numbers

NOT_THE_WISH = ("base", "lasting", "link", "logged", "person", "priority")
NOT_WHEN_ASKING = ("holds", "together")


def derived(base, what, reference):
    """Sixteen bytes that only those know who know the base nonce, others for each draw and purpose."""
    return hmac.digest(base, f"mawid-{what}\n{reference}".encode(), "sha256")[:16]


def receipt_of_draw(wish, base, reference):
    return fingerprint(wish | {"nonce": derived(base, "draw-nonce", reference).hex()})


def receipt_of_asking(wish, base):
    asked = {name: value for name, value in wish.items() if name not in NOT_WHEN_ASKING}
    return fingerprint(asked | {"nonce": base.hex()})


def receipt_of_turn(asked, reason, base, reference):
    nonce = derived(base, "turn-nonce", reference).hex()
    return fingerprint({"nonce": nonce, "reason": reason, "receipt": asked})


def link_of(link, base, reference):
    return link and fingerprint(link | {"salt": derived(base, "link-salt", reference).hex()})


def fingerprint(value):
    return sha256(exact_json(value)).hexdigest()


class OpenedChecks(PlanChecks):
    """What follows from the files for observers; `SecondDraw` adds where it read them."""

    least = 5

    def check_opened(self):
        """Each wish gives the receipt of its row, each link the fingerprint in it."""
        for leaf, (row, request) in enumerate(zip(self.rows, self.requests, strict=True)):
            where, base = f"requests.jsonl.gz, line {leaf + 1}", bytes.fromhex(request["base"])
            wish = {name: value for name, value in request.items() if name not in NOT_THE_WISH}
            need(receipt_of_draw(wish, base, self.reference) == row["receipt"], f"{where}: not the wish of its receipt")
            self.check_link(row, request, "line", where)
            request |= {"person": row["person"], "priority": row["priority"]}
        for number, (row, turn) in enumerate(zip(self.turns, self.opened_turns, strict=True)):
            where, base = f"turns.jsonl.gz, line {number + 1}", bytes.fromhex(turn["base"])
            due = receipt_of_turn(turn["asked"], row["reason"], base, self.reference)
            need(due == row["receipt"], f"{where}: not the turn of its receipt")
            self.check_link(row, turn, "turns", where)
        links = [exact_json(each["link"]) for each in (*self.requests, *self.opened_turns) if each["link"]]
        need(len(set(links)) == len(links), "requests.jsonl.gz, turns.jsonl.gz: an earlier row is counted twice")
        return f"each of {len(self.rows)} receipts is the fingerprint of its wish, and every link is the one it says"

    def check_link(self, row, opened, kind, where):
        link, base = opened["link"], opened["base"]
        need(link_of(link, bytes.fromhex(base), self.reference) == row["before"], f"{where}: not the link of its row")
        if link and link["draw"] == self.reference:
            right = kind == "line" and link["list"] == "turns" and link["row"] < len(self.turns)
            need(right, f"{where}: a link to this draw that cannot be")
            need(self.opened_turns[link["row"]]["base"] == base, f"{where}: a link to the turn of another request")
            due = self.turns[link["row"]]["priority"]
            need(row["priority"] == due, f"{where}: a priority of {row['priority']}, but {due} in turns.csv")
            same = self.opened_turns[link["row"]].get("lasting") == opened.get("lasting")
            need(same, f"{where}: other draws last than in turns.jsonl.gz")

    def check_logged(self):
        """Whoever takes part asked before the list was closed, and each asked for themselves."""
        size = self.facts["receipts"]["size"]
        logged = [request["logged"] for request in self.requests]
        need(all(index < size for index in logged), "requests.jsonl.gz: a request came after the list was closed")
        need(len(set(logged)) == len(logged), "requests.jsonl.gz: two requests are one entry of the log")
        outside = [turn["logged"] for turn in self.opened_turns]
        free = ("unlogged", "before-format-2")
        right = all(
            row["reason"] in free if index is None else index < size
            for row, index in zip(self.turns, outside, strict=True)
        )
        need(right, "turns.jsonl.gz: a turn for a request that was not in the log")
        known = [index for index in outside if index is not None]
        need(len(set(known)) == len(known), "turns.jsonl.gz: two turns are for one entry of the log")
        return f"every request was in the log when the list was closed, at {size} entries"

    def check_rows(self):
        need(len(self.plan) == len(self.rows), "plan.csv: not a row for each request")
        for leaf, (row, placed) in enumerate(zip(self.rows, self.plan, strict=True)):
            same = (row["position"], row["served"]) == (placed["position"], "1" if placed["bin"] else "0")
            need(same, f"plan.csv, row {leaf}: line.csv states another position, or that another is served")
            salt = derived(bytes.fromhex(self.requests[leaf]["base"]), "place-salt", self.reference).hex()
            need(placed["salt"] == salt, f"plan.csv, row {leaf}: not the salt of its request")
        return "places were given to those whom the line shows as served"

    def check_places(self):
        """Everyone's place is the one in the result, for whoever holds a receipt."""
        root = self.result["places_root"]
        need(tree_root(self.place_records()).hex() == root, "the places do not give the root in result.json")
        return f"everyone's own receipt leads to their place; root {root}"

    def check_coarse(self):
        wishes = [{name: one[name] for name in one if name not in NOT_THE_WISH} for one in self.requests]
        nonces = [derived(bytes.fromhex(one["base"]), "draw-nonce", self.reference).hex() for one in self.requests]
        return check_coarse(self.coarse, self.rows, wishes, nonces)

    def place_records(self):
        records = []
        for leaf, row in enumerate(self.plan):
            served = row["bin"] != ""
            place = {"bin": int(row["bin"]), "first_slot": int(row["first_slot"])} if served else {}
            record = {"bin": None, "first_slot": None, "leaf": leaf, "units": numbers(row["units"])} | place
            records.append(exact_json(record | {"salt": row["salt"]}))
        return records
