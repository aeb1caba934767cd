"""Train on the earlier rows of any labelled table, and measure how well it predicts the later ones."""

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.scoring.compare import calibration_report
from fraud.scoring.evaluate import evaluate as measure
from fraud.scoring.evaluate import intervals
from fraud.tables.columns import LEFT_OUT, Column, Kind, asked_of
from fraud.tables.encoding import Features, encode, season_name
from fraud.tables.errors import TableError
from fraud.tables.history import history
from fraud.tables.leaks import Leak, find_leaks, find_twins
from fraud.tables.learning import known_rows, learn, teachable, time_notes, timeline_of
from fraud.tables.moments import Timeline
from fraud.tables.preparing import Prepared, prepare
from fraud.tables.reading import read_table
from fraud.tables.recognising import join_dates, keys_of, recognise
from fraud.tables.report import Measured, Report

_LEAST_MEASURED: Final = 5
"""Rows of each label below which a part has no figures."""


def measured_parts(
    rows: Prepared,
    scores: npt.NDArray[np.float64],
    times: Timeline,
    key: str | None,
    teach: npt.NDArray[np.bool_],
    seed: int,
) -> list[Measured]:
    """Measure all rows held out, those made at least a day ahead, and people who taught and new ones.

    Parameters
    ----------
    scores
        Of the rows held out, float64 (m,).
    key
        The column that says whose each row is: intervals draw whole people.
    teach
        Which of all rows taught, bool (n,).
    """
    held = ~rows.train
    truth = rows.labels[held]
    who = None if key is None else rows.frame[key]
    codes = None if who is None else _codes(who)[held]
    chosen: dict[str, npt.NDArray[np.bool_]] = {"all": np.ones(len(truth), dtype=bool)}
    if times.lead is not None:
        chosen[f"{times.known_name} a day or more after {times.made_name}"] = times.lead[held] >= 1
    if who is not None:
        seen = who[held].isin(set(who[teach].dropna())).to_numpy()
        chosen[f"{key} seen in training"] = seen
        chosen[f"{key} not seen"] = ~seen
    return [
        _measured(name, truth[part], scores[part], None if codes is None else codes[part], seed)
        for name, part in chosen.items()
    ]


def _codes(who: pd.Series) -> npt.NDArray[np.int64]:
    """Return each person a number; a row without one is a person of its own."""
    codes, found = pd.factorize(who, use_na_sentinel=True)
    alone = codes < 0
    codes[alone] = len(found) + np.arange(alone.sum())
    return np.asarray(codes, dtype=np.int64)


def _measured(
    name: str,
    truth: npt.NDArray[np.bool_],
    scores: npt.NDArray[np.float64],
    codes: npt.NDArray[np.int64] | None,
    seed: int,
) -> Measured:
    positives = int(truth.sum())
    if min(positives, len(truth) - positives) < _LEAST_MEASURED:
        return Measured(name, len(truth), positives, None, {})
    groups = None if codes is None else np.unique(codes, return_inverse=True)[1]
    return Measured(
        name, len(truth), positives, measure(truth, scores), intervals(truth, scores, groups=groups, seed=seed)
    )


def evaluate(
    table: pd.DataFrame | Path | str,
    *,
    label: str,
    time: str | Sequence[str],
    group: str | None = None,
    train_before: str | None = None,
    positive: Sequence[str] = (),
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    kinds: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    day_first: Sequence[str] = (),
    month_first: Sequence[str] = (),
    keep_duplicates: bool = False,
    delay: float = 0.0,
    seed: int = 1,
) -> Report:
    """Train on rows before a moment and measure on those from it on.

    Parameters
    ----------
    table
        A table, or the file of one (see `fraud.tables.reading.read_table`).
    label
        The column that says what became of each row, in any two words.
    time
        The column that says when; or several that say so together (year, month, day; or a date and a time of day).
    group
        Whose each row is: earlier rows of the same value, and their outcomes as far as they were known, become
        features, and rows of people who taught and of new ones are measured apart. Columns that are clearly such keys
        are found without it.
    train_before
        The first moment that is held out; without it the last fifth of the rows is.
    positive
        The values of the label that count as true, where that is not obvious.
    drop, keep
        Columns to leave out, and to keep although they look like leaks, identifiers or constants; a key that is kept is
        a number or a category, without a history, unless ``kinds`` says that it is a key.
    kinds
        Of what kind columns are, by name or as pairs: key, identifier, category, number, date or text. It wins over
        what their cells seem to say; a column that gives the outcome away is left out all the same, unless it is kept.
    day_first, month_first
        Columns of dates, the time among them, of whose 03/04/2016 the day, or the month, stands first.
    keep_duplicates
        Whether exact duplicates stay.
    delay
        How many days after its time the outcome of a row becomes known.
    seed
        Equal arguments and rows, in any order, give an equal report.

    Raises
    ------
    TableError
        The table or what was asked of it cannot be used; the message says why in one sentence.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=600, freq="h").astype(str)
    >>> far, luck = np.random.default_rng(1).integers(0, 100, (2, 600))
    >>> table = pd.DataFrame({"booked": days, "km": far, "missed": far > luck})
    >>> round(evaluate(table, label="missed", time="booked").metrics.roc_auc, 1)
    0.8
    """
    if seed < 0 or not 0 <= delay < inf:
        raise TableError("a seed or a delay is a number from 0 on")
    raw = table if isinstance(table, pd.DataFrame) else read_table(Path(table))
    rows = prepare(
        raw,
        label=label,
        time=[time] if isinstance(time, str) else time,
        positive=positive,
        train_before=train_before,
        day_first=dict.fromkeys(day_first, True) | dict.fromkeys(month_first, False),
        keep_duplicates=keep_duplicates,
    )
    asked = asked_of(
        rows.frame,
        group=group,
        drop=drop,
        keep=keep,
        kinds=list(kinds.items()) if isinstance(kinds, Mapping) else kinds,
    )
    parts = join_dates(rows, asked)
    columns = recognise(rows, asked, parts, delay=delay)
    keys = keys_of(columns, rows, asked)
    taught = [column for column in columns if column.kind not in LEFT_OUT and column.name not in keys]
    features = encode(rows, taught)
    leaks = _leaks(rows, features, taught, known=known_rows(rows, taught, delay))
    out = {leak.column for leak in leaks if leak.certain} - asked.kept
    times = timeline_of(rows, [column for column in taught if column.name not in out], delay)
    teach = teachable(rows, times)
    rows.notes.extend(time_notes(rows, times, teach))
    features = _with_history(_unseasoned(features.without(sorted(out)), rows, leaks), rows, times, keys, teach)
    if not len(features.names):
        raise TableError("no column is left to learn from; --keep keeps those that were left out")
    learned = learn(
        features.matrix[teach],
        rows.labels[teach],
        categories=features.categories,
        at=rows.moments.when[teach],
        seed=seed,
    )
    held = ~rows.train
    scores = learned.score(features.matrix[held])
    return Report(
        positive=rows.positive,
        time=rows.time,
        held_out_from=rows.moments.told(rows.bound),
        trained_rows=int(teach.sum()),
        trained_positives=int(rows.labels[teach].sum()),
        trees=learned.trees,
        parts=measured_parts(rows, scores, times, keys[0] if keys else None, teach, seed),
        calibration=calibration_report(rows.labels[held], scores),
        used=_used(taught, out, keys),
        left_out={one.name: one.why for one in columns if one.kind in LEFT_OUT}
        | dict.fromkeys(sorted(asked.dropped), "asked")
        | {part: f"part of {whole}" for part, whole in parts.items() if part not in asked.kept | asked.dropped},
        leaks=leaks,
        kept_leaks=sorted(asked.kept),
        columns=columns,
        notes=rows.notes,
        scores=pd.DataFrame({"time": rows.moments.when[held], "label": rows.labels[held], "score": scores}),
    )


def _unseasoned(features: Features, rows: Prepared, leaks: Sequence[Leak]) -> Features:
    """Where a date and the time give the outcome away together, hide the season, which would reveal the date."""
    if not any(leak.certain and f"after {rows.time}”" in leak.why for leak in leaks):
        return features
    rows.notes.append(
        f"a date tells the outcome by its distance to {rows.time}: if that date was known before, {rows.time} was not; "
        "then choose another --time"
    )
    kept = np.array([name != season_name(rows.time) for name in features.names], dtype=bool)
    return features.where(kept)


def _leaks(rows: Prepared, features: Features, taught: Sequence[Column], *, known: npt.NDArray[np.bool_]) -> list[Leak]:
    labels = rows.labels[known]
    told = Features(features.matrix[known], features.names, features.categories, features.sources)
    leaks = find_leaks(told, labels)
    named = {leak.column for leak in leaks if leak.certain}
    words = [one.name for one in taught if one.kind is Kind.CATEGORY and one.name not in named]
    return [*leaks, *find_twins(rows.frame[known], words, labels)]


def _with_history(
    features: Features, rows: Prepared, times: Timeline, keys: Sequence[str], teach: npt.NDArray[np.bool_]
) -> Features:
    values, names, sources = [features.matrix], list(features.names), list(features.sources)
    prior = float(rows.labels[teach].mean())
    for key in keys:
        past = history(
            rows.frame[key], at=times.made, known_at=times.known, labels=rows.labels.astype(np.float64), prior=prior
        )
        values.append(past.to_numpy())
        names += [f"{key}: {name}" for name in past]
        sources += [key] * past.shape[1]
    joined = np.column_stack(values)
    categories = np.append(features.categories, np.zeros(joined.shape[1] - len(features.categories), dtype=bool))
    return Features(joined, tuple(names), categories, tuple(sources))


def _used(taught: Sequence[Column], out: set[str], keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
    def of(*kinds: Kind) -> list[str]:
        return [one.name for one in taught if one.kind in kinds and one.name not in out]

    return {
        "numbers": of(Kind.NUMBER),
        "categories": of(Kind.CATEGORY, Kind.KEY),
        "dates": of(Kind.DATE),
        "texts": of(Kind.TEXT),
        "histories of": list(keys),
    }
