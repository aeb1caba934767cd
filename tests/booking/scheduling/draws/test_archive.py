"""The files of a draw out of a zip that anybody may have made."""

from zipfile import ZipFile

import pytest

from booking.scheduling.draws.archive import read_archive
from booking.scheduling.draws.formats import DamagedFileError


def test_a_zip_with_a_name_that_is_not_utf8_is_damaged(tmp_path):
    path = tmp_path / "draw.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("é.json", b"{}")
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))

    with pytest.raises(DamagedFileError):
        read_archive(path, ())
