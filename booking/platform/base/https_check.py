"""What the proxy in front answers at the site's address: TLS versions, suites, the certificate, plain http.

What this machine's own OpenSSL cannot offer any more is not tried, and that is said: nothing was found then.
"""

import http.client
import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from booking.platform.base.clock import SystemClock

SECONDS: Final = 10
FEWEST_DAYS: Final = 14
"""Before a certificate ends, by when it should have been renewed."""

_OLD: Final = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
_WEAK: Final = "kRSA:3DES:RC4:NULL:EXPORT:@SECLEVEL=0"
"""Suites of TLS 1.2 whose recorded traffic can be read by who gets the key later, or that are broken."""
_OURS: Final = frozenset({"NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "NO_CIPHER_MATCH"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What was tried, and what came of it; ``well`` is None where it could not be tried."""

    tried: str
    found: str
    well: bool | None


def check_https(address: str, *, authorities: str | None = None, http_port: int = 80) -> Iterator[Finding]:
    """Try what browsers and others could ask of ``https://HOST[:PORT]``.

    Parameters
    ----------
    authorities
        A file of certificates that are trusted; None for those that the system trusts.
    """
    asked = urlsplit(address)
    where = asked.hostname or "", asked.port or 443
    yield _certificate(where, authorities)
    for version in _OLD:
        yield _refused(where, version.name, minimum=version, maximum=version, suites="ALL:@SECLEVEL=0")
    newest = ssl.TLSVersion.TLSv1_2
    yield _refused(where, "suites without forward secrecy", minimum=newest, maximum=newest, suites=_WEAK)
    for path, leads_on in (("/", True), ("/api/v1/draws", False)):
        yield _by_http(where[0], http_port, path, leads_on=leads_on)


def _certificate(where: tuple[str, int], authorities: str | None) -> Finding:
    tried = "certificate"
    try:
        line = _handshake(where, ssl.create_default_context(cafile=authorities))
    except ssl.SSLCertVerificationError as error:
        return Finding(tried, error.verify_message, well=False)
    except OSError as error:
        return Finding(tried, type(error).__name__, well=False)
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(line.ends), UTC)
    days = (ends - SystemClock().now()).days
    return Finding(tried, f"{line.version}, {line.suite}, {days} days left", well=days >= FEWEST_DAYS)


def _refused(
    where: tuple[str, int], tried: str, *, minimum: ssl.TLSVersion, maximum: ssl.TLSVersion, suites: str
) -> Finding:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # whether it is accepted at all is the question
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # which is why they are tried
            context.minimum_version, context.maximum_version = minimum, maximum
        context.set_ciphers(suites)
        line = _handshake(where, context)
    except ssl.SSLError as error:
        ours = error.reason in _OURS
        return Finding(tried, "not offered by this machine" if ours else "refused", well=None if ours else True)
    except OSError as error:
        return Finding(tried, f"refused ({type(error).__name__})", well=True)
    return Finding(tried, f"accepted: {line.version}, {line.suite}", well=False)


def _by_http(host: str, port: int, path: str, *, leads_on: bool) -> Finding:
    tried = f"http {path}"
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        location = answer.getheader("location", "")
    except (OSError, http.client.HTTPException) as error:
        return Finding(tried, f"no answer ({type(error).__name__})", well=True)
    finally:
        connection.close()
    redirected = 300 <= answer.status < 400  # noqa: PLR2004 - statuses
    well = redirected and location.startswith("https://") if leads_on else answer.status >= 400  # noqa: PLR2004
    return Finding(tried, f"{answer.status} {location}".strip(), well=well)


@dataclass(frozen=True, slots=True)
class _Line:
    version: str
    suite: str
    ends: str


def _handshake(where: tuple[str, int], context: ssl.SSLContext) -> _Line:
    with (
        socket.create_connection(where, timeout=SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=where[0]) as line,
    ):
        certificate = line.getpeercert() or {}
        suite = line.cipher()
        return _Line(line.version() or "", suite[0] if suite else "", str(certificate.get("notAfter", "")))
