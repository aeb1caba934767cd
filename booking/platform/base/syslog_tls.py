"""Lines sent to another machine as they are written: syslog (RFC 5424) over TLS (RFC 5425), certificates checked.

Whoever writes never waits for that machine. While it is away, lines wait in memory, the newest `MOST_WAITING` of them,
and go out when it is back; so they are sent beside the local stream or file, never instead.
"""

import logging
import os
import queue
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from typing_extensions import override

from booking.platform.base.settings import Settings, SettingsError

MOST_WAITING: Final = 10_000
PATIENCE: Final = 10.0
"""Seconds to connect, and to get one line out."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
LAST_WORDS: Final = 3.0
"""Seconds at the end of the process for what still waits."""
LOOKS_UP: Final = 0.2
"""Seconds between two looks whether the process ends, while nothing is to be sent."""
SEVERITY: Final = 13 * 8 + 5
"""Facility "log audit", severity "notice"."""

_log = logging.getLogger("mawid.syslog")


def open_syslog(settings: Settings) -> Sequence[logging.Handler]:
    """Return the handler that settings ask for, or none.

    Raises
    ------
    SettingsError
        The file of who may sign cannot be read.
    """
    if settings.security_syslog is None:
        return ()
    address = urlsplit(settings.security_syslog)
    try:
        tls = ssl.create_default_context(cafile=settings.security_syslog_ca_file)
    except OSError as error:
        raise SettingsError(f"MAWID_SECURITY_SYSLOG_CA_FILE cannot be read: {error.strerror or error}") from None
    return (SyslogOverTls(address.hostname or "", address.port or 0, tls),)


class SyslogOverTls(logging.Handler):
    """Sends each record that it is given, formatted, in a thread of its own.

    Parameters
    ----------
    host, port
        Of the machine that takes them; its certificate must name the host.
    tls
        Whom to trust.
    """

    def __init__(self, host: str, port: int, tls: ssl.SSLContext) -> None:
        super().__init__()
        self._address, self._tls = (host, port), tls
        self._waiting: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
        self._ending, self._sent_all = threading.Event(), threading.Event()
        self._here = socket.gethostname()
        threading.Thread(target=self._send_all, name="syslog", daemon=True).start()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Let a line wait for its turn; where too many do, the oldest is given up."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = f"<{SEVERITY}>1 {at} {self._here} mawid {os.getpid()} security - {self.format(record)}".encode()
        line = b"%d %s" % (len(message), message)
        while True:
            try:
                return self._waiting.put_nowait(line)
            except queue.Full:
                with suppress(queue.Empty):
                    self._waiting.get_nowait()

    @override
    def close(self) -> None:
        """Give what waits a moment to go out, then end."""
        self._ending.set()
        self._sent_all.wait(LAST_WORDS)
        super().close()

    def _send_all(self) -> None:
        pause = FIRST_PAUSE
        line: bytes | None = None
        while not (self._ending.is_set() and line is None and self._waiting.empty()):
            try:
                with self._connected() as connection:
                    _log.info("security events go to another machine")
                    pause = FIRST_PAUSE
                    while line := line or self._next():
                        _require_open(connection)
                        connection.sendall(line)
                        line = None
                    break
            except OSError as error:
                _log.warning("security events wait: %s", error)
                if self._ending.wait(pause):
                    break
                pause = min(2 * pause, LONGEST_PAUSE)
        self._sent_all.set()

    def _connected(self) -> ssl.SSLSocket:
        raw = socket.create_connection(self._address, PATIENCE)
        try:
            return self._tls.wrap_socket(raw, server_hostname=self._address[0])
        except BaseException:
            raw.close()
            raise

    def _next(self) -> bytes | None:
        """Return the next line; None once the process ends and nothing waits."""
        while True:
            with suppress(queue.Empty):
                return self._waiting.get(timeout=LOOKS_UP)
            if self._ending.is_set():
                return None


def _require_open(connection: ssl.SSLSocket) -> None:
    """Notice that the other end has hung up: a line given to a closed connection is lost without an error."""
    connection.settimeout(0)
    try:
        while connection.recv(1024):
            pass
    except ssl.SSLWantReadError:
        connection.settimeout(PATIENCE)
    else:
        raise ConnectionResetError("the other end has hung up")
