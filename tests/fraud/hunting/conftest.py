import pytest

import fraud
from fraud.scoring.artifact import Artifact


@pytest.fixture(scope="package")
def model() -> Artifact:
    """A model as a new installation trains it, of fewer rows."""
    return fraud.train(1, 6_000)
