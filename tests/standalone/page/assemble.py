"""Put the page that checks a draw together from its parts: ``python -m tests.standalone.page.assemble``."""

import base64
import re
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.support.root import ROOT

HERE: Final = Path(__file__).parent
PAGE: Final = ROOT / "api" / "static" / "mawid-verify.html"
START: Final = ("inflate.js", "start.js")
"""What stands readable in the page and runs first."""
PROGRAM: Final = (
    *("bytes.js", "reading.js", "files.js", "log.js", "checks.js", "receipt.js", "night.js"),
    *("zip.js", "words.js", "page-words.js", "said.js", "page.js"),
)
"""What stands in it packed, in this order."""
LIBRARY: Final = "noble.deflate"
_PLACE: Final = re.compile(r"{{([a-z]+)}}")


def text_of(*names: str) -> str:
    """Return these parts, one after another."""
    return "".join((HERE / name).read_text() for name in names)


def library() -> str:
    """Return the library as the page runs it."""
    return zlib.decompress((HERE / LIBRARY).read_bytes(), -zlib.MAX_WBITS).decode()


def fingerprint(text: str) -> str:
    """Return how a page's policy names a script or a style sheet that it allows."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def policy() -> str:
    """Return what the page allows itself: three scripts and a style sheet of these fingerprints, and no network."""
    scripts = " ".join(map(fingerprint, (text_of(*START), library(), text_of(*PROGRAM))))
    style = fingerprint(text_of("page.css"))
    return f"default-src 'none'; script-src {scripts}; style-src {style}; base-uri 'none'; form-action 'none'"


def assemble() -> str:
    """Return the page."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    program = packed.compress(text_of(*PROGRAM).encode()) + packed.flush()
    parts = {
        "policy": policy(),
        "notice": text_of("notice.txt"),
        "style": text_of("page.css"),
        "library": base64.b64encode((HERE / LIBRARY).read_bytes()).decode(),
        "program": base64.b64encode(program).decode(),
        "start": text_of(*START),
    }
    return _PLACE.sub(lambda place: parts[place[1]], text_of("page.html"))


if __name__ == "__main__":
    PAGE.write_text(assemble())
