"""Programs that check what is deployed: ``./run deploy`` installs them, and there none may be missing."""

import os
import shutil

import pytest

from tests.support.root import ROOT

INSTALLED = ROOT / ".venv/deploy"
REQUIRED = "DEPLOY_TOOLS"
"""Set where all have to be there."""


def need(name: str) -> str:
    """The path of a program; the test is skipped where it is not there, unless all have to be."""
    found = shutil.which(name, path=f"{INSTALLED / 'bin'}:{os.environ['PATH']}:/usr/sbin")
    if found is None and os.environ.get(REQUIRED):
        pytest.fail(f"{name} is not installed")
    if found is None:
        pytest.skip(f"{name} is not installed: ./run deploy")
    return found
