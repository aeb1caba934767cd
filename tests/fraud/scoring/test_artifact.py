import dataclasses
import io
import json
import zipfile
from functools import partial

import numpy as np
import pytest

from fraud.facts import ALWAYS, FEATURES, LATER, Facts, schema_hash
from fraud.features import matrix
from fraud.scoring import artifact
from fraud.scoring.artifact import Artifact, ArtifactError, Schema, Thresholds, gate_schema
from fraud.scoring.fitting import fit_model
from fraud.scoring.model import SIGNS, fit
from fraud.scoring.words import named

pytestmark = pytest.mark.slow


def parts_of(data: bytes) -> dict:
    with np.load(io.BytesIO(data), allow_pickle=False) as parts:
        return dict(parts)


def packed(parts: dict) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **parts)
    return buffer.getvalue()


def described(data: bytes, **changes: object) -> bytes:
    parts = parts_of(data)
    metadata = json.loads(parts["metadata"].tobytes()) | changes
    kept = {name: value for name, value in metadata.items() if value is not ...}
    return packed(parts | {"metadata": np.frombuffer(json.dumps(kept).encode(), dtype=np.uint8)})


def test_a_model_survives_storage_to_the_last_bit(model, history):
    again = Artifact.from_bytes(model.to_bytes())
    table = matrix(history.head(1_000))

    assert again.version == model.version
    assert again.thresholds == model.thresholds
    assert again.about == model.about
    assert np.array_equal(again.score_many(table), model.score_many(table))


def test_the_live_score_is_the_notebook_score(model, history):
    few = history.head(1_000)
    scores = model.score_many(matrix(few)).tolist()

    assert scores == [model.score(Facts.from_mapping(record)) for record in few[list(FEATURES)].to_dict("records")]


def test_a_model_from_before_a_fact_scores_the_features_that_it_knows(history, facts):
    before = history.head(6_000).drop(columns=sorted(LATER))
    model = fit_model(
        before,
        schema=Schema(ALWAYS, schema_hash(ALWAYS)),
        matrix=partial(matrix, features=ALWAYS),
        signs=SIGNS,
        positive="hoarders",
        choose=lambda *_: Thresholds(0.2, 0.9),
        measure=lambda *_: {},
        seed=3,
    )
    again = Artifact.from_bytes(model.to_bytes())
    few = history.head(50)

    assert again.schema == model.schema != gate_schema()
    assert again.score_many(matrix(few, ALWAYS)).tolist() == [
        again.score(Facts.from_mapping(record)) for record in few[list(FEATURES)].to_dict("records")
    ]
    lost, none = facts(form_seconds=1.0, claims_ended_365d=9), facts(form_seconds=1.0)
    assert again.explained(lost) == again.explained(none)
    assert "claims_ended_365d" not in named(again.explained(lost)[1], again.schema.features)


def test_a_model_learns_from_older_verdicts_in_which_a_fact_was_not_recorded(history):
    part = history.head(6_000)
    partly = part.assign(**{name: part[name].where(part.index > 2_000).astype(float) for name in LATER})

    model = fit(partly, seed=3)

    assert model.schema == gate_schema()
    assert np.isfinite(model.score_many(matrix(partly))).all()


def test_a_model_says_what_it_was_trained_on(model):
    known = {"data", "seed", "rows", "people", "from", "until", "signs", "reference", "metrics"}

    assert set(model.about) == known


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(model, share):
    data = model.to_bytes()

    with pytest.raises(ArtifactError, match="not a whole model"):
        Artifact.from_bytes(data[: int(len(data) * share)])


def test_altered_bytes_are_refused_or_change_nothing(model):
    data = model.to_bytes()
    for place in range(0, len(data), max(1, len(data) // 150)):
        altered = bytearray(data)
        altered[place] ^= 0x55
        try:
            again = Artifact.from_bytes(bytes(altered))
        except ArtifactError:
            continue
        assert again.version == model.version


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04cos\nsystem\n", b"x" * 10_000])
def test_a_file_that_is_not_a_model_is_refused(data):
    with pytest.raises(ArtifactError):
        Artifact.from_bytes(data)


def test_a_file_with_pickled_objects_is_never_loaded(model):
    parts = parts_of(model.to_bytes()) | {"value": np.array([{"a": 1}], dtype=object)}

    with pytest.raises(ArtifactError, match="not a whole model"):
        Artifact.from_bytes(packed(parts))


def test_a_file_with_other_parts_is_refused(model):
    parts = parts_of(model.to_bytes())

    with pytest.raises(ArtifactError, match="other parts"):
        Artifact.from_bytes(packed(parts | {"more": np.zeros(1)}))
    with pytest.raises(ArtifactError, match="other parts"):
        Artifact.from_bytes(packed({name: part for name, part in parts.items() if name != "root"}))


def test_a_file_that_unpacks_to_too_much_is_refused(model):
    parts = parts_of(model.to_bytes()) | {"value": np.zeros(10_000_000)}

    with pytest.raises(ArtifactError, match="too large when unpacked"):
        Artifact.from_bytes(packed(parts))


def test_a_file_that_is_too_large_is_refused(model, monkeypatch):
    monkeypatch.setattr(artifact, "MAX_BYTES", 100)

    with pytest.raises(ArtifactError, match="larger than"):
        Artifact.from_bytes(model.to_bytes())


def test_a_model_for_other_facts_is_refused(model):
    with pytest.raises(ArtifactError, match="another schema"):
        Artifact.from_bytes(described(model.to_bytes(), schema="0" * 16))


def test_a_model_of_another_format_is_refused(model):
    with pytest.raises(ArtifactError, match="format 99"):
        Artifact.from_bytes(described(model.to_bytes(), format=99))


@pytest.mark.parametrize(
    "changes",
    [
        {"slope": ...},
        {"about": ...},
        {"about": 3},
        {"challenge": "often"},
        {"challenge": 0.9, "review": 0.1},
        {"challenge": float("nan")},
        {"base": float("inf")},
        {"intercept": 0.25},
        {"about": {"metrics": {"roc_auc": 1.0}}},
        {"version": "0" * 16},
        {"version": ...},
    ],
)
def test_a_description_that_is_incomplete_or_altered_is_refused(model, changes):
    with pytest.raises(ArtifactError):
        Artifact.from_bytes(described(model.to_bytes(), **changes))


@pytest.mark.parametrize(
    ("part", "place", "value"),
    [
        ("root", 0, -1),
        ("root", 0, 10**6),
        ("feature", 0, len(FEATURES)),
        ("feature", 0, -7),
        ("left", 0, 0),
        ("right", 0, 10**6),
        ("value", 3, np.nan),
        ("threshold", 0, np.nan),
        ("threshold", 0, -np.inf),
        ("expected", 0, np.inf),
        ("expected", 0, 0.1),
        ("expected", 0, 1e6),
    ],
)
def test_trees_that_lead_astray_are_refused(model, part, place, value):
    changed = getattr(model.trees, part).copy()
    changed[place] = value
    astray = dataclasses.replace(model, trees=dataclasses.replace(model.trees, **{part: changed}))

    with pytest.raises(ArtifactError):
        Artifact.from_bytes(astray.to_bytes())


def test_a_node_that_two_branches_lead_to_is_refused(model):
    """Every walk would still end; but what is no tree was not made by a training."""
    inner = np.flatnonzero(model.trees.feature >= 0)[0]
    joined = model.trees.right.copy()
    joined[inner] = model.trees.left[inner]
    strange = dataclasses.replace(model, trees=dataclasses.replace(model.trees, right=joined))

    with pytest.raises(ArtifactError, match="two ways"):
        Artifact.from_bytes(strange.to_bytes())


@pytest.mark.slow
def test_a_bomb_that_lies_about_its_size_is_refused(model):
    """The directory claims a few bytes for a part that unpacks to more than all parts may."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(model.to_bytes())) as old,
        zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part + bytes(artifact.MAX_UNPACKED_BYTES + 1) if name == "value.npy" else part)
            new.infolist()[-1].file_size = len(part)

    with pytest.raises(ArtifactError, match="not a whole model"):
        Artifact.from_bytes(buffer.getvalue())


def test_arrays_of_other_types_or_lengths_are_refused(model):
    parts = parts_of(model.to_bytes())

    with pytest.raises(ArtifactError, match="has type float32"):
        Artifact.from_bytes(packed(parts | {"value": parts["value"].astype("float32")}))
    with pytest.raises(ArtifactError, match="different lengths"):
        Artifact.from_bytes(packed(parts | {"value": parts["value"][:-1]}))
    with pytest.raises(ArtifactError, match="begins outside"):
        Artifact.from_bytes(packed(parts | {"root": parts["root"][:0]}))


def test_a_description_that_is_not_a_table_is_refused(model):
    parts = parts_of(model.to_bytes()) | {"metadata": np.frombuffer(b"[1]", dtype=np.uint8)}

    with pytest.raises(ArtifactError, match="not a table"):
        Artifact.from_bytes(packed(parts))


def test_the_file_is_an_ordinary_archive_of_arrays(model):
    with zipfile.ZipFile(io.BytesIO(model.to_bytes())) as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())


@pytest.mark.parametrize(("challenge", "review"), [(0, 0.5), (0.6, 0.5), (float("nan"), 0.5)])
def test_thresholds_without_sense_are_refused(challenge, review):
    with pytest.raises(ValueError, match="thresholds"):
        Thresholds(challenge, review)


@pytest.mark.parametrize("header", [b"(3028,          ", b"__import__('os')", b"\xff" * 16, b"(99999999999999,)"])
def test_a_forged_array_header_is_refused(model, header):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(model.to_bytes())) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            place = part.index(b"(", part.index(b"'shape'"))
            forged = part[:place] + header + part[place + len(header) :]
            new.writestr(name, forged if name == "value.npy" else part)

    with pytest.raises(ArtifactError, match="not a whole model"):
        Artifact.from_bytes(buffer.getvalue())
