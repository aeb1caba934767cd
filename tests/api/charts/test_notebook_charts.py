"""The notebooks' charts in both languages: all words are there, and the Arabic ones are Arabic."""

from datetime import date
from functools import partial
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from api.charts import absence, black_market, demand, hunt, mechanisms, quotas, rosters, rules, swaps
from api.i18n import load_words
from booking.platform.base.settings import Digits, Settings

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"
OFFICES = {"aleppo": "حلب", "homs": "حمص"}
WEEKS = [date(2026, 1, 4), date(2026, 1, 11), date(2026, 1, 18)]
LINES = pd.DataFrame({"x": [1.0, 2.0]})
CHARTS = {
    "chances": partial(
        mechanisms.chances, pd.DataFrame({"robot": [0.9, 0.5], "person": [0.4, 0.05]}, index=["first come", "draw"])
    ),
    "chances_by_lost": partial(
        mechanisms.chances_by_lost,
        pd.DataFrame({0: [0.5, 0.3], 1: [0.5, 0.9], 2: [0.5, 1.0]}, index=["lottery", "line"]),
    ),
    "moved_and_sold": partial(
        swaps.moved_and_sold,
        pd.DataFrame(
            {"in line": [0.9, 0.1, -0.1], "cycles": [0.9, 0.8, 0.8]}, index=["earlier", "other office", "sold"]
        ),
    ),
    "counters_by_hour": partial(
        rosters.counters_by_hour,
        pd.DataFrame({"asked": [13.4, 20.1], "plan": [24, 12], "roster": [17.5, 21]}, index=[8, 9]),
    ),
    "one_more_hour": partial(
        rosters.one_more_hour, pd.DataFrame({"plan": [1.62, 1.1], "roster": [1.2, 0.6]}, index=[6, 0])
    ),
    "profit_by_demand": partial(
        black_market.profit_by_demand,
        pd.DataFrame(
            {"demand": [1.0, 2.0] * 2, "profit": [0.1, 0.5, 0, 0], "system": ["immediate"] * 2 + ["batch"] * 2}
        ),
    ),
    "profit_by_rules": partial(
        black_market.profit_by_rules,
        pd.DataFrame({"before": [0.5] * 7, "after": [0.4] * 7}, index=list(black_market.RULES)),
    ),
    "profit_by_share": partial(
        black_market.profit_by_share,
        pd.DataFrame({"drawn": [0.0, 1.0] * 2, "profit": [0.5, 0, 0.3, 0], "capital": [0.5, 0.5, 0.25, 0.25]}),
    ),
    "weekly_demand": partial(
        demand.weekly_demand,
        pd.DataFrame({"week": WEEKS, "requests": [10, 20, 15]}),
        pd.DataFrame({"season": ["رمضان"], "first": [WEEKS[0]], "last": [WEEKS[1]]}),
    ),
    "served_by_places": partial(
        quotas.served_by_places,
        pd.DataFrame({"share": [0.5, 0.6], "asked": [100, 100], "served": [50, 60]}),
        today=0.55,
    ),
    "one_more_counter": partial(
        quotas.one_more_counter, pd.DataFrame({"office": list(OFFICES.values()), "more": [120.4, 3.5]})
    ),
    "rule_hits": partial(
        rules.rule_hits, pd.DataFrame({"fraud": [3], "honest": [1], "others": [20]}, index=["burst-from-one-device"])
    ),
    "line_of_a_rule": partial(
        rules.line_of_a_rule,
        pd.DataFrame({"line": [5, 10], "hoarding": [0.9, 0.5], "honest": [0.2, 0.01]}),
        fact="عدد الأشخاص",
    ),
    "troubled_by_kind": partial(
        rules.troubled_by_kind, pd.DataFrame({"active": [0.1, 0.9], "draft": [0.0, 0.8]}, index=["single", "bot"])
    ),
    "gained": partial(
        hunt.gained,
        pd.DataFrame({"race": [900.0, 20.5], "draw": [70.0, 10], "gate": [-8.0, 0]}, index=["bot", "claimer"]),
    ),
    "searched": partial(hunt.searched, pd.DataFrame({"bot": [-20.0, 5.0], "hoarder": [3.0, 4.0]}, index=[1, 2])),
    "absence_rates": partial(
        absence.absence_rates,
        pd.DataFrame({"office": list(OFFICES), "rate": [0.1, 0.2], "low": [0.05, 0.1], "high": [0.2, 0.3]}),
        names=OFFICES,
    ),
    "overflow_curve": partial(
        absence.overflow_curve,
        pd.DataFrame({"places": [4, 4, 8, 8], "extra": [1, 2, 1, 2], "chance": [0.01, 0.1, 0.001, 0.02]}),
        at_most=0.02,
    ),
    "lent_by_bound": partial(
        absence.lent_by_bound, pd.DataFrame({"bound": [0.01, 0.05, 0.2], "lent": [0, 30, 400]}), today=0.05
    ),
    "reach_of_reminders": partial(
        absence.reach_of_reminders,
        pd.DataFrame({"reminded": [0.0, 0.2, 1.0], "reached": [0.0, 0.4, 1.0]}),
        today=0.2,
    ),
    "lent_and_back": partial(
        absence.lent_and_back,
        pd.DataFrame({"office": list(OFFICES), "extra": [30, 12], "back": [41.5, 20.0]}),
        names=OFFICES,
    ),
}


@pytest.fixture(scope="module")
def languages():
    return load_words(Settings(_env_file=None, digits=Digits.ARABIC))


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_drawn_in_both_languages_without_cut_or_missing_text(name, languages):
    texts = {}
    for language, words in languages.items():
        figure = CHARTS[name](words)
        root = ET.fromstring(figure._repr_svg_())
        texts[language] = {part.text for text in root.iter(f"{SVG}text") for part in text.iter() if part.text}
        assert root.find(f"{SVG}title").text == figure.title
        assert not [text for text in texts[language] if "…" in text], "nothing is cut off"
    letters = [text for text in texts["en"] if any("a" <= letter <= "z" for letter in text.lower())]
    assert not set(letters) & texts["ar"] - {"burst-from-one-device"}, "left in English"
    assert not [text for text in texts["ar"] if any("0" <= letter <= "9" for letter in text)]
    assert len(texts["en"]) == len(texts["ar"])


def test_a_figure_is_legible_in_any_theme_and_its_ids_are_unique(languages):
    drawn = [CHARTS[name](words)._repr_svg_() for name in ("chances", "rule_hits") for words in languages.values()]
    for svg in drawn:
        root = ET.fromstring(svg)
        assert root.get("color").startswith("#")
        assert [part.tag.removeprefix(SVG) for part in root][:3] == ["title", "desc", "rect"]
        assert root.find(f"{SVG}rect").get("fill") == "#fff"
    names = [ET.fromstring(svg).get("aria-labelledby") for svg in drawn]
    assert len(set(names)) == len(names), "several stand in one notebook"
