"""Pages are made of what the style sheets define, nothing there is for nobody, and every colour can be read."""

import re
from collections.abc import Iterator

import pytest

from tests.support.root import ROOT

TEMPLATES = sorted((ROOT / "api/templates").rglob("*.html"))
SHEETS = sorted((ROOT / "api/static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "api/static").glob("*.js"))
CHARTS = sorted((ROOT / "api").rglob("*.py"))
HOOKS = {"differences"}
"""Classes by which journeys find a list."""
CLASS = re.compile(r"\.([a-z][a-z0-9-]*)")
PAIRS = [
    *(
        (ink, ground)
        for ink in ("ink", "soft", "act", "good", "warn", "bad", "going")
        for ground in ("ground", "paper")
    ),
    *((ink, "tint") for ink in ("ink", "soft", "act")),
    *((kind, f"{kind}-tint") for kind in ("good", "warn", "bad", "going")),
    *((ink, f"{kind}-tint") for ink in ("ink", "act") for kind in ("good", "warn", "bad", "going")),
    *(("on-act", "act"), ("on-state", "state"), ("on-focus", "focus")),
]


def defined() -> set[str]:
    sheets = (re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL) for file in SHEETS)
    return {name for sheet in sheets for name in CLASS.findall(re.sub(r"\{[^{}]*\}", "{}", sheet))}


def written() -> Iterator[tuple[str, str]]:
    """Yield each class that a template writes as it is, with the template."""
    for file in TEMPLATES:
        text = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        for value in re.findall(r'\sclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', text):
            plain = re.sub(r"\S*(\{\{.*?\}\}|\{%.*?%\})\S*", " ", value, flags=re.DOTALL)
            for name in plain.split():
                yield name, str(file.relative_to(ROOT))


def test_pages_use_no_class_that_no_sheet_defines():
    known = defined() | set(re.findall(r"[a-z-]+", "".join(file.read_text(encoding="utf-8") for file in SCRIPTS)))
    assert sorted({(name, file) for name, file in written() if name not in known | HOOKS}) == []


def test_the_sheets_define_nothing_that_nobody_uses():
    words = set()
    for file in (*TEMPLATES, *SCRIPTS, *CHARTS):
        words.update(re.findall(r"[a-z][a-z0-9-]*", file.read_text(encoding="utf-8")))
    assert sorted(defined() - words) == []


def test_every_component_is_shown_with_its_name():
    shown = (ROOT / "api/templates/public/design.html").read_text(encoding="utf-8")
    parts = {file.name for file in (ROOT / "api/templates/components").iterdir()} - {
        "head.html",
        "banner.html",
        "side.html",
    }
    assert sorted(name for name in parts if f"components/{name}" not in shown) == []


def tokens(*, night: bool) -> dict[str, str]:
    day, _, dark = (ROOT / "api/static/mawid/tokens.css").read_text(encoding="utf-8").partition("@media (prefers-color")
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", day))
    return found | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", dark)) if night else found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) > len("#fff") else "".join(2 * one for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_every_pair_of_colours_can_be_read(night):
    """WCAG 2.2, 1.4.3: a contrast of 4.5 for text of any size."""
    known = tokens(night=night)
    ratios = {}
    for ink, ground in PAIRS:
        light, dark = sorted((luminance(known[ink]), luminance(known[ground])), reverse=True)
        ratios[ink, ground] = round((light + 0.05) / (dark + 0.05), 2)
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}
