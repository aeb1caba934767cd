"""Two versions of Mawid beside each other on one database: an earlier commit with its own packages, and this one."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 600.0
"""Seconds for a start on a machine that has much else to do."""


@dataclass(frozen=True)
class Version:
    """A version of Mawid: where its code is, its Python, and what its processes are told."""

    name: str
    code: Path
    python: str
    environment: Mapping[str, str]
    log: Path

    def run(self, *words: str) -> str:
        """Run a command of ``mawid`` to its end and return what it said; raises CalledProcessError."""
        return self.python_of("-m", "booking", *words)

    def python_of(self, *words: str) -> str:
        """Run its Python, where its code is, and return what it said; raises CalledProcessError."""
        done = subprocess.run(
            [self.python, *words], cwd=self.code, env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.stderr.write(done.stdout + done.stderr)
        done.check_returncode()
        return done.stdout + done.stderr

    def start(self, *words: str) -> "Running":
        """Start a process of its Python that goes on."""
        with self.log.open("ab") as log:
            return Running(
                subprocess.Popen([self.python, *words], cwd=self.code, env=self._environment(), stdout=log, stderr=log),
                self,
            )

    def web(self, port: int) -> "Running":
        """Start a web process and return once it is ready."""
        started = self.start("-m", "api", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
        started.until_ready(port)
        return started

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment, "PYTHONPATH": str(self.code)}


@dataclass(frozen=True)
class Running:
    """A process of one version."""

    process: subprocess.Popen[bytes]
    version: Version

    def until_ready(self, port: int) -> None:
        """Wait until it is ready to be asked; raises TimeoutError, or RuntimeError where it ends instead."""
        give_up_at = time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.version.name} ended: {self.version.log.read_text()[-2000:]}")
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"{self.version.name} is not ready at port {port}")

    def stop(self) -> float:
        """Tell it to end, and return the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        return time.monotonic() - began

    def kill(self) -> None:
        """End it however it stands."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def checked_out(commit: str, folder: Path) -> Iterator[tuple[Path, str]]:
    """Check a commit out beside this one and install its own lock; yield where its code is, and its Python.

    Raises
    ------
    subprocess.CalledProcessError
        There is no such commit here, or its packages cannot be had.
    """
    code = folder / "earlier"

    def call(*words: str, at: Path = ROOT) -> None:
        subprocess.run(words, cwd=at, check=True, stdout=subprocess.DEVNULL)

    call("git", "worktree", "add", "--quiet", "--detach", str(code), commit)
    try:
        call("uv", "venv", "--quiet", "--python", sys.executable, ".venv", at=code)
        python = str(code / ".venv/bin/python")
        install = ("uv", "pip", "install", "--quiet", "--python", python)
        call(*install, "--require-hashes", "-r", "requirements.txt", at=code)
        call(*install, "--no-deps", "--editable", ".", at=code)
        yield code, python
    finally:
        call("git", "worktree", "remove", "--force", str(code))
