import sys

import pytest

from booking import serving

WAITS = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]


@pytest.fixture
def no_web(monkeypatch):
    """Have ``mawid serve`` start a process that only waits, as web processes do until the database is prepared.

    Loading those takes seconds; `tests/booking/test_cli.py` starts the real ones.
    """
    monkeypatch.setattr(serving, "web_command", lambda *_, **__: WAITS)
