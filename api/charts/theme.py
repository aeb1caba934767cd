"""One look for every chart, in Arabic and English, light and dark.

A chart function returns a `Figure`, which a page puts inline and a notebook shows by itself::

    def waits(frame: pd.DataFrame, words: Words) -> Figure:
        chart = alt.Chart(frame).mark_bar().encode(x=alt.X("days:Q", title=words.gettext("Days")), y="office:N")
        return Figure(chart, title=words.gettext("Waiting"), summary=words.gettext("How long ..."), words=words)

    page(..., figure=waits(frame, words))      {{ chart("waits", figure, columns, rows) }}  from workbench/chart.html

Draw it as for English: in Arabic the whole chart is mirrored, its texts are not. Colours are CSS variables with a
fallback for notebooks, so take them from `PALETTE`, or leave them to the theme.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from textwrap import wrap
from typing import Any, Final
from zlib import crc32

import altair as alt
import vl_convert

from api.charts.svg import finish
from api.i18n import Words
from booking.country.paper import typeface

PALETTE: Final = (
    "var(--chart-1,#0b5d4b)",
    "var(--chart-2,#c4631c)",
    "var(--chart-3,#3b6fb6)",
    "var(--chart-4,#9a4d8e)",
    "var(--chart-5,#8a7420)",
    "var(--chart-6,#5b6b65)",
)
"""Apart for the colour-blind too, each 3:1 or more against white, their dark variants against the dark page."""

COLOURS: Final[Mapping[str, str]] = {
    "used": "var(--act,#0b5d4b)",
    "going": "var(--chart-3,#3b6fb6)",
    "warn": "var(--chart-2,#c4631c)",
    "bad": "var(--bad,#a3201d)",
    "other": "var(--chart-6,#5b6b65)",
}
"""What has a meaning has its colour, the same as `api.charts.pieces.Meaning` on the boards; else `PALETTE`."""

WIDTH: Final = 560
HEIGHT: Final = 240
_RAMP: Final = ("#dcefe8", "#0b5d4b")
_SIZE: Final = 13
_KEPT: Final = 32
"""Drawn charts that a process keeps: the engine takes a tenth of a second for each."""
_LINE: Final = 100
_INK: Final = "currentColor"
_CONFIG: Final[dict[str, Any]] = {
    "background": None,
    "padding": {"left": 24, "right": 24, "top": 5, "bottom": 5},  # a page's own font may be wider than the one measured
    "font": typeface.FAMILY,
    "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": HEIGHT, "discreteWidth": WIDTH},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "domainColor": _INK,
        "tickColor": _INK,
        "gridColor": _INK,
        "gridOpacity": 0.15,
        "labelFontSize": _SIZE,
        "titleFontSize": _SIZE,
        "titleFontWeight": "normal",
        "labelLimit": 220,
        "titlePadding": 10,
    },
    "axisX": {"labelOverlap": True, "labelFlush": False, "labelSeparation": 8},
    "axisQuantitative": {"tickCount": 6},
    "axisTemporal": {"tickCount": 6, "format": "%-d %B"},
    "legend": {
        "labelColor": _INK,
        "titleColor": _INK,
        "labelFontSize": _SIZE,
        "titleFontSize": _SIZE,
        "titleFontWeight": "normal",
        "labelLimit": 240,
        "orient": "top",
    },
    "header": {"labelColor": _INK, "titleColor": _INK, "labelFontSize": _SIZE, "titleFontSize": _SIZE},
    "title": {
        "color": _INK,
        "subtitleColor": _INK,
        "anchor": "start",
        "fontSize": 16,
        "fontWeight": 600,
        "subtitlePadding": 6,
        "offset": 12,
    },
    "mark": {"color": PALETTE[0]},
    "text": {"color": _INK, "fontSize": _SIZE},
    "rule": {"color": _INK},
    "range": {
        "category": list(PALETTE),
        "ordinal": list(_RAMP),
        "ramp": list(_RAMP),
        "heatmap": list(_RAMP),
        "diverging": ["#a3201d", "#f3f3ee", "#0b5d4b"],
    },
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its title, one sentence that says what is to be seen in it, and one that says what it shows now."""

    chart: alt.TopLevelMixin
    title: str
    summary: str
    words: Words
    finding: str = ""

    def svg(self, name: str) -> str:
        """Return the chart for a page that has a heading for it; ``name`` is its own on that page (a-z, 0-9, -)."""
        return _draw(self.chart.to_dict(), self, name)

    def _repr_svg_(self) -> str:
        """Show it in a notebook, with its title and sentence."""
        spec = self.chart.to_dict() | {"title": {"text": self.title, "subtitle": wrap(self.summary, _LINE)}}
        name = f"figure-{crc32(repr((self.words.language.code, spec)).encode()):08x}"
        return _draw(spec, self, name, paper=True)


def _draw(spec: dict[str, Any], figure: Figure, name: str, *, paper: bool = False) -> str:
    words = figure.words
    spec["config"] = _CONFIG | {key: value for key, value in spec.get("config", {}).items() if key != "view"}
    drawn = _drawn(json.dumps(spec, default=str), "ar-SY" if words.language.code == "ar" else "en-GB")
    return finish(drawn, name=name, title=figure.title, summary=figure.summary, words=words, paper=paper)


@lru_cache(maxsize=_KEPT)
def _drawn(spec: str, locale: str) -> str:
    svg: str = _engine().vegalite_to_svg(spec, time_format_locale=locale, allowed_base_urls=[])
    return svg


@cache
def _engine() -> Any:
    vl_convert.register_font_directory(str(typeface.FOLDER))
    return vl_convert
