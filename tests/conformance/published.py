"""Published scenarios of GovStack's Registration, run as they are from a checkout of theirs.

Their steps call a fixed address on this machine and prove nothing: GovStack has an Information Mediator between two
systems, which knows who calls. Here a mediator of a few lines stands there, for one citizen.
"""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

from tests.conformance.report import Suite, read

PORT: Final = 3333
"""Written in their helpers."""
PASSED_ON: Final = ("content-type", "accept", "information-mediator-client")


@contextmanager
def mediator(address: str, token: str) -> Iterator[None]:
    """Pass calls on to ``address`` as those of the citizen whose token it is."""
    there = urlsplit(address)

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            calling = http.client.HTTPConnection(there.netloc, timeout=60)
            calling.request(
                self.command, there.path + self.path, body or None, headers | {"Authorization": f"Bearer {token}"}
            )
            answer = calling.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            self.send_header("content-type", answer.getheader("content-type", "application/json"))
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            calling.close()

        do_GET = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", PORT), Passing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def run_published(checkout: Path, environment: dict[str, str], into: Path) -> Suite:
    """Run the features of a checkout with the cucumber-js that is installed there; print each failure."""
    report = into / "published.json"
    folder = checkout / "test/openAPI"
    with mediator(environment["REGISTRATION_URL"], environment["CANDIDATE_TOKENS"].partition(",")[0]):
        done = subprocess.run(
            [folder / "node_modules/.bin/cucumber-js", "features", "--format", f"json:{report}"],
            cwd=folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if not report.exists():
        sys.exit(done.stdout + done.stderr)
    return read(f"published scenarios of {checkout.name}", report)
