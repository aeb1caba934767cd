"""A guesser with all that everyone has of a tiny draw tries every plan, and sees of none that it is right.

Before, the hashes of plan and problem had no secret in them: the right guess had the same ones.
"""

import json
import re
from base64 import b64decode
from hashlib import sha256
from itertools import product

import pytest

from allocation import certify, lottery
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws import formats
from booking.scheduling.draws.csv_tables import write_csv
from booking.scheduling.draws.decision import PLAN_COLUMNS
from booking.scheduling.draws.files import CERTIFICATE, PLAN, REQUESTS
from booking.scheduling.draws.format2.rows import place_records, root_of
from booking.scheduling.draws.format2.tables import ANNOUNCEMENT, FOR_EVERYONE, KEPT_TURNS, PROOFS, RESULT, STATEMENT
from tests.support.draw_files import invented_draw

HASH = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
NODE = re.compile(rb"(?m)^[A-Za-z0-9+/]{43}=$")
NO_SALT = b""


@pytest.fixture(scope="module")
def tiny():
    """Three people in line, one turn outside of it, and a day of one office."""
    drawn = invented_draw(4, largest=1, days=1, seed=5)
    assert len(drawn.closed.entrants) == 3
    return drawn


def shown(drawn):
    """Return every hash in the files for everyone, those of the log's tree too."""
    files = [drawn.files[name] for name in FOR_EVERYONE]
    nodes = [b64decode(node) for name in PROOFS.values() for node in NODE.findall(drawn.files[name])]
    return {digest.decode() for content in files for digest in HASH.findall(content)} | {node.hex() for node in nodes}


def every_plan(drawn):
    """Yield every plan for the people whom the line shows as served: the bin and the seat of each."""
    seats = [(number, ((slot, 1),)) for number, each in enumerate(drawn.closed.bins) for slot in each.slots]
    return product(*(seats if seat else [(-1, ())] for seat in drawn.decision.seats))


def guesses(drawn, plan):
    """Return what would confirm a plan: the hash of its file, of its bins, and of its places, each without a salt."""
    order = drawn.decision.problem.order.tolist()
    rows = [
        (leaf, order[leaf], number, seat[0][0], 1) if seat else (leaf, order[leaf], "", "", "")
        for leaf, (number, seat) in enumerate(plan)
    ]
    bins, taken = zip(*plan, strict=True)
    numbers = b"".join(number.to_bytes(4, "little", signed=True) for number in bins)
    places = place_records([NO_SALT] * len(plan), bins, taken)
    return {
        formats.digest(write_csv(PLAN_COLUMNS, rows)),
        sha256(b"mawid-plan-1\nbin_of_request <i4 %d\n%b" % (len(plan), numbers)).hexdigest(),
        lottery.merkle_root(places).hex(),
        *(sha256(record).hexdigest() for record in places),
    }


def test_no_hash_confirms_a_guessed_plan(tiny):
    tried = {guess for plan in every_plan(tiny) for guess in guesses(tiny, plan)}

    assert tried.isdisjoint(shown(tiny))
    former = {formats.digest(tiny.decision.plan_file()), certify(tiny.decision.problem, tiny.decision.plan).plan_sha256}
    assert former <= tried  # what stood there before there were salts


def test_no_hash_confirms_guessed_wishes(tiny):
    wishes = [each.leaf.wish.columns() for each in tiny.closed.entrants]
    bare = [canonical({name: value for name, value in wish.items() if name != "nonce"}) for wish in wishes]
    right = {sha256(wish).hexdigest() for wish in bare}
    right |= {sha256(canonical(wish | {"nonce": "0" * 32})).hexdigest() for wish in wishes}
    right |= {tiny.decision.problem.digest.hex()}

    assert right.isdisjoint(shown(tiny))


def test_every_hash_is_of_something_public_or_has_a_secret_in_it(tiny):
    """Whoever adds a hash to the files for everyone says here what it is of."""
    files, closed = tiny.files, tiny.closed
    public = {formats.digest(files[name].removesuffix(end)) for name in FOR_EVERYONE for end in (b"", b"\n")}
    public |= {root_of(closed.entrants).hex(), root_of(closed.turns).hex(), closed.statement["receipts"]["root"]}
    public |= {closed.statement["seed_commitment"], json.loads(files[RESULT])["seed"]}
    public |= {json.loads(files[RESULT])["beacon"]["value"], json.loads(files[CERTIFICATE])["sha256"]}

    entries = {name: json.loads(files[name]) for name in (ANNOUNCEMENT, STATEMENT, RESULT, CERTIFICATE)}
    hidden = {
        where for name, entry in entries.items() for where, value in hashes_in(entry, name) if value not in public
    }

    kept = (REQUESTS, KEPT_TURNS, PLAN)  # with the base nonces, and the place salts that follow from them
    assert hidden == {
        *(f"{holder} files {name}" for holder in (RESULT, CERTIFICATE) for name in kept),
        *(f"{STATEMENT} {rows} sha256" for rows in ("requests", "turns")),
        f"{RESULT} places_root",  # over records with place salts
        f"{STATEMENT} quota sha256",  # of a policy, which is about nobody
    }
    salts = [line.rpartition(b",")[2].decode() for line in files[PLAN].splitlines()[1:]]
    assert salts == [salt.hex() for salt in closed.place_salts]


def hashes_in(value, where):
    """Yield where a hash stands in JSON values, and the hash."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from hashes_in(each, f"{where} {name}")
    elif isinstance(value, str) and HASH.fullmatch(value.encode()):
        yield where, value
