"""What stands alone in the files of a draw, measured from a folder."""

from typer.testing import CliRunner

from booking.entrypoints.commands.draw import app
from booking.scheduling.draws.format2.coarse import COARSE, write_coarse
from booking.scheduling.draws.format2.line import read_line
from booking.scheduling.draws.format2.tables import FOR_EVERYONE, LINE
from booking.scheduling.draws.uniqueness import Alike
from tests.support.draw_files import invented_draw


def said(folder):
    return CliRunner().invoke(app, ["uniqueness", str(folder)])


def test_lines_are_counted_alone_and_in_groups_under_five():
    assert Alike.of("aaaaabbbbccd") == Alike(12, 1, 7)


def test_a_folder_is_measured_by_what_is_in_it(tmp_path):
    drawn = invented_draw(40)
    line = read_line(drawn.files, most=drawn.files[LINE].count(b"\n"))
    drawn.files[COARSE] = write_coarse(drawn.closed.entrants, line)
    assert "exact wish" not in said(drawn.written(tmp_path / "everyone", [*FOR_EVERYONE, COARSE])).output
    words = said(drawn.written(tmp_path / "whole")).output
    assert f"exact wish (for observers): {len(line)} lines" in words
    assert "coarse wish, beside the line (for everyone)" in words
    assert words.rstrip().endswith("0 alone, 0 in groups under 5")


def test_a_folder_without_a_draw_or_with_a_damaged_file_is_refused_in_words(tmp_path):
    assert "draw.json: the file is missing" in said(tmp_path).output
    (tmp_path / "draw.json").write_bytes(b"{}")
    (tmp_path / "requests.jsonl.gz").write_bytes(b"not gzip")
    refused = said(tmp_path)
    assert (refused.exit_code, "requests.jsonl.gz" in refused.output) == (1, True)
