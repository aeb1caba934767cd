"""The page that checks a draw is what its parts say, borrows what its notice says, and can call nowhere."""

import json
import re
import zlib
from base64 import b64decode
from hashlib import sha256

from tests.standalone.page.assemble import HERE, PAGE, PROGRAM, START, assemble, fingerprint, library, text_of

SMALL = 100_000
PACKED = re.compile(r'id="(\w+)">([^<]*)</script>')


def unpacked():
    packed = PACKED.findall(PAGE.read_text(encoding="utf-8"))
    return {name: zlib.decompress(b64decode(data), -zlib.MAX_WBITS).decode() for name, data in packed}


def test_the_page_is_made_of_its_parts_and_nothing_else():
    page, again = PAGE.read_text(encoding="utf-8"), assemble()
    assert PACKED.sub("", page) == PACKED.sub("", again)  # other versions of zlib may pack in another way
    assert unpacked() == {"library": library(), "program": text_of(*PROGRAM)}
    assert len(page.encode()) < SMALL


def test_the_page_allows_itself_its_own_scripts_and_no_network():
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', PAGE.read_text(encoding="utf-8"))
    scripts = " ".join(map(fingerprint, (text_of(*START), *unpacked().values())))
    allowed = f"script-src {scripts}; style-src {fingerprint(text_of('page.css'))}"
    assert policy == [f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"]


def test_the_notice_names_the_library_its_versions_and_its_fingerprint():
    locked = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    notice = text_of("notice.txt")
    for name in json.loads(text_of("package.json"))["devDependencies"]:
        package = locked[f"node_modules/{name}"]
        assert package["license"] == "MIT"
        assert f"{name} {package['version']}" in notice
    assert sha256(library().encode()).hexdigest() in notice


def test_every_code_has_its_sentences_and_every_sentence_is_used():
    program = text_of(*(name for name in PROGRAM if not name.endswith("words.js")))
    table = re.compile(r"^const (RIGHT|WRONG|PAGE) = {\n(.*?)^};", re.DOTALL | re.MULTILINE)
    tables = dict(table.findall(text_of("words.js", "page-words.js")))
    said = {name: set(re.findall(r'^  "?([\w-]+)"?: \[', table, re.MULTILINE)) for name, table in tables.items()}
    asked = set(re.findall(r'data-word="([\w-]+)"', text_of("page.html")))
    quoted = set(re.findall(r'"([\w-]+)"', program)) | set(re.findall(r"(\w+): statement\.", program))
    assert said["RIGHT"] | said["WRONG"] | said["PAGE"] <= quoted | asked
    assert set(re.findall(r'passed\("([\w-]+)"', program)) <= said["RIGHT"]
    assert set(re.findall(r'Wrong\("([\w-]+)"', program)) - {"stopped"} <= said["WRONG"]
