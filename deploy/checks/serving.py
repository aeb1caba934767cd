"""Start Mawid from somewhere, wait until it is ready, look at it as a visitor would, and end it."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 600.0
"""Seconds in which it must be ready: on a machine that has much else to do."""


class NotWellError(Exception):
    """What was started does not do what it should; the message says what."""


def get(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    """Ask for a page on this machine; return its status and its content.

    Raises
    ------
    OSError
        Nobody answers.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def running(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command, which is told to end afterwards and must then end well.

    Raises
    ------
    NotWellError
        It ends with an error.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=output, stderr=output)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=PATIENCE)
        if code not in {0, -signal.SIGTERM}:
            raise NotWellError(f"{command[0]} ended with {code}: {_tail(log)}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def until(done: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, what: str) -> None:
    """Wait until something is done.

    Raises
    ------
    NotWellError
        The process ended, or time is over.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise NotWellError(f"{what} ended with {process.returncode}: {_tail(log)}")
        if done():
            return
        time.sleep(0.1)
    raise NotWellError(f"{what} is not ready after {PATIENCE:.0f} s: {_tail(log)}")


def answers(port: int, path: str) -> bool:
    """Return whether a page on this machine is answered with 200."""
    try:
        return get(port, path)[0] == http.client.OK
    except OSError:
        return False


def memory(process: subprocess.Popen[bytes]) -> float:
    """Return the memory of a process and of those that it started, in bytes; what several share counts once (PSS)."""
    parents, sizes = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[folder.name] = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            found = re.search(r"^Pss: +(\d+) kB", (folder / "smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue  # it has ended
        sizes[folder.name] = int(found[1]) * 1024 if found else 0
    family = {str(process.pid)}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(sizes.get(one, 0) for one in family)


def look(port: int, **headers: str) -> None:
    """Look at the first page, a stylesheet that it names, a service and the API's description.

    Raises
    ------
    NotWellError
        One of them is not there.
    """
    status, page = get(port, "/", **headers)
    if status != http.client.OK or b'dir="rtl"' not in page:
        raise NotWellError(f"the first page is answered with {status}")
    sheet = page.partition(b'rel="stylesheet" href="')[2].partition(b'"')[0].decode()
    for path in (sheet, "/services", "/api/v1/openapi.json"):
        status, _ = get(port, path, **headers)
        if status != http.client.OK:
            raise NotWellError(f"{path or 'the stylesheet'} is answered with {status}")


def told(command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> str:
    """Run a command that ends by itself, and return what it wrote.

    Raises
    ------
    NotWellError
        It ended with an error.
    """
    done = subprocess.run(
        command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    if done.returncode:
        raise NotWellError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def without_ours(**more: str) -> dict[str, str]:
    """Return this process's environment without any setting of Mawid, or anything that finds another Mawid."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAWID_", "PYTHON")) and name != "VIRTUAL_ENV"
    }
    return kept | more


def say(words: str) -> None:
    """Tell whoever looks on."""
    sys.stderr.write(f"{words}\n")


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
