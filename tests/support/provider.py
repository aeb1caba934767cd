"""A small OpenID Connect provider for tests: an HTTP server on localhost, with its own keys, that lies on request."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import SecretStr

from tests.support.waiting import ended

CLIENT_ID, CLIENT_SECRET = "mawid", "a secret of the client"


@dataclass
class Provider:
    """What the provider does; ``clock`` tells the time that its tokens hold."""

    address: str
    clock: Any
    subject: str = "u-4711"
    claims: dict[str, Any] = field(default_factory=dict)
    """What its tokens say differently; None leaves a claim out."""
    signs_with: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    shows: ECKey | None = None
    """The key that it publishes, where it is another one."""
    metadata: dict[str, Any] = field(default_factory=dict)
    token_answer: tuple[int, bytes] | None = None
    refuses: str = ""
    beside: dict[str, Any] | None = None
    """What it tells beside its tokens, to whoever has one; None: nothing."""
    asked: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        return (
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
            | ({} if self.beside is None else {"userinfo_endpoint": f"{self.address}/userinfo"})
            | self.metadata
        )

    def authorize(self, asked: dict[str, str]) -> str:
        """Believe whoever comes, and send them back."""
        self.asked = asked
        assert (asked["client_id"], asked["response_type"], asked["scope"]) == (CLIENT_ID, "code", asked["scope"])
        assert asked["scope"].split()[0] == "openid"
        assert asked["code_challenge_method"] == "S256"
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode({'error': self.refuses, 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.address})}"

    def token(self, sent: dict[str, str], authorization: str) -> tuple[int, bytes]:
        """Exchange a code, once, for who knows its verifier and the client's secret."""
        if self.token_answer:
            return self.token_answer
        asked = self.codes.pop(sent.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT_ID}:{quote_plus(CLIENT_SECRET)}".encode()).decode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or authorization != f"Basic {basic}"
            or proof.rstrip(b"=").decode() != asked["code_challenge"]
            or sent.get("redirect_uri") != asked["redirect_uri"]
        ):
            return 400, json.dumps({"error": "invalid_grant"}).encode()
        now = int(self.clock.now().timestamp())
        said = {
            "iss": self.address,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
        } | self.claims
        said = {name: value for name, value in said.items() if value is not None}
        id_token = jwt.encode({"alg": "ES256", "kid": "1"}, said, self.signs_with)
        return 200, json.dumps({"access_token": "a", "token_type": "Bearer", "id_token": id_token}).encode()

    def keys(self) -> dict[str, Any]:
        return {"keys": [(self.shows or self.signs_with).as_dict(private=False)]}


def as_the_states(site: Any, provider: Provider) -> None:
    """Make it the provider of citizens of a site that runs already."""
    changes = {
        "citizen_oidc_issuer": provider.address,
        "citizen_oidc_client_id": CLIENT_ID,
        "citizen_oidc_client_secret": SecretStr(CLIENT_SECRET),
    }
    object.__setattr__(site.core, "settings", site.core.settings.model_copy(update=changes))


@contextmanager
def running(clock: Any) -> Iterator[Provider]:
    """Serve a provider until the test is over."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = Provider(f"http://127.0.0.1:{server.server_address[1]}", clock)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.provider
    finally:
        server.shutdown()
        server.server_close()
        ended(thread)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider, parts = self.server.provider, urlsplit(self.path)
        if parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._answer(303, b"", location=provider.authorize(asked))
        else:
            answers = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.keys}
            if self.headers.get("authorization") == "Bearer a":
                answers["/userinfo"] = lambda: {"sub": provider.subject} | provider.beside
            self._answer(200, json.dumps(answers[parts.path]()).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self.server.provider.token(sent, self.headers.get("authorization", "")))

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
