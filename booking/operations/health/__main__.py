"""Answer Prometheus on an address of its own: ``python -m booking.operations.health``, once on each machine.

`mawid serve` starts it where ``MAWID_METRICS_ADDRESS`` names the address; where only a worker runs it is started alone.
"""

import hmac
import signal
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from typing_extensions import override

from booking.operations.health.all_measures import gather
from booking.platform.base import logs
from booking.platform.base.settings import SettingsError, load_settings
from booking.platform.base.settings_servers import address_of

SECONDS: Final = 10.0
"""After which a connection that asks nothing is closed."""


class Answers(BaseHTTPRequestHandler):
    """Answers one address, to who shows the token where there is one."""

    timeout = SECONDS
    server_version, sys_version = "Mawid", ""

    def __init__(self, state_dir: Path, token: str, *connection: object) -> None:
        self._state_dir, self._token = state_dir, token
        super().__init__(*connection)  # type: ignore[arg-type] # the server passes what the handler takes

    def do_GET(self) -> None:
        """Return all measures of this machine; 404 for anything else, and for who does not show the token."""
        shown = self.headers.get("authorization", "")
        allowed = not self._token or hmac.compare_digest(shown.encode(), f"Bearer {self._token}".encode())
        if self.path != "/metrics" or not allowed:
            self.send_error(404)
            return
        content = gather(self._state_dir)
        self.send_response(200)
        self.send_header("content-type", CONTENT_TYPE_LATEST)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, *_: object) -> None:
        """Write nothing: who scrapes each few seconds is no event."""


def make_server(address: str, state_dir: Path, token: str) -> ThreadingHTTPServer:
    """Return a server that listens at HOST:PORT; raises OSError where it cannot."""
    return ThreadingHTTPServer(address_of(address), partial(Answers, state_dir, token))


def main() -> None:
    """Serve until told to end."""
    logs.configure()
    try:
        settings = load_settings()
        if settings.metrics_address is None:
            sys.exit("mawid: MAWID_METRICS_ADDRESS names no address")
        token = settings.metrics_token.get_secret_value() if settings.metrics_token is not None else ""
        server = make_server(settings.metrics_address, settings.state_dir, token)
    except (SettingsError, OSError) as error:
        sys.exit(f"mawid: {error}")

    def stop(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with server:
        server.serve_forever()


if __name__ == "__main__":
    main()
