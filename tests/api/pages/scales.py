"""A browser that weighs each page that it sees, with the style and the scripts that the page loads."""

import gzip
import re
from functools import cache

from api.pages.shared.static import read_static
from tests.api.pages.browser import Browser
from tests.support.root import ROOT

WHO_MAY = ROOT / "tests/api/who_may.txt"
LOADED = re.compile(r"""(?:<link rel="stylesheet" href|<script src)="/static/([\w.-]+)\?""")
CITIZENS = re.compile(r"(?:public|account)\s+[A-Z ]*\bGET\b[A-Z ]*?\s(/\S*)")
STAFF = re.compile(r"/(?:desk|analyst|admin|api)\b")


def routes_of_citizens() -> set[str]:
    """Return every route that a citizen may open, as ``who_may.txt`` has them."""
    found = (CITIZENS.fullmatch(line.strip()) for line in WHO_MAY.read_text(encoding="utf-8").splitlines())
    return {one[1] for one in found if one and not STAFF.match(one[1])}


@cache
def packed(name: str) -> int:
    """Return how many bytes one of our files takes on its way."""
    return len(gzip.compress(read_static(name)))


class Scales(Browser):
    """A browser that keeps the weight of the heaviest page of each route that it saw."""

    def __init__(self, client) -> None:
        super().__init__(client)
        patterns = {one: re.sub(r"\{\w+\}", r"[^/]+", one.replace(".", r"\.")) for one in routes_of_citizens()}
        # a route with fewer blanks goes first, as /me/notices before /me/{something}
        self._patterns = sorted(patterns.items(), key=lambda one: one[0].count("{"))
        self.weights: dict[str, int] = {}

    def _follow(self, response, path):
        super()._follow(response, path)
        if self.response.headers["content-type"].startswith("text/html"):
            plain = self.path.partition("?")[0]
            route = next((one for one, pattern in self._patterns if re.fullmatch(pattern, plain)), None)
            if route is not None:
                weight = len(gzip.compress(self.response.content)) + sum(map(packed, set(LOADED.findall(self.text))))
                self.weights[route] = max(weight, self.weights.get(route, 0))
        return self
