"""The files of a draw out of a zip that anybody may have made."""

import re
import tomllib
from zipfile import ZipFile

import pytest

from booking.scheduling.draws.archive import FILE, in_arabic, read_archive
from booking.scheduling.draws.formats import DamagedFileError


def test_a_zip_with_a_name_that_is_not_utf8_is_damaged(tmp_path):
    path = tmp_path / "draw.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("é.json", b"{}")
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))

    with pytest.raises(DamagedFileError):
        read_archive(path, ())


def test_arabic_sentences_have_the_gaps_of_the_english_ones():
    for english, arabic in tomllib.loads(FILE.read_text(encoding="utf-8"))["sentences"].items():
        assert sorted(re.findall(r"{\w+}", arabic)) == sorted(re.findall(r"{\w+}", english)), english


def test_a_reason_inside_a_reason_is_arabic_and_an_unknown_one_is_quoted():
    nested = "bins.csv, line 3: '+1' is not a number from 0 to 9"
    assert in_arabic(nested) == "الملف bins.csv، السطر 3: '+1' ليس عددًا من 0 إلى 9"
    assert in_arabic("line.csv: no such words {0}") == "الملف line.csv: «no such words {0}»"
