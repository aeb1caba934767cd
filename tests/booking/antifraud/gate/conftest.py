"""What tests of the gate share: two analysts, and a model besides the one in force."""

import pytest

from fraud import train
from fraud.scoring.artifact import Artifact
from tests.support.country import an_analyst


@pytest.fixture(scope="session")
def another_model() -> Artifact:
    return train(seed=9, rows=4_000)


@pytest.fixture
def analysts(country):
    return an_analyst(country), an_analyst(country)
