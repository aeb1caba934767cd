"""A model that cannot be used never judges: the one before it does, or the rules alone."""

import pytest
from sqlalchemy import text

from booking.antifraud.gate.errors import ModelUnusableError
from booking.antifraud.gate.versions import MODEL, propose_model
from booking.country.versions.steps import activate, start_shadow
from fraud.scoring.artifact import ArtifactError
from tests.booking.antifraud.gate.damaged_models import damaged
from tests.booking.antifraud.gate.versions_in_force import judged_by
from tests.support.roles import past_the_roles


@pytest.mark.neighbours
@pytest.mark.parametrize(
    "how",
    [
        "truncated",
        "altered",
        "of another schema",
        "a pickle",
        "a bomb",
        "of pickled parts",
        "cyclic",
        "with nan in its trees",
        "of absurd shapes",
    ],
)
def test_an_unusable_model_is_refused_and_the_old_one_keeps_judging(country, analysts, another_model, how):
    before = judged_by(country)["model"]

    with pytest.raises(
        ArtifactError, match=r"schema|whole model|altered|unpacked|nowhere|not finite|different lengths"
    ):
        propose_model(country, data=damaged(another_model, how), by=analysts[0])

    assert judged_by(country)["model"] == before


def test_a_model_damaged_in_the_database_is_not_activated(country, analysts, another_model):
    version = propose_model(country, data=another_model.to_bytes(), by=analysts[0])
    start_shadow(country, MODEL, version=version, by=analysts[0])
    with past_the_roles(country) as session:
        session.execute(text("ALTER TABLE model_version DISABLE TRIGGER model_version_fixed"))
        session.execute(
            text("UPDATE model_version SET artifact = substring(artifact FOR 5000) WHERE version = :version"),
            {"version": version},
        )
    before = judged_by(country)["model"]

    with pytest.raises(ModelUnusableError, match="not a whole model"):
        activate(country, MODEL, version=version, by=analysts[1])

    assert judged_by(country)["model"] == before


def test_rules_judge_alone_when_the_active_model_cannot_be_read(country):
    """As after an upgrade that changed the schema of facts: nobody's request fails for it."""
    with past_the_roles(country) as session:
        session.execute(text("ALTER TABLE model_version DISABLE TRIGGER model_version_fixed"))
        session.execute(text("UPDATE model_version SET artifact = 'nothing'"))

    assert judged_by(country)["model"] == "unusable"
