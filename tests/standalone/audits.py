"""The value that picks the lines which observers open, as it should be and as somebody may bring it instead."""

import json
from hashlib import sha256

from booking.platform.base.exact_json import one_line
from booking.scheduling.draws.format2.audit import write_audit
from booking.scheduling.draws.format2.tables import AUDIT, BEACON, FOR_EVERYONE, RESULT, STATEMENT
from booking.transparency.beacons import bls
from booking.transparency.beacons.values import DRAND_DST, WITNESSES_DST, audit_message, round_message
from tests.standalone.vector_parts import NOT_ON_CURVE, OUTSIDE_GROUP, RECORDED
from tests.support.draw_files import SECRET


def audit_file(files, signature=None):
    """Return audit.json of a draw that a group of one or a chain of our own decides, or with another signature."""
    statement, result = (json.loads(files[name]) for name in (STATEMENT, RESULT))
    digest = sha256(files[RESULT].removesuffix(b"\n")).digest()
    return write_audit(statement, result, digest, signature or signature_for(result, digest))


def signature_for(result, digest, *, secret=SECRET, domain=None):
    message, due = audit_message(digest), WITNESSES_DST
    if result["audit"]:
        message, due = round_message(result["audit"]["round"]), DRAND_DST
    return bls.sign(secret, message, dst=domain or due)


def audits(draws):
    """Yield name, draw and content of an audit.json to put beside the draw's files; the first is the right one."""
    files = draws["next"].files
    right, result = audit_file(files), json.loads(files[RESULT])
    digest, said = sha256(files[RESULT][:-1]).digest(), json.loads(right)
    yield "the right one", "next", right
    yield "of another draw", "next", audit_file(draws["draw"].files)
    other = sha256(b"another result").digest()
    yield "of another result", "next", write_audit(*_facts(files), other, signature_for(result, other))
    signatures = {
        "of the closing statement": bytes.fromhex(json.loads(files[BEACON])["signature"]),
        "of another group": signature_for(result, digest, secret=SECRET + 1),
        "in the domain of drand": signature_for(result, digest, domain=DRAND_DST),
        "infinity": bytes([0xC0, *bytes(47)]),
        "no point": bytes.fromhex(NOT_ON_CURVE),
        "a point outside of the group": bytes.fromhex(OUTSIDE_GROUP),
        "not compressed": bytes([bytes.fromhex(said["signature"])[0] ^ 0x80, *bytes.fromhex(said["signature"])[1:]]),
    }
    for name, signature in signatures.items():
        yield f"a signature {name}", "next", audit_file(files, signature)
    changes = {"a round where there is none": {"round": 7}, "another kind": {"kind": "drand"}, "a key more": {"at": 0}}
    changes |= {"another value": {"value": "0" * 64}, "a hash of the result less": {"result": "0" * 62}}
    for name, change in changes.items():
        yield name, "next", one_line(said | change)
    yield "a key less", "next", one_line({key: value for key, value in said.items() if key != "result"})
    spellings = {"cut off": right[:-20], "without an end": right[:-1], "with two ends": right + b"\n", "empty": b""}
    spellings |= {"a key twice": right.replace(b'{"kind"', b'{"kind":"drand","kind"'), "a blank": right + b" "}
    spellings |= {"capital digits": right.replace(said["value"].encode(), said["value"].upper().encode())}
    for name, content in spellings.items():
        yield name, "next", content
    yield "the round before", "drand", audit_file(draws["drand"].files, RECORDED)


def audit_cases(draws, reason):
    """Return the vectors of `audits`; ``reason`` says why the independent program refuses files, if it does."""
    cases = []
    for name, draw, content in audits(draws):
        public = {each: draws[draw].files[each] for each in FOR_EVERYONE}
        said = reason(public | {AUDIT: content})
        cases.append({"name": name, "draw": draw, "audit": content.decode(), "reason": said})
    return cases


def _facts(files):
    return json.loads(files[STATEMENT]), json.loads(files[RESULT])
