"""A whole register in one short file, by `docs/register.openapi.json` and the standard library alone.

Started as a program it serves one invented person: 01010000001, سلمى الورد, 1990-05-17, card C123.
"""

import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PEOPLE = {"01010000001": {"name": "سلمى الورد", "birth_date": "1990-05-17", "card": "C123"}}
FACTS = {"passport_valid_until": None, "application_pending": False, "region": "damascus", "gender": None}
GRANTS = {}


def answer(path, asked):
    person = PEOPLE.get(asked["number"])
    fields = ("name", "birth_date")
    fits = person is not None and all(person[field] == asked.get(field) for field in fields)
    if path == "/v1/match":
        said = {field: "unknown" if person is None else _word(person[field] == asked[field]) for field in fields}
        return said | {"person": "unknown" if person is None else _word(fits)}
    if path == "/v1/facts":
        known = GRANTS.get(asked["grant"]) == asked["number"]
        return {"facts": FACTS | {"listed": [], "held": []} if known else None}
    if path == "/v1/codes":  # this one knows no phones
        return {"handle": None}
    shown = path == "/v1/attestations" or (path == "/v1/proofs" and person and asked["serial"] == person["card"])
    if not (fits and shown):
        return {"grant": None}
    grant = secrets.token_urlsafe(24)
    GRANTS[grant] = asked["number"]
    return {"grant": grant}


def _word(fits):
    return "yes" if fits else "no"


class Register(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps({"number": asked["number"], **answer(self.path, asked)}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Write no number into a log."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 9000), Register).serve_forever()
