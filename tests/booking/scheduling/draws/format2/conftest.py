"""Two draws in format 2, one after the other in the same log."""

import pytest

from tests.support.draw_files import invented_draw


@pytest.fixture(scope="package")
def drawn():
    """The first draw: requests, families, turns of every reason."""
    return invented_draw()


@pytest.fixture(scope="package")
def later(drawn):
    """The draw after it, with a public beacon, in which those without a place take part again."""
    return invented_draw(12, before=drawn, drand=True, seed=2)
