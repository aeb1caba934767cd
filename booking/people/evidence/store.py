"""Evidence in its place: every page a file of its own, encrypted, under a random name."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from booking.people.evidence.errors import EvidenceUnavailableError
from booking.platform.base.vault import HEAD_BYTES, Vault, key_named
from booking.platform.files.place import FileMissingError, Files, FilesAwayError

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PURPOSE: Final = "evidence"


class EvidenceStore:
    """Keeps pages by evidence id and page number, encrypted with AES-256-GCM under a key of the vault.

    Id and number are bound into each file, so that files cannot be exchanged. All machines share one place.
    """

    def __init__(self, files: Files, vault: Vault, kind: str = "") -> None:
        self._files, self._vault, self._kind = files, vault, kind

    def put(self, evidence_id: UUID, page: int, content: bytes) -> None:
        """Write a page so that it is there whole or not at all; raises EvidenceUnavailableError."""
        sealed = self._vault.seal(content, self._about(evidence_id, page), purpose=PURPOSE)
        try:
            self._files.put(self._key(evidence_id, page), sealed)
        except FilesAwayError as error:
            raise EvidenceUnavailableError from error

    def get(self, evidence_id: UUID, page: int) -> bytes:
        """Read a page; raises EvidenceUnavailableError where it is missing or was changed."""
        try:
            sealed = self._files.get(self._key(evidence_id, page))
            return self._vault.unseal(sealed, self._about(evidence_id, page), purpose=PURPOSE)
        except FilesAwayError as error:
            raise EvidenceUnavailableError from error
        except (FileMissingError, InvalidTag, ValueError) as error:
            log.warning("file_lost", missing=isinstance(error, FileMissingError))
            raise EvidenceUnavailableError from error

    def remove(self, evidence_id: UUID, pages: int) -> None:
        """Remove all pages, of which no row counts any more: what is left where that fails a night's job takes away."""
        with suppress(FilesAwayError):  # it is in the log, with the cause
            self._files.remove(self._key(evidence_id, page) for page in range(pages))

    def older_than(self, instant: float) -> Iterator[tuple[UUID, str]]:
        """Yield the files last changed before a POSIX time, by their keys, with the evidence that they belong to."""
        for kept in self._files.list(self._kind):
            if kept.changed_at < instant:
                yield self._named(kept.key)[0], kept.key

    def heads(self) -> Iterator[tuple[UUID, int, str]]:
        """Yield every page, as evidence id and number, with the id of the secret that sealed it ("" for none)."""
        for kept in self._files.list(self._kind):
            with suppress(FileMissingError):
                yield (*self._named(kept.key), key_named(self._files.head(kept.key, HEAD_BYTES)))

    def seal_anew(self, evidence_id: UUID, page: int) -> None:
        """Seal a page with the secret in use; one that is removed or written meanwhile stays as it is then.

        Raises
        ------
        EvidenceUnavailableError
            It was changed, or cannot be read or written.
        """

        def anew(sealed: bytes) -> bytes:
            about = self._about(evidence_id, page)
            return self._vault.seal(self._vault.unseal(sealed, about, purpose=PURPOSE), about, purpose=PURPOSE)

        try:
            self._files.replace(self._key(evidence_id, page), anew)
        except (FilesAwayError, InvalidTag, OverflowError) as error:  # no page of ours has such a number
            raise EvidenceUnavailableError from error

    def remove_strays(self, keys: Sequence[str]) -> None:
        """Remove files by their keys, but none that a secret sealed which is not known here; raises FilesAwayError."""
        self._files.remove([key for key in keys if self._may_be_ours(key)])

    def sweep(self, before: float) -> None:
        """Remove what writes left that broke off before a POSIX time; raises FilesAwayError."""
        self._files.sweep(before)

    def _key(self, evidence_id: UUID, page: int) -> str:
        folder = f"{self._kind}/" if self._kind else ""
        return f"{folder}{evidence_id.hex[:2]}/{evidence_id.hex}-{page}"

    def _may_be_ours(self, key: str) -> bool:
        """Return whether a secret of ours sealed a file, or one from before secrets were named."""
        try:
            named = key_named(self._files.head(key, HEAD_BYTES))
        except FileMissingError:
            return False
        return not named or named in {one.key_id.hex() for one in self._vault.known}

    @staticmethod
    def _named(key: str) -> tuple[UUID, int]:
        name, _, page = key.rpartition("/")[2].partition("-")
        return UUID(name), int(page)

    @staticmethod
    def _about(evidence_id: UUID, page: int) -> bytes:
        return evidence_id.bytes + page.to_bytes(2, "big")
