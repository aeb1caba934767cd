from importlib.util import find_spec

import pytest

from booking.entrypoints.demo import processes


@pytest.mark.parametrize("name", processes._LOADED)
def test_what_is_loaded_for_all_processes_is_there(name):
    """Who makes them passes over what it does not find, and each would load it for itself."""
    assert find_spec(name) is not None
