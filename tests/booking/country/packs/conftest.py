import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from booking.country.packs.loading import BUILT_IN, load_pack
from booking.country.packs.schema import Pack

Edit = Callable[..., Path]


@pytest.fixture(scope="session")
def syria() -> Pack:
    return load_pack("syria")


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """A copy of the Syrian pack in which one text of a file is replaced; call again to edit more."""
    folder = tmp_path / "pack"
    shutil.copytree(BUILT_IN / "syria", folder)

    def edit(file: str, old: str, new: str) -> Path:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return edit
