"""What `pip-audit` found out about the lock, as ``python -m tests.architecture.known_vulnerabilities`` says it.

It reads pip-audit's JSON from its standard input and ends with 0 where every component was looked up and none is known
to be vulnerable, with 1 where one is, and with 3 where a component could not be looked up: a registry that knows
nothing about vulnerabilities makes pip-audit say that none is known.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

CLEAN: Final = 0
VULNERABLE: Final = 1
NOT_LOOKED_UP: Final = 3
MOST_NAMES: Final = 5


def judge(report: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Return the status and what to say; what is known to be vulnerable comes first."""
    components = report["dependencies"]
    unknown = sorted({one["name"] for one in components if "skip_reason" in one})
    lines = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in components
        for flaw in one.get("vulns", ())
    ]
    status = VULNERABLE if lines else NOT_LOOKED_UP if unknown or not components else CLEAN
    if unknown or not components:
        named = ", ".join(unknown[:MOST_NAMES]) + (", …" if len(unknown) > MOST_NAMES else "")
        lines.append(
            f"{len(unknown)} of {len(components)} components could not be looked up: {named or 'nothing came'}"
        )
    if status == CLEAN:
        lines.append(f"{len(components)} components, none is known to be vulnerable")
    return status, lines


def main() -> int:
    """Read the report, print what it says and return the status."""
    text = sys.stdin.read()
    status, lines = judge(json.loads(text) if text.strip() else {"dependencies": []})
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return status


if __name__ == "__main__":
    sys.exit(main())
