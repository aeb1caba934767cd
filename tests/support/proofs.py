"""What a device does with a computation, for tests: solve it and pack the answer."""

import base64
import json
from typing import Any

import altcha


def solution_of(challenge: dict[str, Any]) -> str:
    """Solve a challenge and pack it as the page's script does."""
    found = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    return packed(challenge, {"counter": found.counter, "derivedKey": found.derived_key})


def packed(challenge: Any, solution: Any) -> str:
    """Pack a challenge with a solution, whatever they are."""
    return base64.b64encode(json.dumps({"challenge": challenge, "solution": solution}).encode()).decode()
