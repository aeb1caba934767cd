"""Faults that people met who brought tables of their own: each is planted, and must not come back."""

import numpy as np
import pandas as pd
import pytest

from fraud.tables import TableError, evaluate, learning
from tests.fraud.tables.tables import bookings

pytestmark = pytest.mark.slow

ASKED = {"label": "missed", "time": "booked"}


@pytest.fixture(scope="module", autouse=True)
def _one_seed():
    """Grow the trees of one seed: what is asked here does not depend on them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "_SEEDS", 1)
        patch.setattr(learning, "_TUNED_WITH", 1)
        yield


def kinds(report):
    return {column.name: column.kind.value for column in report.columns}


def why(report, name):
    return next(column.why for column in report.columns if column.name == name)


def test_a_delay_that_leaves_hardly_an_outcome_known_is_an_error():
    with pytest.raises(TableError, match=r"had an outcome that was known before .* a shorter --delay"):
        evaluate(bookings(800), **ASKED, delay=235)


def test_a_delay_that_leaves_few_outcomes_known_teaches_by_those_alone():
    frame = bookings(800)
    report = evaluate(frame, **ASKED, delay=150)
    cut = pd.to_datetime(frame["booked"]).sort_values().iloc[640]
    known = pd.to_datetime(frame["day"], utc=True) + pd.Timedelta(days=151) <= cut
    assert report.trained_rows == known.sum() < 320
    assert any("did not teach" in note for note in report.notes)


@pytest.fixture(scope="module")
def planted():
    """Evaluate columns with misleading names, arbitrary numbers, codes, and cells that cannot be read."""
    random = np.random.default_rng(3)
    frame = bookings(2400)
    rows = len(frame)
    missed = (frame["missed"] == "Yes").to_numpy()
    frame["orders_per_customer"] = random.poisson(6, rows) + 3 * missed
    frame["age_of_account"] = random.integers(0, 4000, rows)
    frame["loyal_member"] = np.round(np.exp(random.normal(9, 1, rows))).astype(int)
    frame["policy_number"] = random.integers(100_000, 999_999, rows)
    frame["x7"] = random.permutation(np.arange(500_000, 900_000))[:rows]
    frame["scheme"] = random.choice([3, 7, 12, 14, 21, 22, 35, 48], rows)
    easy = frame["scheme"].isin([7, 14, 22, 48])
    frame.loc[easy & (random.random(rows) < 0.7), "missed"] = "No"
    frame["note_of_clerk"] = random.choice(["03/04/2024", "25/04/2024", "04/25/2024"], rows, p=[0.5, 0.49, 0.01])
    frame["fee"] = random.normal(40, 5, rows).round(2).astype(str)
    frame.loc[7, "fee"] = "forty?!"
    frame.loc[9, "booked"] = "sometime"
    frame.loc[11, "missed"] = "perhaps"
    return evaluate(frame, **ASKED)


def test_names_that_end_in_people_do_not_make_amounts_keys(planted):
    found = kinds(planted)
    assert [found[name] for name in ("orders_per_customer", "age_of_account", "loyal_member")] == ["number"] * 3
    assert list(planted.used["histories of"]) == ["person_id"]


def test_arbitrary_numbers_are_identifiers_by_what_they_hold(planted):
    assert kinds(planted)["policy_number"] == kinds(planted)["x7"] == "identifier"
    assert "all of 6 digits" in why(planted, "x7")


def test_codes_without_an_order_are_categories_by_what_they_tell(planted):
    assert kinds(planted)["scheme"] == "category"
    assert "each number by itself tells more than their order" in why(planted, "scheme")


def test_cells_that_cannot_be_read_cost_their_row_or_cell_alone(planted):
    notes = "\n".join(planted.notes)
    assert "1 row with a time that cannot be read was left out, the first of “booked” in row 10: “sometime”" in notes
    assert "1 row with another label was left out, such as “perhaps”" in notes
    assert kinds(planted)["fee"] == "number"
    assert kinds(planted)["note_of_clerk"] == "date"
    assert "note_of_clerk" in notes
    assert "such as “04/25/2024”" in notes


def test_a_key_that_hardly_repeats_is_kept_where_its_repeats_tell():
    random = np.random.default_rng(4)
    frame = bookings(2400).drop(columns=["person_id", "booking_id"])
    token = np.array([f"{number:012x}" for number in random.integers(0, 2**48, len(frame))], dtype=object)
    places = np.sort(random.choice(len(frame) - 200, 130, replace=False))
    again = places + random.integers(1, 200, len(places))
    token[again] = token[places]
    frame.loc[again, "missed"] = frame["missed"].to_numpy()[places]
    report = evaluate(frame.assign(handset=token, other=random.permutation(token)), **ASKED)
    assert frame.assign(handset=token)["handset"].nunique() / len(frame) > 0.94
    assert kinds(report)["handset"] == "key"
    assert "rows end as the row of the same value before them" in why(report, "handset")
    assert kinds(report)["other"] == "identifier"


def test_what_a_person_says_wins_over_every_piece_of_evidence():
    frame = bookings(800).assign(code=np.arange(800) % 7, plate=[f"AB{number % 200:05d}" for number in range(800)])
    said = {
        "person_id": "number",
        "city": "key",
        "age": "identifier",
        "code": "category",
        "plate": "text",
        "booking_id": "category",
        "day": "category",
    }
    report = evaluate(frame, **ASKED, kinds=said)
    assert kinds(report) == said
    assert {column.why for column in report.columns} == {"as asked"}
    assert list(report.used["histories of"]) == ["city"]
    assert "age" in report.left_out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kinds": {"cty": "key"}}, "--key: there is no column “cty”"),
        ({"kinds": {"city": "colour"}}, "“colour” is not a kind"),
        ({"kinds": [("city", "key"), ("city", "text")]}, "cannot be a key and a text at once"),
        ({"kinds": {"city": "key"}, "drop": ["city"]}, "dropped and used at once"),
        ({"group": "city", "kinds": {"city": "number"}}, "cannot be a key and a number at once"),
        ({"day_first": ["dai"]}, "--day-first: there is no column “dai”"),
    ],
)
def test_what_cannot_be_meant_is_refused(change, said):
    with pytest.raises(TableError, match=said):
        evaluate(bookings(400), **ASKED, **change)
