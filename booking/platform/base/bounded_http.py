"""A question over HTTP to somebody who may be slow, broken or hostile: bounded in time and size, never repeated."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpx2

CONNECT_WITHIN: Final = 3.0
WITHIN: Final = 6.0
"""Seconds from the question to the answer's whole end."""


class CallError(Exception):
    """There is no answer, or one that is too long; the message says which, and names no address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the whole body."""

    status: int
    body: bytes


def get(url: str, *, most: int, within: float = WITHIN) -> Answer:
    """Return the answer to a GET; ``most`` in bytes, ``within`` in seconds.

    Raises
    ------
    CallError
        There is none in time, or a longer one.
    """
    return asyncio.run(_call("GET", url, None, most, within))


def post(url: str, body: bytes, *, most: int, within: float = WITHIN) -> Answer:
    """Return the answer to a POST; ``most`` in bytes, ``within`` in seconds.

    Raises
    ------
    CallError
        There is none in time, or a longer one.
    """
    return asyncio.run(_call("POST", url, body, most, within))


def get_over(client: "httpx2.Client", url: str, *, most: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the answer to a GET over a connection that is kept; ``most`` in bytes, as they come over the line.

    Parameters
    ----------
    client
        Follows no redirects, and has the patience of who asks.

    Raises
    ------
    CallError
        There is none, or a longer one.
    """
    import httpx2  # noqa: PLC0415 - as below

    try:
        with client.stream("GET", url, headers={"accept-encoding": "identity", **(headers or {})}) as answer:
            content = bytearray()
            for part in answer.iter_raw():
                content += part
                if len(content) > most:
                    raise CallError(_too_long(most))
            return Answer(answer.status_code, bytes(content))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        raise CallError(f"no connection ({type(error).__name__})") from None


async def _call(method: str, url: str, body: bytes | None, most: int, within: float) -> Answer:
    # The client takes a tenth of a second to import, which a process that asks nobody need not spend.
    import httpx2  # noqa: PLC0415 - see above

    try:
        async with (
            asyncio.timeout(within),
            httpx2.AsyncClient(
                verify=ssl.create_default_context(),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx2.Timeout(within, connect=CONNECT_WITHIN),
                headers={"accept-encoding": "identity", "user-agent": "mawid"},
            ) as client,
            client.stream(method, url, content=body) as answer,
        ):
            content = bytearray()
            async for part in answer.aiter_raw():
                content += part
                if len(content) > most:
                    raise CallError(_too_long(most))
            return Answer(answer.status_code, bytes(content))
    except (TimeoutError, httpx2.TimeoutException):
        raise CallError("no answer in time") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
        raise CallError(f"no connection ({type(error).__name__})") from None


def _too_long(most: int) -> str:
    return f"the answer is too long: it has more than {most} bytes"
