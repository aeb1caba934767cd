"""What is read of work that was lent while workers died: a result that differs is named, half a line is nothing."""

from benchmarks.troubled.lender import Lent, other_results, read_lent


def test_a_result_that_differs_is_named(tmp_path):
    file = tmp_path / "lent"
    file.write_text("1.5 2.5 right\n2.5 4.0 different\n4.0 5.0 ri", "ascii")

    lent = read_lent(file)

    assert lent == [Lent(1.5, 2.5, right=True), Lent(2.5, 4.0, right=False)]
    assert other_results(lent) == ["what workers computed was another result, 2 to 4"]
    assert other_results(lent[:1]) == []


def test_nothing_was_lent_where_nobody_wrote_of_it(tmp_path):
    assert read_lent(tmp_path / "lent") == []
