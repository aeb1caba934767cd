"""Find one request in a draw of format 2, by its receipt or its owner's file; for `second_draw.py`."""

from pathlib import Path

from log_proofs import check_proof, leads_to
from opened_draw import derived, link_of, receipt_of_asking, receipt_of_draw
from plan_checks import PlanChecks
from second_files import check_services, read_own
from strict_reading import exact_json, need, numbers


def check_own(draw, receipt):
    """Find a request by its draw receipt, or by the file that its owner has."""
    if Path(receipt).is_file():
        return check_own_file(draw, Path(receipt))
    leaf = next((leaf for leaf, row in enumerate(draw.rows) if row["receipt"] == receipt), None)
    need(leaf is not None, "no request with this receipt took part")
    return f"the request with this receipt took part: {words_of(draw, leaf)}"


def words_of(draw, leaf):
    row = draw.rows[leaf]
    return f"row {leaf}, position {row['position']}, {'a place' if row['served'] == '1' else 'no place'}"


def check_own_file(draw, path):
    own, proof = read_own(path)
    leaf, base, wish, place = own["leaf"], bytes.fromhex(own["base"]), own["wish"], own["place"]
    need(own["draw"] == draw.reference, f"{path.name} is about the draw {own['draw']}, not {draw.reference}")
    need(leaf < len(draw.rows), f"{path.name}: no row {leaf} in line.csv")
    check_services(wish, draw.facts["format"], path.name)
    row = draw.rows[leaf]
    right = receipt_of_draw(wish, base, draw.reference) == row["receipt"]
    need(right, f"{path.name}: row {leaf} of line.csv is not this request")
    need(link_of(own["link"], base, draw.reference) == row["before"], f"{path.name}: row {leaf} has another link")
    entry = exact_json({"type": "receipt", "receipt": receipt_of_asking(wish, base)})
    check_proof(proof, entry, draw.log, f"{path.name}, log_proof")
    logged = own["logged"] == proof.index < draw.facts["receipts"]["size"]
    need(logged, f"{path.name}: the request was not in the log when it closed")
    if place is None:
        return f"your request took part: {words_of(draw, leaf)}"
    need((place["bin"] is not None) == (row["served"] == "1"), f"{path.name}: a place without being served, or not")
    salt = derived(base, "place-salt", draw.reference).hex()
    record = {name: place[name] for name in ("bin", "first_slot", "units")} | {"leaf": leaf, "salt": salt}
    siblings, root = [bytes.fromhex(each) for each in place["siblings"]], bytes.fromhex(draw.result["places_root"])
    inside = leads_to(root, exact_json(record), leaf, len(draw.rows), siblings)
    need(inside, f"{path.name}: the place is not the one that was published")
    need(place["bin"] is None or sits_well(draw, wish, place), f"{path.name}: no place that was free and wished for")
    where = "" if place["bin"] is None else f" in bin {place['bin']}, from slot {place['first_slot']}"
    return f"your request took part: {words_of(draw, leaf)}{where}"


def sits_well(draw, wish, place):
    """Whether a place is in touching free slots of one bin, for everyone of the party, and one that was wished for."""
    if place["bin"] >= len(draw.bins):
        return False
    each = draw.bins[place["bin"]]
    slots, free, units = numbers(each["slots"]), numbers(each["free"]), place["units"]
    begin = slots.index(place["first_slot"]) if place["first_slot"] in slots else len(slots)
    there = free[begin : begin + len(units)]
    whole = len(there) == len(units) and sum(units) == wish["units"]
    alone = PlanChecks()
    alone.requests, alone.bins = [wish], [each]
    wished = alone.acceptable_pairs()[1].size > 0
    return wished and whole and all(taken <= most for taken, most in zip(units, there, strict=True))
