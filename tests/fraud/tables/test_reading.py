import gzip
import zipfile

import pandas as pd
import pytest

from fraud.tables import TableError, read_table

FRAME = pd.DataFrame({"اسم": ["ليلى", "سامر", "a,b"], "n": ["1", "", "3"], "day": ["2024-01-01"] * 3})
TEXT = FRAME.to_csv(index=False)


def written(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_a_table_comes_out_the_same_whatever_its_separator_and_encoding(tmp_path, separator, encoding):
    path = tmp_path / "t.csv"
    FRAME.to_csv(path, index=False, sep=separator, encoding=encoding)
    assert read_table(path).equals(FRAME.astype("str"))


def test_accents_of_western_europe_are_read(tmp_path):
    assert list(read_table(written(tmp_path / "t.csv", "año,prix é\n1,2\n".encode("latin-1")))) == ["año", "prix é"]


def test_packed_tables_are_read(tmp_path):
    written(tmp_path / "t.csv.gz", gzip.compress(TEXT.encode()))
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("folder/t.csv", TEXT)
        archive.writestr("__MACOSX/folder/._t.csv", b"\0\5")
        archive.writestr("read me.md", "about")
    for name in ("t.csv.gz", "t.zip"):
        assert read_table(tmp_path / name).equals(FRAME.astype("str"))


def test_cells_may_hold_separators_quotes_and_lines(tmp_path):
    path = written(tmp_path / "t.csv", 'a;b\n"x;\n""y""";1,5\n')
    assert read_table(path).to_numpy().tolist() == [['x;\n"y"', "1,5"]]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.csv", "", "is empty"),
        ("t.csv", "\ufeff", "not a table"),
        ("t.csv", "a,b\n", "no rows"),
        ("t.csv", "a,b\n1,2\n1,2,3\n", "line 3, saw 3"),
        ("t.csv", "a,b\n1,2,3\n4,5,6\n", "more cells than the header"),
        ("t.csv", bytes(range(256)) * 10, "binary"),
        ("t.zip", b"PK\3\4nothing", "cannot be read"),
        ("t.csv.gz", b"no gzip", "cannot be read"),
        ("t.csv.gz", gzip.compress(TEXT.encode(), mtime=0)[:-9], "cannot be read"),
        ("t.xlsx", b"PK", "save it as CSV"),
        ("t.parquet", b"PAR1", "arquet"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused_in_one_sentence(tmp_path, name, data, said):
    with pytest.raises(TableError, match=said) as refused:
        read_table(written(tmp_path / name, data))
    assert "\n" not in str(refused.value)


def test_a_damaged_archive_of_another_packing_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("t.csv", TEXT)
    content = (tmp_path / "t.zip").read_bytes()
    with pytest.raises(TableError, match="cannot be read"):
        read_table(written(tmp_path / "t.zip", content[:44] + bytes(16) + content[60:]))


def test_an_archive_of_two_tables_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr("b.csv", TEXT)
    with pytest.raises(TableError, match=r"exactly one table, but holds a\.csv, b\.csv"):
        read_table(tmp_path / "t.zip")


def test_an_archive_whose_table_has_no_name_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("t.csv", TEXT)
    content = (tmp_path / "t.zip").read_bytes().replace(b"t.csv", b"\0.csv")
    with pytest.raises(TableError, match="exactly one table, but holds nothing"):
        read_table(written(tmp_path / "t.zip", content))


def test_missing_files_are_refused(tmp_path):
    with pytest.raises(TableError, match="there is no file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="is a folder"):
        read_table(tmp_path)
