"""The result of a study as tables for people, and as records to download."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.charts.findings import FEW
from api.i18n import N_, Words
from fraud.facts import BY_NAME

DECISIONS: Final[Mapping[str, str]] = {
    "accept": N_("accept"),
    "challenge": N_("a check"),
    "review": N_("a review"),
}
KNOWN: Final[Mapping[str, str]] = {
    "confirmed_fraud": N_("Places were resold"),
    "refused_by_officer": N_("Refused by an officer"),
    "served": N_("Came and was served"),
    "appeal_upheld": N_("Right in an appeal"),
    "cleared": N_("Accepted by an officer"),
    "no_show": N_("Did not come"),
    "cancelled": N_("Cancelled"),
    "lapsed": N_("Ended without an appointment"),
    "open": N_("Nothing is known yet"),
}
TRAITS: Final[Mapping[str, str]] = {
    "office": N_("Office"),
    "service": N_("Service"),
    "age_band": N_("Age"),
    "age": N_("Age"),
    "residence": N_("Residence"),
    "region": N_("Region"),
    "helper": N_("Helper"),
}
_VALUES: Final[Mapping[str, str]] = {
    "home": N_("In the country"),
    "abroad": N_("Abroad"),
    "helper": N_("Registered helper"),
    "no helper": N_("No helper"),
    "under 18": N_("Under 18"),
    "60 and over": N_("60 and over"),
    "unknown": N_("Not known"),
    "*": N_("Groups of fewer than five people, together"),
}
METRICS: Final[Mapping[str, str]] = {
    "roc_auc": N_("Order of the scores (ROC-AUC)"),
    "pr_auc": N_("Order among the highest scores (PR-AUC)"),
    "recall_at_1_percent": N_("Hoarders found while 1 per cent of honest people are troubled"),
    "recall_at_5_percent": N_("Hoarders found while 5 per cent of honest people are troubled"),
    "brier": N_("Distance from the truth (Brier, 0 is best)"),
}
LEVELS: Final[Mapping[str, str]] = {
    "too few": N_("too few requests to say"),
    "stable": N_("as before"),
    "watch": N_("watch"),
    "alarm": N_("train again"),
}
OUTCOMES: Final[Mapping[str, str]] = {"challenged": N_("checked"), "reviewed": N_("reviewed")}


@dataclass(frozen=True, slots=True)
class Say:
    """A reader's language, with the names of offices, services and regions by code."""

    words: Words
    names: Mapping[str, str]

    def __call__(self, sentence: str, **values: object) -> str:
        """Return a sentence of the catalogue, with its blanks filled."""
        return self.words.say(sentence, values)

    def of(self, table: Mapping[str, str], key: str) -> str:
        """Return the words of a key, or the key itself where the table has none."""
        return self.words.gettext(table[key]) if key in table else key

    def value(self, value: str) -> str:
        """Return the name of a group: an office, a service, an age."""
        return self.names.get(value) or self.words.digits(self.of(_VALUES, value))

    def group(self, group: str) -> str:
        """Return the name of a group that is written as "residence: abroad"."""
        trait, _, value = group.partition(": ")
        return f"{self.of(TRAITS, trait)}: {self.value(value)}"

    def share(self, share: float | None) -> str:
        """Write a share as a percentage with one decimal; a dash where it is not known."""
        return "–" if share is None else self.words.digits(f"{100 * share:.1f}%")

    def part(self, count: int, of: int) -> str:
        """Write a part of some people: counted where they are few, else as a percentage; a dash of nobody."""
        return self(N_("%(n)s of %(of)s"), n=count, of=of) if 0 < of < FEW else self.share(count / of if of else None)

    def interval(self, low: float, high: float) -> str:
        """Write an interval of shares."""
        return self(N_("%(low)s to %(high)s"), low=self.share(low), high=self.share(high))

    def number(self, value: float) -> str:
        """Write a number with at most three digits after the point."""
        return self.words.number(round(value, 3))


_GROUPS: Final = ("office", "service", "age_band", "residence")
_STEPS: Final = ("accept", "challenge", "review")
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a study: what it is called in an address, its title, what to look for, and its rows as shown."""

    name: str
    title: str
    hint: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def backtest_tables(result: Result, say: Say) -> list[Table]:
    """Return the tables of a backtest, or of rules in shadow."""
    if not result["judged"]:
        return []
    return [
        _changes(result["changes"], say, N_("Rows: what is decided today. Columns: what the draft would decide.")),
        _rules(result, say),
        _known(result, say),
        _examples(result, say),
        *(_group(column, rows, say) for column in _GROUPS if (rows := result["groups"][column])),
        _fairness(result, say),
    ]


def model_tables(result: Result, say: Say) -> list[Table]:
    """Return the tables of a model's study that stand apart from its charts."""
    if not result["judged"]:
        return []
    versus = result["versus"]
    beside = [] if versus is None else [
        _changes(versus["changes"], say, N_("Rows: the active version. Columns: this version.")),
        _metrics(versus["metrics"], say),
        _versus_groups(versus["groups"], say),
    ]  # fmt: skip
    return [*beside, _fairness(result, say)]


def curve_rows(result: Result, say: Say) -> tuple[list[str], list[list[str]]]:
    """Return the threshold curve as a table: its columns, and its rows as shown."""
    columns = [
        say(N_("Line")),
        say(N_("Cases a day")),
        say(N_("Honest people troubled")),
        say(N_("Known honest requests troubled")),
        say(N_("Hoarders found")),
        say(N_("Hoarders among known cases")),
    ]
    return columns, [
        [
            say.number(row["threshold"]),
            say.number(round(row["cases_per_day"], 1)),
            say.share(row["honest_troubled"]),
            "–" if row["honest_troubled"] is None else say.number(round(row["honest_troubled"] * result["honest"])),
            say.share(row["hoarders_found"]),
            say.share(row["precision"]),
        ]
        for row in result["curve"]
    ]


def calibration_rows(result: Result, say: Say) -> tuple[list[str], list[list[str]]]:
    """Return the reliability curve as a table."""
    columns = [say(N_("Mean score")), say(N_("Found to hoard")), say(N_("95 per cent interval")), say(N_("Requests"))]
    return columns, [
        [
            say.share(row["mean_score"]),
            say.share(row["found"]),
            say.interval(row["low"], row["high"]),
            say.number(row["rows"]),
        ]
        for row in result["calibration"]
    ]


def drift_rows(result: Result, say: Say) -> tuple[list[str], list[list[str]]]:
    """Return the stability index of each fact by week as a table."""
    weeks = [say.words.digits(week["until"]) for week in result["drift"]["weeks"]]
    return [say(N_("Fact")), *weeks, say(N_("Latest week"))], [
        [
            say.words.pick(BY_NAME[row["fact"]].ar, BY_NAME[row["fact"]].en) if row["fact"] in BY_NAME else row["fact"],
            *(say.number(index) for index in row["index"]),
            say.of(LEVELS, row["level"][-1]),
        ]
        for row in result["drift"]["facts"]
    ]


def records_of(result: Result, table: str) -> list[dict[str, Any]] | None:
    """Return a table as records to download; None where a study has no such table."""
    if table == "changes" and "changes" in result:
        return [
            {"today": row, **dict(zip(_STEPS, counts, strict=True))}
            for row, counts in zip(_STEPS, result["changes"], strict=True)
        ]
    group = table.removeprefix("by-")
    if group != table and group in result.get("groups", {}):
        return _in_order(result["groups"][group], ("group", *_TROUBLED))
    if table == "drift" and "drift" in result:
        weeks = [week["until"] for week in result["drift"]["weeks"]]
        return [
            {"fact": row["fact"], **dict(zip(weeks, row["index"], strict=True))} for row in result["drift"]["facts"]
        ]
    if table == "examples" and "examples" in result:
        told = [row | {"fired": " ".join(row["fired"])} for row in result["examples"]]
        return _in_order(told, ("who", "day", "draft", "fired", "known"))
    if table in _RECORDS and table in result:
        return _in_order(result[table], _RECORDS[table])
    return None


_COUNTS: Final = ("fires", "alone", "fraud", "honest", "others", "unknown")
_TROUBLED: Final = ("requests", "draft challenge", "draft review", "active challenge", "active review")
_RECORDS: Final[Mapping[str, Sequence[str]]] = {
    "rules": ("rule", "then", *_COUNTS, "precision", "low", "high"),
    "known": ("known", *_TROUBLED),
    "fairness": ("group", "what", "people", "rate", "low", "high", "others", "gap"),
    "curve": ("threshold", "cases_per_day", "honest_troubled", "hoarders_found", "precision"),
    "calibration": ("from", "until", "rows", "mean_score", "found", "low", "high"),
}


def _in_order(rows: Sequence[Result], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return the columns their order: a stored result keeps none, and an older one has not all."""
    return [{name: row[name] for name in columns if name in row} for row in rows]


def _changes(counts: Sequence[Sequence[int]], say: Say, hint: str) -> Table:
    columns = [say(N_("What is decided")), *(say.of(DECISIONS, step) for step in _STEPS)]
    rows = [
        [say.of(DECISIONS, step), *(say.words.number(count) for count in row)]
        for step, row in zip(_STEPS, counts, strict=True)
    ]
    return Table("changes", say(N_("What would change")), say(hint), columns, rows)


def _rules(result: Result, say: Say) -> Table:
    columns = [
        say(N_("Rule")),
        say(N_("Asks for")),
        say(N_("Fires")),
        say(N_("Alone")),
        say(N_("Known to hoard")),
        say(N_("Known to be honest")),
        say(N_("Others")),
        say(N_("Unknown")),
        say(N_("Right among the known")),
    ]
    rows = [
        [
            row["rule"],
            say.of(DECISIONS, row["then"]),
            *(say.words.number(row.get(name, 0)) for name in _COUNTS),
            _precision(row, say),
        ]
        for row in result["rules"]
    ]
    hint = N_("“Alone”: no other rule fires for that request. In brackets: the 95 per cent interval.")
    unknown = N_("“Unknown”: requests judged before a fact of this rule was recorded.")
    return Table("rules", say(N_("Rule by rule")), f"{say(hint)} {say(unknown)}", columns, rows)


def _precision(row: Result, say: Say) -> str:
    """Write how often a rule was right among the known; an interval only where there are enough for a share."""
    known = row["fraud"] + row["honest"]
    right = say.part(row["fraud"], known)
    return right if known < FEW else f"{right} ({say.interval(row['low'], row['high'])})"


def _known(result: Result, say: Say) -> Table:
    hint = N_("Whom the draft and today's rules trouble, by what is known of them now.")
    rows = [[say.of(KNOWN, row["known"]), *_troubled(row, say)] for row in result["known"] if row["requests"]]
    return Table("known", say(N_("By what is known now")), say(hint), [say(N_("Known now")), *_columns(say)], rows)


def _group(column: str, rows: Sequence[Result], say: Say) -> Table:
    title = say(N_("By group: %(trait)s"), trait=say.of(TRAITS, column))
    hint = N_("Groups of fewer than five people are told together, or not at all.")
    shown = [[say.value(row["group"]), *_troubled(row, say)] for row in rows]
    return Table(f"by-{column}", title, say(hint), [say.of(TRAITS, column), *_columns(say)], shown)


def _columns(say: Say) -> list[str]:
    return [
        say(N_("Requests")),
        say(N_("Draft: check")),
        say(N_("Draft: review")),
        say(N_("Today: check")),
        say(N_("Today: review")),
    ]


def _troubled(row: Result, say: Say) -> list[str]:
    return [say.words.number(row[name]) for name in _TROUBLED]


def _examples(result: Result, say: Say) -> Table:
    columns = [say(N_("Case code")), say(N_("Day")), say(N_("Would be")), say(N_("Rules")), say(N_("Known now"))]
    rows = [
        [
            row["who"],
            say.words.digits(row["day"]),
            say.of(DECISIONS, row["draft"]),
            say.words.listed(row["fired"]),
            say.of(KNOWN, row["known"]),
        ]
        for row in result["examples"]
    ]
    hint = N_(
        "The latest that only the draft troubles. An administrator can take a case code back, with a reason on record."
    )
    return Table("examples", say(N_("Examples")), say(hint), columns, rows)


def _fairness(result: Result, say: Say) -> Table:
    columns = [
        say(N_("Group")),
        say(N_("What")),
        say(N_("Honest requests")),
        say(N_("Share")),
        say(N_("99 per cent interval")),
        say(N_("All others")),
    ]
    rows = [
        [
            say.group(row["group"]),
            say.of(OUTCOMES, row["what"]),
            say.words.number(row["people"]),
            say.part(round(row["rate"] * row["people"]), row["people"]),
            say.interval(row["low"], row["high"]) if row["people"] >= FEW else "–",
            say.share(row["others"]),
        ]
        for row in result["fairness"]
    ]
    hint = say(
        N_("Of people known to be honest. Beyond chance a group may be troubled at most %(bound)s more than others."),
        bound=say.share(result["bound"]),
    )
    return Table("fairness", say(N_("Fairness")), hint, columns, rows)


def _metrics(metrics: Mapping[str, Mapping[str, float]], say: Say) -> Table:
    rows = [
        [say(sentence), *(say.number(metrics[who][name]) if name in metrics[who] else "–" for who in _WHO)]
        for name, sentence in METRICS.items()
    ]
    columns = [say(N_("What is measured")), say(N_("The active version")), say(N_("This version"))]
    return Table("metrics", say(N_("Side by side")), say(N_("On requests of which something is known.")), columns, rows)


_WHO: Final = ("champion", "challenger")


def _versus_groups(groups: Sequence[Result], say: Say) -> Table:
    columns = [
        say(N_("Group")),
        say(N_("Requests")),
        say(N_("Today: check")),
        say(N_("Today: review")),
        say(N_("This version: check")),
        say(N_("This version: review")),
    ]
    rows = [
        [
            say.group(row["group"]),
            say.words.number(row["requests"]),
            *(say.share(row[f"{who}_{step}"]) for who in _WHO for step in _STEPS[1:]),
        ]
        for row in groups
    ]
    return Table(
        "groups", say(N_("Whom each would trouble")), say(N_("Shares of all requests of a group.")), columns, rows
    )
