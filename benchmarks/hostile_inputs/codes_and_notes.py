"""Parsers of what is signed or sealed: passes, results, notes, beacons, webhooks, tokens, age files, passkeys."""

import io
from base64 import urlsafe_b64encode
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from benchmarks.hostile_inputs.target import Target, header, typed
from benchmarks.hostile_inputs.tokens import NOW, SECRET, VAULT
from booking.desk.counter.arrive import as_scanned
from booking.eservices.online.issue import ForgedResultError, ResultCode, read_result, result_key, sign_result
from booking.eservices.online.post_desk import ForgedSheetError, read_sheet, sign_sheet
from booking.operations.backup.age import (
    AgeError,
    new_identity,
    read_identities,
    recipient_of,
    seal,
    unseal,
)
from booking.operations.backup.manifest import Manifest
from booking.platform.base.exact_json import canonical, read_canonical
from booking.platform.base.webhooks import read_secrets
from booking.scheduling.appointments.passes import ForgedPassError, PassContent, read, sign
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import read_group
from booking.transparency.beacons.identity import WitnessKeys, read_identity, write_identity
from booking.transparency.log.checkpoints import read_bundle, read_checkpoint
from booking.transparency.log.entries import read_entry
from booking.transparency.log.notes import NoteError, read_note, read_vkey
from booking.transparency.log.proofs import read_proof
from booking.transparency.observers.keys import SignedCall, read_observer_key
from booking.transparency.witness.cosigning import read_offer
from booking.transparency.witness.errors import WitnessError
from tests.support.own_log import OwnLog

VECTORS: Final = Path(__file__).parents[2] / "tests" / "standalone" / "vectors"
PASS_KEY: Final = VAULT.signing_key("pass signature")
IDENTITY: Final = new_identity()
LOG: Final = OwnLog(1)
LOG.add(b'{"a":1}', NOW)
LOG.add(b'{"a":2}', NOW)


def _pass(data: bytes) -> None:
    read(as_scanned(typed(data)), PASS_KEY.public_key())


def _result(data: bytes) -> None:
    read_result(typed(data), result_key(VAULT).public_key())


def _signed_result(data: bytes) -> None:
    """Read a code that our own key signed over whatever the input says: what follows a right signature."""
    key = result_key(VAULT)
    read_result(urlsafe_b64encode(data + key.sign(data)).decode().rstrip("="), key.public_key())


def _exact(data: bytes) -> None:
    if canonical(read_canonical(data)) != data:
        raise AssertionError("it was read and is written in another way")


def _notes(data: bytes) -> None:
    """Read the input as each kind of note; only that no other error comes out of any of them counts."""
    for reader in (
        read_note,
        read_proof,
        read_bundle,
        read_entry,
        lambda content: read_checkpoint(content, [LOG.key]),
        lambda content: read_vkey(typed(content)),
        lambda content: read_observer_key(typed(content)),
        lambda content: SignedCall.read(header(content)),
    ):
        try:
            reader(data)
        except NoteError:
            continue


def _offer(data: bytes) -> None:
    read_offer(data, LOG.key)


def _beacons(data: bytes) -> None:
    for reader in (read_group, read_identity):
        try:
            reader(data)
        except BeaconError:
            continue


def _age(data: bytes) -> None:
    unseal(io.BytesIO(data), io.BytesIO(), [IDENTITY])


def _some_age_file(content: bytes) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(content), target, [recipient_of(IDENTITY)])
    return target.getvalue()


def _keys(data: bytes) -> None:
    for reader in (read_identities, recipient_of, read_secrets):
        try:
            reader(typed(data))
        except ValueError:
            continue


def _manifest(data: bytes) -> None:
    Manifest.model_validate_json(data)


MANIFEST: Final = (
    b'{"format":1,"made_at":"2026-11-01T06:00:00Z","mawid":"1","schema_revision":"a","postgresql":18,'
    b'"pg_dump":18,"secret":"","files":{"database.dump":"00"}}'
)


def targets() -> tuple[Target, ...]:
    """Return the targets."""
    return (
        Target(
            "passes",
            _pass,
            (ForgedPassError,),
            (sign(PassContent("7K2M9D4QX", 1, NOW, 2), PASS_KEY).encode(), "لاٌُ÷×".encode()),
            longest=1024,
        ),
        Target(
            "results",
            _result,
            (ForgedResultError,),
            (
                sign_result(
                    ResultCode("7K2M9D4QX", NOW.date(), NOW.date(), date(2027, 1, 1), "clearance", "أمل", "1"),
                    result_key(VAULT),
                ).encode(),
                b"https://mawid.example/check#AQ",
            ),
            longest=4096,
        ),
        Target(
            "signed-results",
            _signed_result,
            (ForgedResultError,),
            (b"\x01" + b"7K2M9D4QX" + bytes(6) + b"\x01a\x01b\x01c",),
            longest=1024,
        ),
        Target(
            "sheets",
            lambda data: read_sheet(VAULT, as_scanned(typed(data))),
            (ForgedSheetError,),
            (sign_sheet(VAULT, "7K2M9D4QX", 1).encode(),),
            longest=1024,
        ),
        Target(
            "exact-json",
            _exact,
            (ValueError,),
            (b'{"a":1,"b":["c",{"d":null}],"e":true}', (VECTORS / "draw" / "statement.json").read_bytes()[:-1]),
            (
                b'"',
                b"\\u0000",
                b"\\ud800",
                b"1e5",
                b"-0",
                b"NaN",
                b"[[[[[[[[",
                b"{",
                b"}",
                b",",
                b"9223372036854775807",
            ),
        ),
        Target(
            "notes",
            _notes,
            (),
            (
                str(LOG.note(2, NOW)).encode(),
                str(LOG.proof(1)).encode(),
                (VECTORS / "draw" / "statement.tlog-proof").read_bytes(),
                LOG.key.text.encode(),
                b"\x00\x07" + b'{"a":1}',
                (VECTORS / "draw" / "announcement.json").read_bytes()[:-1],
            ),
            (b"\n\n", "— ".encode(), b"index ", b"c2sp.org/tlog-proof@v1\n", b"+", b"="),
        ),
        Target(
            "offers",
            _offer,
            (WitnessError,),
            (
                b"old 0\n\n" + str(LOG.note(2, NOW)).encode(),
                b"old 1\n" + b"A" * 43 + b"=\n\n" + str(LOG.note(2, NOW)).encode(),
            ),
            (b"old ", b"\n\n", "— ".encode()),
        ),
        Target(
            "beacons",
            _beacons,
            (),
            (write_identity(WitnessKeys.new(), name="one.example", url="https://one.example"),),
            (b'"vkey"', b'"key"', b'"format"', b"null", b"\n"),
        ),
        Target(
            "age",
            _age,
            (AgeError,),
            (
                _some_age_file(b""),
                _some_age_file(b"a" * 70_000)[:66_000],
                b"age-encryption.org/v1\n-> X25519 "
                + b"A" * 43
                + b"\n"
                + b"A" * 43
                + b"\n--- "
                + b"A" * 43
                + b"\n"
                + bytes(32),
            ),
            (b"-> X25519 ", b"-> scrypt ", b"--- ", b"\n"),
            longest=1 << 17,
        ),
        Target(
            "keys",
            _keys,
            (),
            (IDENTITY.encode(), recipient_of(IDENTITY).encode(), SECRET.encode()),
            (b"age1", b"AGE-SECRET-KEY-1", b"#", b"\n", b"whsec_", b","),
            longest=4096,
        ),
        Target(
            "manifests",
            _manifest,
            (ValidationError,),
            (MANIFEST,),
            (b"evidence/", b"../", b"database.dump.age", b"1e400"),
        ),
    )
