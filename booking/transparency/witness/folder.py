"""The folder of a witness: its name and keys, the log that it watches, and the checkpoint that it stands by."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.identity import Identity, WitnessKeys, read_identity, write_identity
from booking.transparency.log.checkpoints import Checkpoint, read_checkpoint
from booking.transparency.log.notes import COSIGNATURE, ED25519, Note, NoteError, VerifierKey, read_vkey
from booking.transparency.witness.errors import WitnessError
from booking.transparency.witness.line import checked_address

OWN: Final = 0o600
"""Of what nobody else may read."""
SHOWN: Final = 0o644
_LOCK: Final = "witness.lock"


def write_durably(path: Path, content: bytes, *, mode: int = SHOWN) -> None:
    """Replace a file as a whole, and return once the disk has it."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)


def add_durably(path: Path, line: str) -> None:
    """Add a line to a file; what a cut in the power left of an earlier one is no line and stays alone."""
    with path.open("ab") as file:
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return once the disk knows the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder, so that no second process signs with its key.

    Raises
    ------
    WitnessError
        Another process holds it.
    """
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWN)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise WitnessError(f"another witness runs in {folder}") from None
    finally:
        os.close(descriptor)


KEYS: Final = "keys"
IDENTITY: Final = "identity.json"
LOG: Final = "log.json"
ACCEPTED: Final = "checkpoint"


@dataclass(frozen=True, slots=True)
class Log:
    """The log that a witness watches: its address, and the key that it had from the first day."""

    address: str
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class Folder:
    """An opened folder; ``keys`` sign checkpoints under ``name``, and open what other witnesses deal."""

    path: Path
    name: str
    keys: WitnessKeys

    @classmethod
    def new(cls, path: Path, name: str, *, url: str | None = None) -> Self:
        """Make a folder with new keys, which only its owner can read.

        Parameters
        ----------
        url
            Where the witness is asked, if it serves; None where it only watches.

        Raises
        ------
        WitnessError
            The folder has a witness already.
        BeaconError
            The name or the address cannot be one.
        """
        if (path / KEYS).exists():
            raise WitnessError(f"{path} has a witness already; its keys are never replaced")
        made = cls(path, name, WitnessKeys.new())
        identity = write_identity(made.keys, name=name, url=url)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(path / IDENTITY, identity)
        write_durably(path / KEYS, made.keys.content.hex().encode() + b"\n", mode=OWN)
        return made

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the folder of a witness.

        Raises
        ------
        WitnessError
            There is none, or its files are damaged.
        """
        try:
            keys = WitnessKeys.of(bytes.fromhex((path / KEYS).read_text(encoding="ascii").strip()))
            found = cls(path, read_identity((path / IDENTITY).read_bytes()).name, keys)
        except FileNotFoundError:
            raise WitnessError(f"{path} has no witness: mawid witness new {path} --name NAME") from None
        except (OSError, ValueError, BeaconError):
            raise WitnessError(f"{path}: {KEYS} or {IDENTITY} is damaged") from None
        if found.vkey != found.identity.vkey:
            raise WitnessError(f"{path}: {IDENTITY} is of other keys than {KEYS}")
        return found

    @property
    def identity(self) -> Identity:
        """What others know of this witness."""
        return read_identity((self.path / IDENTITY).read_bytes())

    @property
    def vkey(self) -> VerifierKey:
        """By which everybody checks this witness's cosignatures."""
        return VerifierKey.of(self.name, self.keys.signing, COSIGNATURE)

    def log(self) -> Log:
        """Return the log that it watches.

        Raises
        ------
        WitnessError
            It watches none yet, or the file is damaged.
        """
        try:
            content: dict[str, Any] = json.loads((self.path / LOG).read_bytes())
            return Log(checked_address(content["address"]), read_vkey(content["vkey"], kind=ED25519))
        except FileNotFoundError:
            raise WitnessError(f"{self.path} watches no log yet: name its address with --log") from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise WitnessError(f"{self.path / LOG} is damaged") from None

    def watches(self) -> bool:
        """Return whether a log was ever named."""
        return (self.path / LOG).exists()

    def pin(self, log: Log) -> None:
        """Keep the log's key for good: nobody can put another one in its place later.

        Raises
        ------
        WitnessError
            Another key was kept before.
        """
        if self.watches() and self.log().key != log.key:
            raise WitnessError(f"{log.key.name} shows another key than the one kept in {self.path / LOG}")
        write_durably(self.path / LOG, _json({"address": log.address, "vkey": log.key.text}))

    def accepted(self, key: VerifierKey) -> tuple[Checkpoint, Note] | None:
        """Return the newest checkpoint that it stands by; None before the first.

        Raises
        ------
        WitnessError
            The file is damaged: then it signs nothing, since it does not know what it signed.
        """
        try:
            return read_checkpoint((self.path / ACCEPTED).read_bytes(), [key])
        except FileNotFoundError:
            return None
        except NoteError as error:
            raise WitnessError(f"{self.path / ACCEPTED}: {error}") from None


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
