"""A browser without JavaScript, small enough to read: it follows links, fills forms and keeps cookies."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.incoming import upload_threads
from api.incoming.fair_queue import FairQueue
from tests.api.pages.raw_codes import raw_codes

SITE = "http://localhost:8000"
COOKIES_OF = "localhost.local"  # so the standard library's jar calls a host without a dot
TAG = re.compile(r'<(/?)(form|input|select|option|textarea)\b((?:[^>"]|"[^"]*")*)>')
ATTRIBUTE = re.compile(r"""([^\s="/]+)(?:="([^"]*)"|=([^\s">]+))?""")
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class FoundForm:
    """A form of a page: where it goes and what it holds."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Browser:
    """One visitor's browser."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.path = "/"
        self.response: Response | None = None

    @property
    def text(self) -> str:
        """The page as it came."""
        return self.response.text

    @property
    def status(self) -> int:
        """The status of the last answer."""
        return self.response.status_code

    def go(self, path: str) -> "Browser":
        """Open an address and follow redirects."""
        return self._follow(self.client.get(path), path)

    def given(self, name: str, value: str) -> "Browser":
        """Keep a cookie, as if an answer of the site had set it."""
        self.client.cookies.set(name, value, domain=COOKIES_OF)
        return self

    def forms(self) -> list[FoundForm]:
        """The forms of this page, without the search that stands above every page of staff."""
        return list(_forms(self.text, self.path.partition("?")[0]))

    def send(self, which: int = 0, /, headers: dict[str, str] | None = None, **values: object) -> "Browser":
        """Fill in a form of this page and press its button; a list sets several boxes, None leaves a field out."""
        form = self.forms()[which]
        fields = dict(form.fields)
        for name, value in values.items():
            fields[name] = [] if value is None else [str(v) for v in value] if isinstance(value, list) else [str(value)]
        return self.post(form.action, fields, headers=headers)

    def post(self, path: str, fields: dict, *, headers: dict[str, str] | None = None) -> "Browser":
        """Send a form to an address, whatever the page says."""
        response = self.client.post(path, content=urlencode(fields, doseq=True), headers=FORM | (headers or {}))
        return self._follow(response, path)

    def send_file(self, content: bytes, which: int = 0, *, name: str = "IMG_1.jpg") -> "Browser":
        """Choose a file in a form of this page and press its button."""
        return self.send_files([("file", (name, content, "image/jpeg"))], which)

    def send_files(self, files: list[tuple[str, tuple[str, bytes, str]]], which: int = 0, **more: str) -> "Browser":
        """Choose files in several fields of a form of this page and press its button."""
        form, named = self.forms()[which], {field for field, _ in files}
        fields = {name: values[-1] for name, values in form.fields.items() if name not in named}
        return self._follow(self.client.post(form.action, data=fields | more, files=files), form.action)

    def send_file_to_a_crowd(self) -> "Browser":
        """Send a file while as many are read as may be; the form comes back and says so."""
        page = self.path
        with pytest.MonkeyPatch.context() as crowd:
            crowd.setattr(upload_threads, "QUEUE", FairQueue(at_once=0, of_one=0, waiting=0, patience=0))
            self.send_file(b"not even looked at")
        assert self.status == 503, self.text
        assert int(self.response.headers["retry-after"]) > 0
        assert 'id="error-summary"' in self.text
        assert 'type="file"' in self.text
        return self.go(page)

    def press(self, action: str, **values: object) -> "Browser":
        """Send the form whose hidden ``action`` says so."""
        forms = self.forms()
        return self.send(next(i for i, one in enumerate(forms) if one.fields.get("action") == [action]), **values)

    def _follow(self, response: Response, path: str) -> "Browser":
        for _ in range(8):
            if response.status_code not in {302, 303}:
                self.response, self.path = response, path
                if response.headers.get("content-type", "").startswith("text/html"):
                    assert raw_codes(self.text, of_rules=path.startswith("/analyst/rules")) == set(), path
                    _keep(self.client, response, path)
                return self
            path = response.headers["location"]
            response = self.client.get(path)
        raise AssertionError(f"redirects in a circle at {path}")


def form_to(browser: Browser, ending: str) -> int:
    """Return which form of a page goes to an address that ends so."""
    return next(n for n, form in enumerate(browser.forms()) if form.action.endswith(ending))


def _keep(client: TestClient, response: Response, path: str) -> None:
    """Keep a page of each kind, in both languages, where `benchmarks/kept_pages.py` wants them.

    Pages that differ in words alone are one; a page that was asked for is asked for once more in the other language.
    """
    folder = os.environ.get("MAWID_KEEP_PAGES")
    if folder and "content-language" in response.headers:
        texts = {response.headers["content-language"]: response.text}
        if response.request.method == "GET" and response.status_code == 200:
            other = "en" if "ar" in texts else "ar"
            cookies = dict(client.cookies) | {"mawid_language": other}
            sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
            texts[other] = client.get(path, headers={"cookie": sent}, follow_redirects=False).text
        for language, text in texts.items():
            kind = sha256(re.sub(r'>[^<]+<|="[^"]*"', "", text).encode()).hexdigest()[:12]
            place = re.sub(r"[0-9a-f-]{36}|[^a-z/-]", "", path.partition("?")[0]).replace("/", "!")
            if f'<html lang="{language}"' in text:
                Path(folder, f"{place}~{kind}~{language}.html").write_text(text, encoding="utf-8")


def _forms(page: str, path: str) -> Iterator[FoundForm]:
    """Read forms; a parser of whole pages would take a tenth of the time of all tests of pages."""
    form, select = FoundForm(path), ""
    inside = False
    for tag in TAG.finditer(page):
        closing, name, said = tag.groups()
        values = {one: unescape(quoted or bare) for one, quoted, bare in ATTRIBUTE.findall(said)}
        if name == "form":
            inside = not closing and values.get("role") != "search"
            if inside:
                form = FoundForm(values.get("action") or path)
                yield form
        elif not inside or closing:
            continue
        elif name == "input":
            if "name" in values and (values.get("type") not in {"checkbox", "radio"} or "checked" in values):
                form.fields.setdefault(values["name"], []).append(values.get("value", ""))
        elif name == "select":
            select = values["name"]
        elif name == "option" and "selected" in values:
            form.fields[select] = [values["value"]]
        elif name == "textarea":
            typed = page[tag.end() : page.index("</textarea", tag.end())]
            form.fields[values["name"]] = [unescape(typed).removeprefix("\n")]  # as HTML says of a first newline
