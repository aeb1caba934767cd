"""Every kind of page as tests see it, in both languages: what `validity.py` and `extremes.py` look at."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[1]
TESTS: Final = "tests/api/pages"


@contextmanager
def kept_pages(given: list[str]) -> Iterator[Path]:
    """Give a folder of pages: one that was kept before, or what the tests that are given see, all of pages else.

    A page that is asked for once more in the other language can disturb its test, so failures are told and go on.
    """
    if given and Path(given[0]).is_dir() and any(Path(given[0]).glob("*~*.html")):
        yield Path(given[0])
        return
    with TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(given or [TESTS])],
            cwd=ROOT,
            env=os.environ | {"MAWID_KEEP_PAGES": folder},
            check=False,
            stdout=subprocess.PIPE,
        )
        print(run.stdout.decode().strip().splitlines()[-1], file=sys.stderr)
        yield Path(folder)


def route_of(page: Path) -> str:
    """Return the address that a page was kept from, without its numbers."""
    return page.name.partition("~")[0].replace("!", "/")


def language_of(page: Path) -> str:
    """Return the language of a page."""
    return re.sub(r".*~", "", page.stem)


def largest_of_each(folder: Path) -> list[Path]:
    """Return the largest page of each address, in each language."""
    found: dict[tuple[str, str], Path] = {}
    for page in sorted(folder.glob("*~*.html"), key=lambda page: page.stat().st_size):
        found[route_of(page), language_of(page)] = page
    return sorted(found.values())
