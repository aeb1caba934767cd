"""List all parts that the lock names: ``sbom.py PYTHON OUTPUT``, as CycloneDX, for the program's own environment.

The hashes come from the lock, licences and who needs whom from the packages as they are installed for ``PYTHON``; what
is installed besides (tests' tools) is left out, what is for another system than this one has no licence here.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).parent / "cyclonedx-py"
COMMON = (
    "--pyproject",
    "pyproject.toml",
    "--mc-type",
    "application",
    "--sv",
    "1.6",
    "--output-reproducible",
    "--of",
    "JSON",
)


def main() -> None:
    """Write the list to ``OUTPUT`` (``-``: standard output), and end with an error where it is not valid."""
    python, output = sys.argv[1:]
    locked = _list("requirements", "requirements.txt")
    installed = _list("environment", python)
    whole = merged(locked, installed)
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"the list is not valid: {problem}")
    if output == "-":
        sys.stdout.write(text)
    else:
        Path(output).write_text(text, encoding="utf-8")
        parts = whole["components"]
        licensed = sum(bool(one.get("licenses")) for one in parts)
        sys.stderr.write(f"{output}: {len(parts)} parts, {licensed} with a licence\n")


def merged(locked: dict[str, Any], installed: dict[str, Any]) -> dict[str, Any]:
    """Return the list of the environment with the parts of the lock alone, and with its hashes."""
    here = {(_name(one), one.get("version")): one for one in installed["components"]}
    parts, found_here = [], set()
    for one in locked["components"]:
        found = here.get((_name(one), one["version"]), one)
        if found is not one:
            found_here.add(_name(one))
        one.pop("description", None)
        parts.append(found | {"externalReferences": [*found.get("externalReferences", []), *one["externalReferences"]]})
    names = {_name(one) for one in parts}
    if changed := {name for name, _ in here if name in names} - found_here:
        sys.exit(f"installed in another version than the lock's: {', '.join(sorted(changed))}")
    parts.sort(key=lambda one: (_name(one), one["version"]))
    root = installed["metadata"]["component"]["bom-ref"]
    known = {root, *(one["bom-ref"] for one in parts)}
    needs = [
        one | {"dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in known]}
        for one in installed["dependencies"]
        if one["ref"] in known
    ]
    said = {one["ref"] for one in needs}
    needs += [{"ref": one["bom-ref"], "dependsOn": []} for one in parts if one["bom-ref"] not in said]
    return installed | {"components": parts, "dependencies": needs}


def _list(*words: str) -> dict[str, Any]:
    done = subprocess.run([PROGRAM, *words, *COMMON, "-o", "-"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _name(component: dict[str, Any]) -> str:
    return re.sub(r"[-_.]+", "-", component["name"]).lower()


if __name__ == "__main__":
    main()
