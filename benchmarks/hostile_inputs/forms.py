"""Every form of every page, found by walking the pages of each role, sent with hostile values by Hypothesis."""

import re
import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.hostile_inputs.people import NOBODY, everyone
from benchmarks.hostile_inputs.site import FORM, ORIGIN, Actor, Answer, Judge, Site
from benchmarks.hostile_inputs.values import Field, encoded, filled
from booking.country.core import visitors
from booking.country.core.four_eyes import GRANTS
from booking.people.accounts.begin_session import log_in
from booking.platform.models import Account
from booking.platform.models.states import Role
from tests.api.test_authorisation import OTHERS, declared

EACH_SESSION: Final = 12
"""Calls after which somebody signs in anew: a session may call only so often a second."""
EACH: Final = 8
"""Times that a form is sent in a round."""
MOST_LIKE_IT: Final = 2
"""Pages of one kind that are walked, such as those of two requests."""
LEAVING: Final = ("/sign-out", "/language/", "/log/", "/open-data/")
BOUNDARY: Final = "hostile-boundary"
FILES: Final = (
    b"",
    b"%PDF-1.4",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"MZ",
    b"PK\x03\x04",
    b"\0" * 100,
    b"GIF89a",
)


@dataclass
class FoundForm:
    """A form: where it goes, how, and its fields."""

    page: str
    action: str
    method: str
    multipart: bool
    fields: dict[str, Field] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Reads links and forms of a page, with whatever a form offers to choose."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.links, self.forms = page, [], list[FoundForm]()
        self._form: FoundForm | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what a tag says."""
        has = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in has:
            self.links.append(urljoin(self.page, has["href"]))
        elif tag == "form":
            action = urljoin(self.page, has.get("action") or self.page)
            multipart = has.get("enctype", "") == "multipart/form-data"
            self._form = FoundForm(self.page, action, has.get("method", "get").upper(), multipart)
            self.forms.append(self._form)
        elif self._form is not None and tag in {"input", "button"} and has.get("name"):
            if has.get("type") in {"radio", "checkbox"} or tag == "button":
                self._offer(has["name"], has.get("value", "on"), usual="checked" in has)
            else:
                self._form.fields[has["name"]] = Field(
                    has["name"], has.get("value", ""), file=has.get("type") == "file"
                )
        elif self._form is not None and tag == "select":
            self._select = has["name"]
        elif self._form is not None and tag == "option" and self._select:
            self._offer(self._select, has.get("value", ""), usual="selected" in has)
        elif self._form is not None and tag == "textarea":
            self._area = has["name"]
            self._form.fields[self._area] = Field(self._area)

    def handle_data(self, data: str) -> None:
        """Take the text of an area."""
        if self._form is not None and self._area:
            self._form.fields[self._area] = Field(self._area, data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        """Note what ends."""
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def _offer(self, name: str, value: str, *, usual: bool) -> None:
        known = self._form.fields.get(name, Field(name))
        self._form.fields[name] = Field(name, value if usual else known.usual, (*known.choices, value)[:40])


def kind_of(path: str) -> str:
    """Return a path without what tells one of its kind from another: references, ids, numbers, days."""
    plain = urlsplit(path).path
    return re.sub(
        r"(?<=/)([0-9a-f-]{36}|[0-9A-Z]{3}-?[0-9A-Z]{3}-?[0-9A-Z]{3}|\d[\d-]*|[\w-]{40,})(?=/|$)", "{}", plain
    )


class Visit:
    """Somebody with a session that is renewed, as they call often."""

    def __init__(self, judge: Judge, actor: Actor) -> None:
        self._judge, self.actor, self._calls = judge, actor, 0
        self.token = self.csrf = ""

    def begin(self) -> None:
        """Sign in, or take a visitor's session."""
        core = self._judge.site.core
        self._calls = 0
        if self.actor is NOBODY:
            self.token, session = visitors.begin(core, language="en")
            self.csrf = session.csrf
            return
        with core.sessions() as session:
            login = log_in(core, session.get_one(Account, self.actor.account_id), "")
        self.token, self.csrf = login.token, login.csrf

    def _next(self) -> None:
        if not self.token or self._calls >= EACH_SESSION:
            self.begin()
        self._calls += 1

    def _headers(self) -> dict[str, str]:
        return {"cookie": f"mawid={self.token}; mawid_language=en"}

    def get(self, path: str) -> Answer:
        """Open a page."""
        self._next()
        parts = urlsplit(path)
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        request = {"method": "GET", "path": address, "headers": self._headers()}
        return self._judge.call("forms", kind_of(path), request, counted=False)

    def send(self, form: FoundForm, pairs: list[tuple[str, str]], content: bytes) -> None:
        """Send a form, with the session's own token where its token is the usual one."""
        self._next()
        known = [(name, self.csrf if (name, value) == ("csrf", "") else value) for name, value in pairs]
        path = urlsplit(form.action).path
        if form.method == "GET":
            query = encoded(known).decode()[:6000]
            request = {"method": "GET", "path": f"{path}?{query}", "headers": self._headers()}
            self._judge.call("forms", kind_of(path), request)
            return
        body = multipart(known, form, content) if form.multipart else encoded(known)
        kind = f"multipart/form-data; boundary={BOUNDARY}" if form.multipart else FORM
        request = {
            "method": "POST",
            "path": path,
            "headers": self._headers() | {"content-type": kind, "origin": ORIGIN},
        }
        answer = self._judge.call("forms", kind_of(path), request, body=body)
        if answer.headers.get("location", "").startswith("/sign-in") or "mawid=" in answer.headers.get(
            "set-cookie", ""
        ):
            self.token = ""


def multipart(pairs: list[tuple[str, str]], form: FoundForm, content: bytes) -> bytes:
    """Write a form with files; what was drawn for a file's field is the name of the file."""
    parts = []
    for name, value in pairs:
        named = value.encode(errors="surrogatepass").replace(b'"', b"%22")
        file = form.fields.get(name, Field(name)).file
        head = b'; filename="' + named + b'"\r\nContent-Type: image/jpeg' if file else b""
        title = name.encode(errors="surrogatepass").replace(b'"', b"%22")
        parts.append(
            b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
            % (BOUNDARY.encode(), title, head, content if file else named)
        )
    return b"".join(parts) + b"--%s--\r\n" % BOUNDARY.encode()


def begun_with(actor: Actor) -> list[str]:
    """Return the paths of pages that somebody may open: what is everyone's, nobody in particular looks at."""
    reads = {path: who for (method, path), who in declared().items() if method == "GET"}
    pages = {path: who for path, who in reads.items() if not path.startswith(("/api/", *LEAVING, "/readyz", "/livez"))}
    if actor is NOBODY:
        return [path for path, who in pages.items() if who == "public"]
    if actor.role not in set(Role):
        return [path for path, who in pages.items() if who == "account"]
    mine = {one.value for one, roles in GRANTS.items() if Role(actor.role) in roles}
    return [path for path, who in pages.items() if who in mine or who == "account"]


def walked(visit: Visit) -> Iterator[FoundForm]:
    """Walk the pages that somebody may open, and yield each form of each kind of page once."""
    known = OTHERS | {"reference": "7K2M9D4QX"}
    waiting = deque(re.sub(r"{(\w+)}", lambda name: known.get(name[1], "1"), path) for path in begun_with(visit.actor))
    seen, kinds, forms = set(waiting), dict[str, int](), set[str]()
    while waiting:
        path = waiting.popleft()
        if path.startswith(LEAVING) or kinds.get(kind_of(path), 0) >= MOST_LIKE_IT:
            continue
        answer = visit.get(path)
        if answer.status == 303:
            links = [urljoin(path, answer.headers["location"])]
        elif answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html"):
            kinds[kind_of(path)] = kinds.get(kind_of(path), 0) + 1
            reader = _Reader(path)
            reader.feed(answer.body.decode())
            links = reader.links
            for form in reader.forms:
                key = f"{kind_of(form.action)} {sorted(form.fields)} {form.fields.get('action')}"
                if key not in forms and not form.action.startswith(LEAVING):
                    forms.add(key)
                    yield form
        else:
            continue
        for link in links:
            if link.startswith("/") and not link.startswith("//") and link not in seen and len(seen) < 3000:
                seen.add(link)
                waiting.append(link.partition("#")[0])


def attack(judge: Judge, site: Site, *, start: int, most: int) -> None:
    """Send every form of everybody, some times a round, until there were so many inputs."""
    round_ = start
    while judge.ledger.inputs < most:
        for actor in everyone(site):
            visit = Visit(judge, actor)
            for number, form in enumerate(list(walked(visit))):
                _send_often(visit, form, round_ * 1009 + number)
                if judge.ledger.inputs >= most:
                    return
        round_ += 1


def _send_often(visit: Visit, form: FoundForm, number: int) -> None:
    fields = [_of_session(one) for one in form.fields.values()]

    @seed(number)
    @given(filled(fields), st.sampled_from(FILES))
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(pairs: list[tuple[str, str]], content: bytes) -> None:
        visit.send(form, pairs, content)

    send()


def _of_session(one: Field) -> Field:
    """Leave the token of the form empty, to be filled in as it is sent; a key by which it counts once is a new one."""
    usual: dict[str, Any] = {"csrf": "", "key": secrets.token_hex(8)}
    return Field(one.name, usual.get(one.name, one.usual), one.choices, file=one.file)
