"""Letters as pictures: the same one for the same seed, at any quality."""

import io

import numpy as np
from PIL import Image, ImageDraw


def a_letter(seed: int, *, quality: int = 85) -> bytes:
    """A page with blocks where a letter has its head, lines and stamp."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", (500, 700), "#f8f4ea")
    pen = ImageDraw.Draw(page)
    for _ in range(14):
        x, y = (int(one) for one in rng.integers(0, (400, 640)))
        width, height = (int(one) for one in rng.integers((60, 10), (300, 90)))
        shade = int(rng.integers(20, 180))
        pen.rectangle((x, y, x + width, y + height), fill=(shade, shade, shade))
    output = io.BytesIO()
    page.save(output, "JPEG", quality=quality)
    return output.getvalue()
