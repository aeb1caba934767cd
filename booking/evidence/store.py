"""The folder with the evidence: every page a file of its own, encrypted, under a random name."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag

from booking.base.vault import HEAD_BYTES, Vault, key_named
from booking.evidence.errors import EvidenceUnavailableError

PURPOSE: Final = "evidence"


class EvidenceStore:
    """Keeps pages by evidence id and page number, encrypted with AES-256-GCM under a key of the vault.

    Id and number are bound into each file, so that files cannot be exchanged. Several machines share one folder.
    """

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder, self._vault = folder, vault

    def put(self, evidence_id: UUID, page: int, content: bytes) -> None:
        """Write a page so that it is whole on disk or not there; raises EvidenceUnavailableError."""
        path = self._path(evidence_id, page)
        sealed = self._vault.seal(content, self._about(evidence_id, page), purpose=PURPOSE)
        draft = path.with_suffix(".draft")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(draft, sealed)
            draft.replace(path)
        except OSError as error:
            raise EvidenceUnavailableError from error

    def get(self, evidence_id: UUID, page: int) -> bytes:
        """Read a page; raises EvidenceUnavailableError where it is missing or was changed."""
        try:
            sealed = self._path(evidence_id, page).read_bytes()
            return self._vault.unseal(sealed, self._about(evidence_id, page), purpose=PURPOSE)
        except (OSError, InvalidTag, ValueError) as error:
            raise EvidenceUnavailableError from error

    def remove(self, evidence_id: UUID, pages: int) -> None:
        """Remove all pages; those that are gone already are not a mistake."""
        for page in range(pages):
            with suppress(FileNotFoundError):
                self._path(evidence_id, page).unlink()

    def older_than(self, instant: float) -> Iterator[tuple[UUID, Path]]:
        """Yield the files last changed before a POSIX time, with the evidence that they belong to."""
        for path in self._folder.glob("*/*"):
            with suppress(ValueError, FileNotFoundError):
                if path.stat().st_mtime < instant:
                    yield UUID(path.name.partition("-")[0]), path

    def heads(self) -> Iterator[tuple[UUID, int, str]]:
        """Yield every page, as evidence id and number, with the id of the secret that sealed it ("" for none)."""
        for path in self._folder.glob("??/*-*"):
            name, _, page = path.name.partition("-")
            found: tuple[UUID, int, str] | None = None
            with suppress(ValueError, FileNotFoundError), path.open("rb") as file:
                found = UUID(name), int(page), key_named(file.read(HEAD_BYTES))
            if found is not None:
                yield found

    def seal_anew(self, evidence_id: UUID, page: int) -> None:
        """Seal a page with the secret in use; it keeps its time, by which it is removed.

        A page that is removed or written meanwhile stays as it is then.

        Raises
        ------
        EvidenceUnavailableError
            It was changed, or cannot be written.
        """
        path = self._path(evidence_id, page)
        draft = path.with_suffix(".anew")
        about = self._about(evidence_id, page)
        with suppress(FileNotFoundError):
            before = path.stat()
            try:
                content = self._vault.unseal(path.read_bytes(), about, purpose=PURPOSE)
            except InvalidTag as error:
                raise EvidenceUnavailableError from error
            self._write(draft, self._vault.seal(content, about, purpose=PURPOSE))
            os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
            try:
                now = path.stat()
                if (now.st_ino, now.st_mtime_ns) == (before.st_ino, before.st_mtime_ns):
                    draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)

    @staticmethod
    def _write(draft: Path, sealed: bytes) -> None:
        """Write a file in full, readable by its owner only."""
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())

    def _path(self, evidence_id: UUID, page: int) -> Path:
        return self._folder / evidence_id.hex[:2] / f"{evidence_id.hex}-{page}"

    @staticmethod
    def _about(evidence_id: UUID, page: int) -> bytes:
        return evidence_id.bytes + page.to_bytes(2, "big")
