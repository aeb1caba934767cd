"""Somebody checks a draw and their own receipt with a page that has no network, and every change is found."""

import io
import json
import re
import zipfile
import zlib
from base64 import b64decode, b64encode

import numpy as np
import pytest
from playwright.sync_api import expect

from booking.scheduling.draws.format2.tables import FOR_EVERYONE
from tests.journeys.screens import on_screens
from tests.standalone.page.assemble import PAGE
from tests.support.root import ROOT

VECTORS = ROOT / "tests/standalone/vectors"

SAID = {
    "ar": ("نجح التحقق كله", "نلت موعدًا", "لا موعد هذه المرة", "تغيّر", "ناقص"),
    "en": ("All checks passed", "You got", "No appointment", "was changed", "missing"),
}
CHECK = """async ([files, changes]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const whole = new Map(Object.entries(files).map(([name, text]) => [name, bytes(text)]));
  const codes = [];
  for (const change of changes) {
    const changed = new Map(whole);
    for (const [name, text] of Object.entries(change)) {
      if (text === null) changed.delete(name); else changed.set(name, bytes(text));
    }
    const { ok, checks } = await checkDraw(changed, changed.get("receipt"));
    codes.push(ok ? "passed" : checks.pop().code);
  }
  return codes;
}"""
PUBLISHED = """async () => {
  const code = async (check) => {
    try {
      await check();
      return "passed";
    } catch (error) {
      return error.code;
    }
  };
  const row = (priority, before = null, reason = "register") => ({ priority, before, reason });
  const lists = [
    [[row(1)], []],
    [[row(0, "a")], [row(2)]],
    [[], [row(5, null, "before-format-2"), row(1)]],
    [[], [row(5, "a", "before-format-2")]],
    [[row(1, "a")], [row(1, "a")]],
  ];
  const statement = { closed_at: "2026-11-01T17:00:00+00:00", horizon_first: "2026-11-08", horizon_last: "2026-11-09" };
  statement.bins = { number: 2, places: 4 };
  const bin = (minute, ...slots) => ({ office: "homs", accessible: "0", day: "2026-11-08", band: "morning",
    pool: "draw", starts_at: `2026-11-08T08:0${minute}:00+00:00`, slots, free: slots.map(() => 1) });
  const bins = [[bin(0, 1, 2), bin(5, 3, 4)], [bin(0, 1, 2), bin(1, 2, 1)], [bin(0, 1, 2), bin(5, 3)]];
  return [
    ...(await Promise.all(lists.map(([line, turns]) => code(() => checkPriorities({ line, turns }))))),
    ...(await Promise.all(bins.map((each) => code(() => checkBins(each, statement))))),
    ...["17:00:00", "17:00:00.000001", "17:00:03"].map((time) =>
      Number(firstRound({ genesis: 0, period: 3 }, `1970-01-01T${time}+00:00`))),
  ];
}"""
INFLATE = """([streams]) => streams.map((text) => {
  try {
    return hexOf(unzlib(unbase64(text, "packed", {}), 100000, {}));
  } catch (error) {
    return error.code;
  }
})"""
SPELLED = """(texts) => texts.map((text) => {
  try {
    readObject(utf8(`${text}\\n`), "report.json", () => {}, 0);
    return true;
  } catch (error) {
    return !(error instanceof Wrong);
  }
})"""
DROP = """([name, text]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
}"""
BLOCKED = """() => new Promise((done) => {
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => done(effectiveDirective));
  fetch("https://mawid.example/").catch(() => setTimeout(done, 2000, "nothing was in the way"));
})"""


@pytest.fixture
def files():
    return {name: (VECTORS / "next" / name).read_bytes() for name in FOR_EVERYONE}


@pytest.fixture
def opened(chromium):
    """Open the page from disk, in a language; returns it, and what it tried to call."""
    contexts = []

    def open_page(language="en", width=1280, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
        contexts.append(context)
        page, calls = context.new_page(), []
        page.on("request", lambda request: calls.append(request.url))
        page.on("pageerror", lambda error: calls.append(str(error)))
        page.goto(f"{PAGE.as_uri()}#{language}")
        return page, calls

    yield open_page
    for context in contexts:
        context.close()


def receipt_of(name):
    return (VECTORS / "receipts" / f"{name}.json").read_bytes()


def coded(content):
    return b64encode(content).decode()


def chosen(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@on_screens("arabic-phone-dark", "english-desk")
def test_somebody_checks_a_draw_and_their_receipt_from_disk(opened, files, kinds, screen):
    language = screen["language"]
    says = SAID[language]
    page, calls = opened(language, screen["width"], "dark" if screen["dark"] else "light")
    assert kinds.report(page) == ""
    for key in ("Tab", "Tab"):
        page.keyboard.press(key)
    expect(page.locator("#draw")).to_be_focused()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FOR_EVERYONE:
            archive.writestr(f"folder/{name}", files[name])
    page.set_input_files("#draw", chosen("draw.zip", packed.getvalue()))
    verdict = page.locator(".verdict h2")
    expect(verdict).to_contain_text(says[0])
    assert kinds.report(page) == ""
    page.set_input_files("#receipt", chosen("mine.json", receipt_of("served")))
    expect(verdict).to_contain_text(says[1])
    assert kinds.report(page) == ""
    page.evaluate(DROP, ["mawid-receipt-invented-2 (1).json", coded(receipt_of("waiting"))])
    expect(verdict).to_contain_text(says[2])
    assert kinds.report(page) == ""
    line = files["line.csv"].replace(b",1\n", b",0\n", 1)
    page.set_input_files("#draw", chosen("line (2).csv", line))
    expect(page.locator(".verdict .wrong")).to_contain_text(says[3])
    page.reload()
    page.set_input_files("#draw", chosen("seed.txt", files["seed.txt"]))
    expect(page.locator("#draw-chosen")).to_contain_text("statement.json")
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if language == "ar" else "ar")
    assert set(calls) - {"file:///axe.js"} == {PAGE.as_uri()}  # where our own look is refused what it asks for


def test_the_page_cannot_call_anywhere(opened):
    page, _ = opened()
    assert page.evaluate(BLOCKED) == "connect-src"


def test_the_page_passes_and_refuses_what_the_vectors_say(opened, files):
    page, _ = opened()
    cases = json.loads((VECTORS / "corruptions.json").read_bytes())
    wrong = [case for case in cases if case["everyone"] is not None]
    changes = [{}, *({name: patched(files[name], patches) for name, patches in ring(case)} for case in wrong)]
    found = page.evaluate(CHECK, [{name: coded(content) for name, content in files.items()}, changes])
    assert found[0] == "passed"
    assert [case["name"] for case, code in zip(wrong, found[1:], strict=True) if code == "passed"] == []
    drand = {name: coded((VECTORS / "drand" / name).read_bytes()) for name in FOR_EVERYONE}
    assert page.evaluate(CHECK, [drand, [{}]]) == ["passed"]


def test_the_page_finds_what_would_pass_with_every_hash_right(opened):
    page, _ = opened()
    at = (17 * 3600 + 600) // 3 + 1
    assert page.evaluate(PUBLISHED) == [
        *("priority", "priority", "passed", "link-twice", "link-twice"),
        *("passed", "slot-twice", "number"),
        *(at, at + 1, at + 1),
    ]


def test_the_page_says_why_it_refuses_changes_by_anybody(opened, files):
    page, _ = opened()
    changes = {
        "seed": ("seed.txt", rb"^.{64}", b"0" * 64),
        "log-signature": ("statement.tlog-proof", "(— mawid.example/log .{20})....".encode(), rb"\1AAAA"),
        "cosignature": ("result.tlog-proof", "(— witness-1.example .{40})....".encode(), rb"\1AAAA"),
        "key-twice": ("result.json", rb'"audit":', b'"audit":null,"audit":'),
        "spelling": ("result.json", rb'"at":', b'"at": '),
        "json": ("statement.json", rb'"confirm_seconds":\d+', '"confirm_seconds":١'.encode()),
        "number": ("statement.json", rb'"confirm_seconds":', b'"confirm_seconds":99999999999999'),
        "value": ("statement.json", rb'"confirm_seconds":(\d+)', rb'"confirm_seconds":\1.0'),
    }
    given = [{name: coded(re.sub(old, new, files[name]))} for name, old, new in changes.values()]
    found = page.evaluate(
        CHECK, [{name: coded(content) for name, content in files.items()}, [*given, {"seed.txt": None}]]
    )
    assert found == [*changes, "missing"]


def ring(case):
    return [(name, patches) for name, patches in case["patches"].items() if name in FOR_EVERYONE]


def patched(content, patches):
    for offset, size, instead in reversed(patches):
        content = content[:offset] + b64decode(instead) + content[offset + size :]
    return coded(content)


def test_the_page_says_what_is_wrong_with_a_receipt(opened, files):
    page, _ = opened()
    own = receipt_of("served")
    changes = {
        "not-inside": (b'"leaf":', b'"leaf":1'),
        "key-missing": (b'"party":', b'"parts":'),
        "value": (b'"weekdays":', b'"weekdays":9'),
        "spelling": (b'"leaf":', b'"leaf": '),
        "other-draw": (b"invented-2", b"invented-9"),
        "other-link": (b'"link":null', b'"link":{"draw":"invented-1","list":"line","row":0}'),
        "logged-late": (b'"logged":', b'"logged":9'),
        "log-signature": ("\\n— mawid".encode(), "\\n— nawid".encode()),
        "other-place": (b'"siblings":["', b'"siblings":["' + b"0" * 64 + b'","'),
    }
    assert all(old in own for old, _ in changes.values())
    given = [{"receipt": coded(own.replace(*change, 1))} for change in changes.values()]
    found = page.evaluate(CHECK, [{name: coded(content) for name, content in files.items()}, given])
    assert found == list(changes)


def test_the_page_inflates_and_refuses_what_zlib_does(opened):
    page, _ = opened()
    chance = np.random.default_rng(5)
    text = b"".join(chance.bytes(3) * int(chance.integers(9)) for _ in range(150))
    whole = [zlib.compress(text, level) for level in (0, 1, 9)] + [zlib.compress(b"")]
    fixed = zlib.compressobj(9, strategy=zlib.Z_FIXED)
    whole.append(fixed.compress(text) + fixed.flush())
    streams = [*whole, *(one + b"0" for one in whole), *(one[:-1] for one in whole)]
    for _ in range(300):
        one = bytearray(whole[chance.integers(len(whole))])
        one[chance.integers(len(one))] ^= 1 << int(chance.integers(8))
        streams.append(bytes(one))

    def inflated(stream):
        unpacking = zlib.decompressobj()
        try:
            content = unpacking.decompress(stream)
        except zlib.error:
            return "packed"
        return content.hex() if unpacking.eof and not unpacking.unused_data else "packed"

    assert page.evaluate(INFLATE, [[coded(one) for one in streams]]) == list(map(inflated, streams))


def test_the_page_reads_json_in_the_one_spelling_of_python(opened):
    page, _ = opened()
    chance = np.random.default_rng(7)
    numbers = (chance.random(200) * 10.0 ** chance.integers(-20, 25, size=200)).tolist()
    values = (*numbers, 0.0, 1e16, 1e-5, 123456.0, 2**63 - 1, "é\u2028\x7f", "\t", [], {}, [[]], None)
    texts = [json.dumps({"a": one}, indent=1, ensure_ascii=False) for one in values]
    others = ["1e5", "1.50", "0.00001", "1E16", "01", "-1", "+1", "1e400", "2" * 19 + "9"]
    others += ['"\\ud800"', '"\\u00e9"', '"\\/"', "[1 ]", "[\n1]", "True", "١", "1 2"]
    assert page.evaluate(SPELLED, texts) == [True] * len(texts)
    assert page.evaluate(SPELLED, [f'{{\n "a": {one}\n}}' for one in others]) == [False] * len(others)
