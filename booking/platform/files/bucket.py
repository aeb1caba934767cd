"""A bucket of S3, or of anything that speaks its protocol: every write is read back before it counts."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import (
    BaseError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from booking.platform.base.settings_servers import FilesSettings
from booking.platform.files.place import Cause, FileMissingError, FilesAwayError, Kept, is_of

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

CONNECT_WITHIN: Final = timedelta(seconds=2)
TRIES_AGAIN: Final = 1
"""What broke for a moment is asked once more; a write that nobody answered is not, as it may have been done."""
_SAME_TIME: Final = 0.001
"""Seconds: what a disk may round."""
_AT_ONCE: Final = 1000
"""Names in one call, of those that are listed and those that are removed."""
_SAID: Final = (
    *(("<code>nosuchbucket", Cause.NO_BUCKET), ("status: 403", Cause.REFUSED), ("status: 401", Cause.REFUSED)),
    *(("status: 507", Cause.FULL), ("storagefull", Cause.FULL), ("quotaexceeded", Cause.FULL)),
    *(("kind: timeout", Cause.SLOW), ("timedout", Cause.SLOW), ("kind: connect", Cause.UNREACHABLE)),
)
"""Words of the library's errors, which are of few classes, and show addresses and names: they are never logged."""


class BucketFiles:
    """Keeps each file as an object, in one call each; where an object was changed meanwhile is told by its ``ETag``."""

    def __init__(self, settings: FilesSettings) -> None:
        self._bucket: Final = settings.s3_bucket or ""
        self._store: Final = _open(settings)

    @property
    def where(self) -> str:
        """The bucket's name."""
        return f"the bucket {self._bucket}"

    def put(self, key: str, content: bytes) -> None:
        """Write an object, then read it back: a place that keeps something else, or nothing, is not believed."""
        with _causes():
            obstore.put(self._store, key, content, use_multipart=False)
        self._require(key, content)

    def get(self, key: str) -> bytes:
        """Return an object; raises FileMissingError."""
        with _causes():
            return bytes(obstore.get(self._store, key).bytes())

    def head(self, key: str, length: int) -> bytes:
        """Return what an object begins with; raises FileMissingError."""
        with _causes():
            return bytes(obstore.get(self._store, key, options={"range": (0, length)}).bytes())

    def remove(self, keys: Iterable[str]) -> None:
        """Remove objects, a thousand in a call."""
        every = list(keys)
        with _causes():
            for start in range(0, len(every), _AT_ONCE):
                obstore.delete(self._store, every[start : start + _AT_ONCE])

    def list(self, kind: str | None = None) -> Iterator[Kept]:
        """Yield the objects that are there, a thousand in a call."""
        with _causes():
            for some in obstore.list(self._store, prefix=kind or None, chunk_size=_AT_ONCE):
                for one in some:
                    if is_of(kind, one["path"]):
                        yield Kept(one["path"], one["size"], one["last_modified"].timestamp())

    def replace(self, key: str, change: Callable[[bytes], bytes]) -> None:
        """Write what ``change`` makes of an object, if it is still the same then; its time is the time of that."""
        try:
            with _causes():
                found = obstore.get(self._store, key)
                anew = change(bytes(found.bytes()))
                obstore.put(self._store, key, anew, mode={"e_tag": found.meta["e_tag"]}, use_multipart=False)
        except (FileMissingError, PreconditionError):
            return
        self._require(key, anew)

    def is_same(self, kept: Kept, copy: Path, digest: str) -> bool:  # noqa: ARG002 - a folder needs the digest
        """Compare size and time, which a write always changes here: to read every object each night costs too much."""
        try:
            status = copy.stat()
        except FileNotFoundError:
            return False
        return status.st_size == kept.size and abs(status.st_mtime - kept.changed_at) < _SAME_TIME

    def sweep(self, before: float) -> None:
        """Do nothing: a write is one call, which leaves all or nothing."""

    def look(self) -> None:
        """List one object."""
        with _causes():
            next(iter(obstore.list(self._store, chunk_size=1)), None)

    def _require(self, key: str, content: bytes) -> None:
        try:
            kept = self.get(key)
        except FileMissingError:
            kept = b""
        if kept != content:
            raise FilesAwayError(Cause.LIED)


def _open(settings: FilesSettings) -> S3Store:
    """Make the client: no connection is opened, and where no keys are given the machine's own role is asked for."""
    config: S3Config = {"region": settings.s3_region}
    if settings.s3_endpoint is not None:
        config["endpoint"] = settings.s3_endpoint
    if settings.s3_access_key is not None and settings.s3_secret_key is not None:
        config["access_key_id"] = settings.s3_access_key.get_secret_value()
        config["secret_access_key"] = settings.s3_secret_key.get_secret_value()
    client: ClientConfig = {
        "timeout": settings.s3_answer_within,
        "connect_timeout": min(CONNECT_WITHIN, settings.s3_answer_within),
        "allow_http": settings.s3_is_plain,
    }
    if settings.s3_ca_file is not None:
        client["root_certificate"] = settings.s3_ca_file.read_bytes()
    return S3Store(
        settings.s3_bucket,
        prefix=settings.s3_prefix or None,
        config=config,
        client_options=client,
        retry_config={
            "max_retries": TRIES_AGAIN,
            "retry_timeout": settings.s3_answer_within,
            "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2},
        },
    )


@contextmanager
def _causes() -> Iterator[None]:
    try:
        yield
    except PreconditionError:
        raise
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise FilesAwayError(Cause.REFUSED) from error
    except (FileNotFoundError, BaseError, NotSupportedError, OSError) as error:
        words = str(error).lower()
        cause = next((cause for word, cause in _SAID if word in words), None)
        if cause is None and isinstance(error, FileNotFoundError):
            raise FileMissingError from error
        raise FilesAwayError(cause or Cause.BROKEN) from error
