"""Watching approvals: what chance alone would ask, and what near fingerprints of papers find, and find wrongly.

Run with ``./run bench watching``. The letters are drawn, not real: sixty forms, each filled in for four people.
"""

import io
import time
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from booking.antifraud.watching.limits import false_questions
from booking.antifraud.watching.reuse import NEAR, near
from booking.people.evidence.convert import convert

FORMS, PEOPLE = 60, 4
OFFICERS, DAYS = 5000, 360
_TEXT = (
    "patient surgery date hospital passport travel embassy university admission letter confirms attached please "
    "arrive morning ticket flight treatment urgent director signature ministry department report city street number"
)
WORDS = _TEXT.split()


def main() -> None:
    """Print the three tables."""
    print("False questions a month among 1,000 honest officers")
    for per_day in (0.2, 1.0, 3.0):
        found = [
            false_questions(officers=OFFICERS, days=DAYS, per_day=per_day, share=share, seed=1) * 1000 / OFFICERS
            for share in (0.2, 0.4, 0.7)
        ]
        print(f"  {per_day:3.1f} cases a day, share 0.2 / 0.4 / 0.7: " + " / ".join(f"{one:.1f}" for one in found))
    _fingerprints()
    rng = np.random.default_rng(2)
    new, known = (rng.integers(0, 2**64, size, dtype=np.uint64) for size in (20_000, 100_000))
    began = time.perf_counter()
    found_pairs = len(near(new, known)[0])
    print(f"20,000 x 100,000 fingerprints: {time.perf_counter() - began:.1f} s, {found_pairs} pairs by chance")


def _fingerprints() -> None:
    rng = np.random.default_rng(1)
    letters = [[_letter(form, rng) for _ in range(PEOPLE)] for form in (_form(rng) for _ in range(FORMS))]
    prints = [[_print(letter) for letter in form] for form in letters]
    one_form = [_apart(a, b) for form in prints for n, a in enumerate(form) for b in form[:n]]
    others = [_apart(a, b) for n, form in enumerate(prints) for other in prints[:n] for a in form for b in other]
    copies: dict[str, list[int]] = {}
    for form, known in zip(letters, prints, strict=True):
        for name, copy, quality in _copies(form[0], rng):
            copies.setdefault(name, []).append(_apart(known[0], _print(copy, quality)))
    print(f"Share of pairs within {NEAR} bits of 64 (all within 6)")
    for name, found in {"other forms": others, "one form, other people": one_form, **copies}.items():
        within, six = (np.mean(np.array(found) <= bits) for bits in (NEAR, 6))
        print(f"  {name:24} {within:7.2%} ({six:7.2%}) of {len(found):,}")


def _form(rng: np.random.Generator) -> dict[str, object]:
    return {
        "paper": tuple(int(one) for one in rng.integers(225, 256, 3)),
        "margin": int(rng.integers(60, 140)),
        "top": int(rng.integers(90, 200)),
        "head": f"{rng.choice(WORDS)} {rng.choice(WORDS)}".title(),
        "size": int(rng.integers(24, 34)),
        "gap": int(rng.integers(44, 70)),
        "mark": int(rng.integers(4)),
        "lines": [" ".join(rng.choice(WORDS, int(rng.integers(4, 9)))) for _ in range(int(rng.integers(5, 12)))],
        "stamp": (int(rng.integers(500, 800)), int(rng.integers(1000, 1250))),
    }


def _letter(form: dict[str, object], rng: np.random.Generator) -> Image.Image:
    """Fill a form in: two lines are about the person, the stamp sits a little elsewhere."""
    page = Image.new("RGB", (1000, 1400), form["paper"])
    pen, margin, top = ImageDraw.Draw(page), form["margin"], form["top"]
    marks = [
        (pen.ellipse, (margin, margin, margin + 120, margin + 120)),
        (pen.rectangle, (860 - margin, margin, 1000 - margin, margin + 100)),
        (pen.rectangle, (margin, margin, 1000 - margin, margin + 60)),
    ]
    if form["mark"] < len(marks):
        shape, box = marks[form["mark"]]
        shape(box, fill="#246")
    pen.text((margin, top), form["head"], font=ImageFont.load_default(48), fill="#111")
    for number, fixed in enumerate(form["lines"]):
        own = f"{' '.join(rng.choice(WORDS, int(rng.integers(2, 6))))} {rng.integers(1, 29)}.{rng.integers(1, 13)}.2026"
        line = own if number in {1, 3} else fixed
        pen.text(
            (margin, top + 130 + number * form["gap"]), line, font=ImageFont.load_default(form["size"]), fill="#222"
        )
    x, y = (one + int(rng.integers(-15, 16)) for one in form["stamp"])
    pen.ellipse((x - 80, y - 80, x + 80, y + 80), outline="#148", width=8)
    return page


def _copies(page: Image.Image, rng: np.random.Generator) -> Iterator[tuple[str, Image.Image, int]]:
    values = np.asarray(page).astype(float)
    yield "copy: compressed again", page, 30
    yield "copy: half the size", page.resize((500, 700)), 70
    yield "copy: darker", ImageEnhance.Brightness(page).enhance(0.8), 80
    yield "copy: cut by 2 %", page.crop((20, 28, 980, 1372)), 80
    yield "copy: turned by 1 degree", page.rotate(1, fillcolor="#ccc"), 80
    yield "copy: with noise", _picture(values + rng.normal(0, 6, values.shape)), 80
    yield "copy: half in shadow", _picture(values * np.linspace(0.75, 1, values.shape[1])[None, :, None]), 80


def _picture(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype("uint8"))


def _print(page: Image.Image, quality: int = 85) -> int:
    output = io.BytesIO()
    page.save(output, "JPEG", quality=quality)
    return int(convert(output.getvalue())[1][0], 16)


def _apart(one: int, other: int) -> int:
    return (one ^ other).bit_count()


if __name__ == "__main__":
    main()
