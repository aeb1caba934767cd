"""The independent program's files as modules, for what is too much for a process each."""

import sys
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from booking.transparency.beacons import bls
from booking.transparency.beacons.errors import BeaconError

HERE = str(Path(__file__).parent)


def part(name):
    """Return one file of the program; its folder is the first place to look, as where the program is started."""
    sys.path.insert(0, HERE)
    try:
        return import_module(name)
    finally:
        sys.path.remove(HERE)


class Folder(dict):
    """Files by name where the program expects a folder: opening thousands on a disk takes longer than the checks."""

    def __truediv__(self, name):
        return _File(self.get(name))


class _File:
    def __init__(self, content):
        self.content = content

    def is_file(self):
        return self.content is not None

    exists = is_file

    def stat(self):
        return SimpleNamespace(st_size=len(self.content))

    def open(self, _):
        return BytesIO(self.content)


@contextmanager
def quick_pairings():
    """Let the program check signatures of beacons by a compiled library; the vectors show that both say the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part("second_draw"), "signed", _signed)
        yield


def _signed(key, signature, message, domain):
    for content, read, what in ((key, bls.read_key, "key"), (signature, bls.read_signature, "signature")):
        try:
            read(content)
        except BeaconError:
            raise part("strict_reading").WrongError(f"the beacon's {what} is not a point of its group") from None
    try:
        bls.verify(key, message, signature, dst=domain)
    except BeaconError:
        return False
    return True
