"""Make the clients of the API from its document, build their packages, and try both on a sandbox.

    python deploy/checks/clients.py [FOLDER]    into FOLDER, dist/clients without one; needs Node 20 and npm

What is made: ``openapi.json``, a wheel for Python, a package for Node. Generators are named, with their versions, in
`run` (Python) and ``clients/typescript/package-lock.json``.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from free_ports import free_port

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ROOT / "clients"
STARTS_WITHIN: Final = 900.0
"""Seconds for a sandbox on a machine that does much else."""
ACCOUNTS: Final = {"python": "amal", "typescript": "nour"}
"""Who asks in each example: a person has one request."""


def main(folder: Path) -> int:
    """Make, build and try; return the exit status."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    document = folder / "openapi.json"
    do(sys.executable, ROOT / "deploy/checks/api_breaks.py", "write", document)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    wheel, package = make_python(folder, document, version), make_typescript(folder, document, version)
    with TemporaryDirectory() as state, a_sandbox(Path(state)) as sandbox:
        for name, words in (("python", try_python(wheel)), ("typescript", try_typescript(folder, package))):
            account = sandbox["accounts"][ACCOUNTS[name]]
            said = do(*words, sandbox["base_url"], account["username"], account["password"]).split()
            if len(said) != 2 or said[1] not in {"accepted", "challenged", "under_review"}:  # noqa: PLR2004 - reference, state
                raise SystemExit(f"the example for {name} said {said}")
            print(f"{name}: {' '.join(said)}")  # noqa: T201 - what the command is for
    for one in (wheel, package):
        print(f"{one.relative_to(folder)} {one.stat().st_size:,} bytes")  # noqa: T201
    return 0


def make_python(folder: Path, document: Path, version: str) -> Path:
    """Generate the Python client and build its wheel; return it. A warning of the generator fails."""
    config = folder / "python.yml"
    known = (SOURCES / "python/config.yml").read_text(encoding="utf-8")
    config.write_text(f"{known}package_version_override: {version}\n", encoding="utf-8")
    source = folder / "python"
    generator = Path(sys.prefix) / "clients/bin/openapi-python-client"
    do(
        *(generator, "generate", "--meta", "setup", "--fail-on-warning"),
        *("--path", document, "--config", config, "--output-path", source),
    )
    config.unlink()
    do(generator.with_name("pip"), "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source)
    return next(folder.glob("*.whl"))


def make_typescript(folder: Path, document: Path, version: str) -> Path:
    """Generate the types of the Node client, compile it and pack it; return the package."""
    source = folder / "typescript"
    shutil.copytree(SOURCES / "typescript", source, ignore=shutil.ignore_patterns("node_modules", "dist"))
    shutil.copy(document, source / "openapi.json")
    npm(source, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    npm(source, "version", version, "--no-git-tag-version")
    npm(source, "run", "build")
    npm(source, "pack", "--pack-destination", folder)
    return next(folder.glob("*.tgz"))


def try_python(wheel: Path) -> tuple[object, ...]:
    """Install the wheel beside the generator, whose requirements hold its own; return the words of the example."""
    python = Path(sys.prefix) / "clients/bin/python"
    do(python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", wheel)
    return python, SOURCES / "python/example.py"


def try_typescript(folder: Path, package: Path) -> tuple[object, ...]:
    """Install the package elsewhere, compile the example against it, and return the words that run it."""
    elsewhere = folder / "try"
    elsewhere.mkdir()
    (elsewhere / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    npm(elsewhere, "install", "--ignore-scripts", "--no-audit", "--no-fund", package)
    shutil.copy(SOURCES / "typescript/example.ts", elsewhere)
    tools = folder / "typescript/node_modules"
    options = ("--target", "es2022", "--module", "nodenext", "--strict")
    types = ("--typeRoots", tools / "@types", "--types", "node")
    do(tools / ".bin/tsc", *options, *types, elsewhere / "example.ts", cwd=elsewhere)
    return "node", elsewhere / "example.js"


@contextmanager
def a_sandbox(state: Path) -> Iterator[Mapping[str, object]]:
    """Serve a sandbox of its own, and yield what it wrote down of its accounts."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAWID_")}
    environment |= {"MAWID_STATE_DIR": str(state), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "booking", "sandbox", "--port", str(port)]
    with (state / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=state, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", process, state / "sandbox.log")
        yield json.loads((state / "sandbox/sandbox.json").read_text(encoding="utf-8"))
    finally:
        process.terminate()
        process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once an address answers; ends where the process does, with what it said."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own, on this machine
                return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    raise SystemExit(f"the sandbox does not answer: {log.read_text(encoding='utf-8')[-2000:]}")


def npm(folder: Path, *words: object) -> None:
    """Run npm in a folder, silently."""
    do("npm", *words, "--silent", cwd=folder)


def do(*words: object, cwd: Path | None = None) -> str:
    """Run a command and return what it said; ends with all of that where it fails."""
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{words[0]} {words[1]}: {done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(Path(*sys.argv[1:2]).resolve() if sys.argv[1:] else ROOT / "dist/clients"))
