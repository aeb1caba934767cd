import gzip
import re
from xml.etree import ElementTree as ET

import altair as alt
import pandas as pd
import pytest

from api.charts.theme import Figure
from api.i18n import load_words
from booking.platform.base.settings import Digits, Settings

SVG = "{http://www.w3.org/2000/svg}"
OFFICES = {"ar": ["دمشق", "حلب"], "en": ["Damascus", "Aleppo"]}


@pytest.fixture(scope="module")
def drawn():
    words = load_words(Settings(_env_file=None, digits=Digits.ARABIC))
    figures = {}
    for language, offices in OFFICES.items():
        chart = (
            alt.Chart(pd.DataFrame({"office": offices, "people": [1200, 40]}))
            .mark_bar(clip=True)
            .encode(x="people:Q", y=alt.Y("office:N", sort=None), color="office:N")
        )
        figures[language] = Figure(chart, title="A & B", summary="<b>", words=words[language]).svg("load")
    return figures


def turned(svg):
    return [group.get("transform") for group in ET.fromstring(svg).findall(f"{SVG}g")]


def test_an_arabic_chart_is_mirrored_with_upright_text_and_arabic_digits(drawn):
    arabic, english = (ET.fromstring(drawn[language]) for language in ("ar", "en"))
    assert turned(drawn["ar"]) == [f"translate({arabic.get('width')},0) scale(-1,1)"]
    assert turned(drawn["en"]) == [None]
    texts = list(arabic.iter(f"{SVG}text"))
    assert all(text.get("transform").endswith("scale(-1,1)") for text in texts)
    assert {"١,٢٠٠", "\u2067دمشق\u2069"} <= {text.text for text in texts}
    offices = [text for text in english.iter(f"{SVG}text") if text.text == "Damascus"]
    assert "1,200" in drawn["en"]
    assert {text.get("text-anchor") for text in offices} == {"end", "start"}, "beside the axis, and in the legend"


def test_a_chart_is_a_small_labelled_image_that_the_page_policy_allows(drawn):
    for svg in drawn.values():
        root = ET.fromstring(svg)
        assert (root.get("role"), root.find(f"{SVG}title").text, root.find(f"{SVG}desc").text) == (
            "img",
            "A & B",
            "<b>",
        )
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert set(root.get("aria-labelledby").split()) <= set(ids)
        assert all(name.startswith("load-") for name in ids)
        assert set(re.findall(r"url\(#(.*?)\)", svg)) <= set(ids), "clipped by what is there"
        assert "currentColor" in svg
        assert "var(--chart-1" in svg
        for forbidden in ("style=", "<style", "<script", "href", 'font-family="IBM', " on"):
            assert forbidden not in svg
        assert len(gzip.compress(svg.encode())) < 1500
