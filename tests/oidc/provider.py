"""The provider as a process of its own, and somebody's browser at it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx2

from booking.platform.base.clock import Clock
from tests.support.root import ROOT

INSTALLED: Final = ROOT / ".venv/oidc"
CLIENT_ID: Final = "mawid:citizens"
SECRET: Final = "a+secret of%20signs: all/of=them&"
SITE: Final = "http://localhost:8000"


@dataclass
class Provider:
    """A running provider. Its clock is set with each setup, ``apart`` seconds from that of the test."""

    process: subprocess.Popen[str]
    issuer: str
    setup: dict[str, Any] = field(default_factory=dict)

    def set_up(self, clock: Clock, *, apart: int = 0, **changed: Any) -> None:
        """Be another provider at the same address from now on; what is not named stays."""
        self.setup |= changed
        self._say({**self.setup, "now": int(clock.now().timestamp()) + apart})
        self.setup["renew"] = False

    def go_down(self) -> None:
        """Answer nobody until it is set up again."""
        self._say({"down": True})

    def _say(self, said: dict[str, Any]) -> None:
        self.process.stdin.write(json.dumps(said) + "\n")
        self.process.stdin.flush()
        assert json.loads(self.process.stdout.readline()) == {"done": True}


def is_installed() -> bool:
    """Whether `./run conformance` was here, which installs it."""
    return shutil.which("node") is not None and (INSTALLED / "node_modules").exists()


@contextmanager
def running() -> Iterator[Provider]:
    """Start it, on a port of its own."""
    shutil.copy(ROOT / "tests/oidc/serve.mjs", INSTALLED)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(["node", "serve.mjs"], cwd=INSTALLED, **pipes) as process:
        yield Provider(process, json.loads(process.stdout.readline())["issuer"])
        process.stdin.close()


class Visitor:
    """Somebody's browser at the provider: it signs in, agrees, or presses Cancel.

    It keeps cookies by itself: a jar would throw away those that end by the test's clock.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        """What the provider asked for on its last visit: login, consent."""
        self._client = httpx2.Client()
        self._cookies: dict[tuple[str, str], str] = {}

    def visit(self, address: str, *, login: str = "u-4711", cancel: bool = False) -> str:
        """Follow the provider's pages until it sends the browser back; return where to."""
        self.asked = []
        answer = self._call("GET", address)
        for _ in range(20):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if address.startswith(SITE):
                    return address.removeprefix(SITE)
                answer = self._call("GET", address)
            elif cancel:
                answer = self._call("GET", _found(r'href="([^"]+/abort)"', answer))
            else:
                self.asked.append(_found(r'name="prompt" value="(\w+)"', answer))
                typed = {"prompt": self.asked[-1], "login": login, "password": "any"}
                answer = self._call("POST", _found(r'action="([^"]+)"', answer), typed)
        raise AssertionError(f"the provider sends in a circle: {address}")

    def _call(self, method: str, address: str, typed: dict[str, str] | None = None) -> httpx2.Response:
        path = urlsplit(address).path
        ours = [f"{name}={value}" for (name, within), value in self._cookies.items() if path.startswith(within)]
        self._client.cookies.clear()
        answer = self._client.request(method, address, data=typed, headers={"cookie": "; ".join(ours)})
        for line in answer.headers.get_list("set-cookie"):
            (name, value), *rest = (part.strip().partition("=")[::2] for part in line.split(";"))
            self._cookies[name, dict(rest).get("path", "/")] = value
        return answer

    def close(self) -> None:
        """Close the browser."""
        self._client.close()


def _found(pattern: str, page: httpx2.Response) -> str:
    found = re.search(pattern, page.text)
    assert found, page.text
    return unescape(found[1])
