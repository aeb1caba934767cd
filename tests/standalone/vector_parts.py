"""The small vectors: hashes, notes of the log, and signatures of beacons; for `make_vectors.py`."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256

from booking.transparency.beacons import bls
from booking.transparency.beacons.values import DRAND_DST, WITNESSES_DST
from tests.standalone.program import Folder, part
from tests.support.draw_files import SECRET

RECORDED_AT = datetime(2023, 9, 15, 10, 50, 1, tzinfo=UTC)
"""A closing for which the recorded round is the first one ten minutes later."""
RECORDED = bytes.fromhex(
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)
QUICKNET = {
    "kind": "drand",
    "chain": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    "key": (
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
        "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    "genesis": 1692803367,
    "period": 3,
    "round": 657413,
}
_DERIVED = ("draw-nonce", "turn-nonce", "link-salt", "place-salt")
NOT_ON_CURVE = "8" + "0" * 94 + "1"
OUTSIDE_GROUP = "a" + "0" * 94 + "4"  # on the curve, but not in the group of prime order


def hashes(drawn):
    """Return what follows from what, for each step from a base nonce to the line."""
    opened, log, audit = part("opened_draw"), part("log_proofs"), part("audit_value")
    draw = part("second_draw").SecondDraw(Folder(drawn.files))
    reference = draw.reference
    for check in (draw.check_line, draw.check_opened):
        check()
    wishes = [{key: value for key, value in one.items() if key not in opened.NOT_THE_WISH} for one in draw.requests]
    bases = [bytes.fromhex(one["base"]) for one in draw.requests]
    key = draw.seed + bytes.fromhex(draw.beacon["value"]) + draw.statement_hash
    records = [b"%d" % number for number in range(7)]
    return {
        "derived": [
            {
                "base": base.hex(),
                "draw": reference,
                **{what: opened.derived(base, what, reference).hex() for what in _DERIVED},
            }
            for base in bases[:3]
        ],
        "receipts": [
            {
                "wish": wish,
                "base": base.hex(),
                "draw": reference,
                "receipt of asking": opened.receipt_of_asking(wish, base),
                "draw receipt": opened.receipt_of_draw(wish, base, reference),
            }
            for wish, base in zip(wishes, bases, strict=True)
        ],
        "links": [
            {"link": one["link"], "base": one["base"], "draw": reference, "before": row["before"]}
            for row, one in zip(draw.rows, draw.requests, strict=True)
            if one["link"]
        ],
        "turns": [
            {
                "asked": one["asked"],
                "base": one["base"],
                "draw": reference,
                "reason": row["reason"],
                "receipt": row["receipt"],
            }
            for row, one in zip(draw.turns, draw.opened_turns, strict=True)
        ],
        "records": {
            "leaf": draw.record(draw.rows[0], "person", "priority", "receipt").decode(),
            "turn": draw.record(draw.turns[0], "priority", "reason", "receipt").decode(),
            "places": [place.decode() for place in draw.place_records()],
            "places_root": draw.result["places_root"],
        },
        "trees": [
            {"records": [record.decode() for record in records[:size]], "root": log.tree_root(records[:size]).hex()}
            for size in (0, 1, 2, 3, 4, 7)
        ],
        "line": {
            "seed": draw.seed.hex(),
            "value": draw.beacon["value"],
            "statement": draw.statement_hash.hex(),
            "rows": [
                {
                    "person": row["person"],
                    "priority": row["priority"],
                    "receipt": row["receipt"],
                    "number": hmac.digest(key, bytes.fromhex(row["person"]), "sha256").hex(),
                    "position": int(position),
                }
                for row, position in zip(draw.rows, draw.position, strict=True)
            ],
        },
        "samples": [{"lines": lines, "opened": audit.sample_size(lines)} for lines in (0, 1, 999, 2000, 10_000)],
        "picks": {
            "value": draw.beacon["value"],
            "result": draw.statement_hash.hex(),
            "lines": 1000,
            "rows": audit.picked(bytes.fromhex(draw.beacon["value"]), draw.statement_hash, 1000, 40),
        },
        "rounds": [
            {"genesis": genesis, "period": period, "closes_at": at, "round": number, "comes_out": comes_out}
            for genesis, period, at, number, comes_out in _rounds(part("beacon_value"))
        ],
    }


def _rounds(beacon):
    times = ("2023-09-15T10:50:01+00:00", "2023-09-15T10:50:03+00:00", "2023-09-15T10:50:03.000001+00:00")
    for genesis, period in ((1692803367, 3), (0, 30)):
        for at in (*times, "2000-01-01T00:00:00+00:00"):
            terms = {"genesis": genesis, "period": period}
            number = beacon.first_round(terms, at)
            yield genesis, period, at, number, beacon.round_time(terms, number)


def notes(drawn):
    """Return proofs of the log with what a verifier makes of each: when each witness saw it, or a reason."""
    announcement = json.loads(drawn.files["announcement.json"])
    good = drawn.files["statement.tlog-proof"].decode()
    lines = good.splitlines(keepends=True)
    cases = {
        "a good one": good,
        "of the first entry": str(drawn.log.proof(0)),
        "with a line of somebody unknown": good + "\u2014 nobody.example AAAAAAA=\n",
        "signed by nobody": "".join(lines[:-3]),
        "with an end of line too many": good + "\n",
        "without an end": good[:-1],
        "of the old kind": good.replace("@v1", "@v0", 1),
        "with a line of the checkpoint more": good.replace("\n\n\u2014", "\nmore\n\n\u2014", 1),
        "of a log with another name": good.replace("\nmawid.example/log\n", "\nmawid.example/lag\n", 1),
        "with a cosignature of somebody else": "".join([*lines[:-2], lines[-2].replace("-0.", "-1."), lines[-1]]),
        "with base64 in two spellings": good.replace("=\n", "\n", 1),
        "with an index with a zero ahead": good.replace("index ", "index 0", 1),
    }
    records = {"first": drawn.log.entries[0], "statement": drawn.files["statement.json"][:-1]}
    return {
        "log": announcement["log"],
        "witnesses": announcement["witnesses"],
        "entries": {name: record.decode() for name, record in records.items()},
        "cases": [_note(name, text, records, announcement) for name, text in cases.items()],
    }


def _note(name, text, records, announcement):
    log = part("log_proofs")
    keys = [log.read_key(announcement["log"], log.LOG_KEY, "log")]
    keys += [log.read_key(each, log.WITNESS_KEY, "witness") for each in announcement["witnesses"]]
    which = "first" if "first" in name else "statement"
    case = {"name": name, "entry": which, "proof": text}
    try:
        proof = log.read_proof(text.encode(), "proof")
        log.check_proof(proof, records[which], keys[0], "proof")
        return case | {"seen": log.times_seen(proof, keys[1:], "proof")}
    except part("strict_reading").WrongError as error:
        return case | {"reason": str(error)}


def beacons():
    """Return signatures with whether the key made them."""
    statement = sha256(b"a closing statement").digest()
    message = sha256(b"mawid-witness-round-v1\n" + statement).digest()
    ours, key = bls.sign(SECRET, message, dst=WITNESSES_DST), bls.public_key(SECRET).hex()
    recorded, group = QUICKNET, {"kind": "witnesses", "key": key}
    other = bls.sign(SECRET, message, dst=DRAND_DST)
    cases = [
        ("quicknet, round 657413", recorded, RECORDED.hex()),
        ("quicknet, the next round", recorded | {"round": 657414}, RECORDED.hex()),
        ("quicknet, as if it were the witnesses'", group | {"key": recorded["key"]}, RECORDED.hex()),
        ("witnesses", group, ours.hex()),
        ("witnesses, in the domain of drand", group, other.hex()),
        ("the other point of the same height", group, f"{int(ours.hex()[0], 16) ^ 2:x}{ours.hex()[1:]}"),
        ("infinity", group, "c" + "0" * 95),
        ("no point", group, NOT_ON_CURVE),
        ("a point outside of the group", group, OUTSIDE_GROUP),
        ("not compressed", group, f"{int(ours.hex()[0], 16) ^ 8:x}{ours.hex()[1:]}"),
        ("a key at infinity", group | {"key": "c" + "0" * 191}, ours.hex()),
    ]
    return [_beacon(name, terms, statement, signature) for name, terms, signature in cases]


def _beacon(name, terms, statement, signature):
    beacon = part("beacon_value")
    message, domain = beacon.message_for(terms, statement)
    case = {"name": name, "terms": terms, "statement": statement.hex(), "message": message.hex()}
    case |= {"domain": domain.decode(), "signature": signature}
    try:
        good = beacon.signed(bytes.fromhex(terms["key"]), bytes.fromhex(signature), message, domain)
    except part("strict_reading").WrongError as error:
        return case | {"good": False, "reason": str(error)}
    return case | {"good": good, "value": sha256(bytes.fromhex(signature)).hexdigest()}
