"""Calls to programs of others, bounded in time and size; a redirect is an answer and nothing else."""

import time
from typing import Final

import requests

from booking.transparency.notes import NoteError

CONNECT_SECONDS: Final = 3
SILENT_SECONDS: Final = 5
_PIECE: Final = 16_384


def call(method: str, url: str, *, most: int, seconds: float, body: bytes | None = None) -> tuple[int, bytes]:
    """Return status and content of an answer.

    Raises
    ------
    NoteError
        There was none, or it is too long or came too slowly.
    """
    ends = time.monotonic() + seconds
    wait = (CONNECT_SECONDS, SILENT_SECONDS)
    content = bytearray()
    try:
        with requests.request(method, url, data=body, timeout=wait, stream=True, allow_redirects=False) as answer:
            for part in answer.iter_content(_PIECE):
                content += part
                if len(content) > most or time.monotonic() > ends:
                    raise NoteError("the answer is too long or too slow")
            return answer.status_code, bytes(content)
    except (requests.RequestException, OSError) as error:
        raise NoteError(f"no answer ({type(error).__name__})") from None
