"""Figures as pages draw them: one colour for one meaning, a sentence of what is seen, nothing in codes."""

from datetime import date, timedelta

import pytest

from api.charts.pieces import MEANING, MOST_COLUMNS, Meaning, draw
from api.i18n import load_words
from booking.country.figures.measures import MEASURES, Look
from booking.country.figures.tables import table
from booking.platform.base.settings import Digits, Settings
from fraud.reasons import REASONS

NAMES = {"aleppo": "حلب", "homs": "حمص"}


@pytest.fixture(scope="module")
def languages():
    return load_words(Settings(_env_file=None, digits=Digits.ARABIC))


def drawn(name, counts, rows, words):
    measure = MEASURES[name]
    return draw(measure, table(counts, rows, measure.shape, exact=True), names=NAMES, words=words)


@pytest.mark.parametrize("name", MEASURES)
def test_parts_of_a_figure_have_colours_of_their_own(name):
    measure = MEASURES[name]
    if measure.look is not Look.CHANCE:
        assert len({MEANING[part] for part in measure.shape.parts}) == len(measure.shape.parts)


def test_what_was_refused_and_what_is_free_look_the_same_everywhere():
    found = {part: MEANING[part] for part in ("refuse", "rejected", "challenge", "free", "taken")}
    assert list(found.values()) == [Meaning.BAD, Meaning.BAD, Meaning.WARN, Meaning.GOING, Meaning.USED]


def test_a_figure_says_in_words_what_it_shows(languages):
    counts = {("aleppo", "taken"): 30, ("aleppo", "free"): 10, ("homs", "free"): 80}
    english, arabic = (drawn("load", counts, ["aleppo", "homs"], languages[one]) for one in ("en", "ar"))
    assert english.finding == "Altogether 120: taken 30, free 90. Most: حمص, 80."
    assert arabic.finding == "المجموع ١٢٠: مشغول ٣٠، متاح ٩٠. الأكثر: حمص، ٨٠."
    assert [(bar.name, bar.told) for bar in english.bars] == [("حمص", "80"), ("حلب", "40")]
    assert [(piece.start, piece.length) for piece in english.bars[1].pieces] == [(0, 37.5), (37.5, 12.5)]


def test_a_chance_of_few_is_counted_and_not_compared(languages):
    counts = {("0", "placed"): 2, ("0", "not_placed"): 2, ("1", "placed"): 30, ("1", "not_placed"): 10}
    few = drawn("chance-by-priority", counts, ["0", "1"], languages["en"])
    assert [bar.told for bar in few.bars] == ["2 of 4", "75% of 40"]
    assert few.finding == "Draws lost before 1: 75% of 40."


def test_reasons_are_in_words(languages):
    rows = ["rule.burst", *REASONS]
    figure = drawn("reasons", {(row, "review"): 1 for row in rows}, rows, languages["ar"])
    assert [bar.name for bar in figure.bars if "." in bar.name or "_" in bar.name] == []
    assert "قاعدة «\u2066burst\u2069»" in {bar.name for bar in figure.bars}


def test_a_long_time_is_drawn_by_weeks(languages):
    days = [(date(2026, 1, 1) + timedelta(days=day)).isoformat() for day in range(MOST_COLUMNS + 1)]
    figure = drawn("asked", {(day, "accept"): 1 for day in days}, days, languages["en"])
    assert (len(figure.columns), figure.most, figure.weekly) == (9, "7", True)
    assert (figure.first, figure.last) == ("1 January 2026", "4 March 2026")
