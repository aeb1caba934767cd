"""Every process logs in one way, and nothing that it prints by itself quotes anybody."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PLANTED = "Qwertina Planted"
BREAK_ALL = """
import asyncio, logging, sys, threading, warnings
from pydantic import BaseModel
from booking.platform.base import logs
logs.configure()
name = " ".join(["Qwertina", "Planted"])
own = logging.getLogger("library.own")
own.addHandler(logging.StreamHandler())  # of the library itself, on the same stream
own.propagate = False
try:
    raise ValueError(name)
except ValueError as error:
    error.add_note(name)
    own.exception("cannot take %s", name)
    logging.getLogger("library").error("failed: %r", error, exc_info=True, extra={"typed": name})
own.error("two %s but one", name, name)
for nothing in (False, None, 0, True, (None, None, None)):  # as libraries pass it where nothing went wrong
    logging.getLogger("booking.x").error("well", exc_info=nothing)
class Form(BaseModel):
    age: int
try:
    Form(age=name)
except ValueError:
    logging.getLogger("booking.x").exception("invalid")
warnings.warn(f"a value\\nwas '{name}'")
def thread(): raise KeyError(name)
one = threading.Thread(target=thread)
one.start()
one.join()
async def lost():
    asyncio.get_running_loop().create_task(fail())
    await asyncio.sleep(0)
async def fail(): raise LookupError(name)
asyncio.run(lost())
class Broken:
    def __del__(self): raise OSError(2, "No such file", name)
Broken()
try:
    raise RuntimeError(name)
except RuntimeError as error:
    raise ExceptionGroup(name, [TypeError(name)]) from error
"""


def test_tracebacks_and_warnings_never_quote_personal_data():
    done = subprocess.run([sys.executable, "-c", BREAK_ALL], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert [word for word in PLANTED.split() if word in done.stderr + done.stdout] == []
    lines = [line for line in done.stderr.splitlines() if line.startswith("{")]
    said = {one["event"]: one for one in map(json.loads, lines)}
    assert [one.get("exception") for one in map(json.loads, lines) if one["event"] == "well"] == [None] * 5
    assert set(said) >= {"invalid", "a thread ended", "nobody could be told", "the process ended"}
    assert said["invalid"]["exception"].endswith("ValidationError: Form int_parsing")
    assert said["nobody could be told"]["exception"].endswith("FileNotFoundError: No such file")
    assert "RuntimeError\n\nled to\n\n" in said["the process ended"]["exception"]
    assert "TypeError" in said["the process ended"]["exception"]


ON_A_FULL_DISK = """
import logging
from datetime import UTC, datetime
from pathlib import Path
from booking.platform.base import logs, security_events
logs.configure()
security_events.write_to(path=Path("/dev/full"))
for _ in range(10_000):
    logging.getLogger("booking.x").error("a line")
    security_events.emit("staff.opened", security_events.Outcome.SUCCESS, at=datetime.now(UTC))
print("went on")
"""


def test_a_process_whose_logs_have_no_room_goes_on():
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run([sys.executable, "-c", ON_A_FULL_DISK], stdout=subprocess.PIPE, stderr=full, check=False)

    assert done.stdout == b"went on\n"
