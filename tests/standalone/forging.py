"""Published files changed as a careful forger would: every hash over them is made to fit again."""

import gzip
import json
import re

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws import formats
from booking.scheduling.draws.files import BINS, CERTIFICATE, DRAW, PLAN, REPORT, REQUESTS

_COVERED = ((DRAW, (REQUESTS, BINS)), (CERTIFICATE, (DRAW, REQUESTS, BINS, PLAN, REPORT)))
_SEAL = re.compile(rb',\n "sha256": "[0-9a-f]{64}"\n}\n\Z')


def restated(files, changed):
    """Change files by name, and every SHA-256 that is stated of them; nothing is read, so nonsense stays nonsense."""
    forged = files | changed
    for holder, names in _COVERED:
        for name in names:
            old, new = (formats.digest(each[name]).encode() for each in (files, forged))
            forged[holder] = forged[holder].replace(old, new)
    return forged | {CERTIFICATE: sealed(forged[CERTIFICATE])}


def sealed(certificate):
    """Give a certificate with its own SHA-256 as its last key, whatever else it holds."""
    unsealed = _SEAL.sub(b"\n}\n", certificate)
    return unsealed.removesuffix(b"\n}\n") + b',\n "sha256": "' + formats.digest(unsealed).encode() + b'"\n}\n'


def signed(certificate):
    """Write a certificate that was read, with its own SHA-256."""
    return sealed(formats.write_json({name: value for name, value in certificate.items() if name != "sha256"}))


def packed(lines):
    """Pack requests, or the bytes of their lines, as requests.jsonl.gz."""
    written = (line if isinstance(line, bytes) else canonical(line) for line in lines)
    return gzip.compress(b"".join(line + b"\n" for line in written), mtime=0)


def lines_of(files):
    return gzip.decompress(files[REQUESTS]).splitlines()


def requests_of(files):
    return [json.loads(line) for line in lines_of(files)]


def written(files, folder):
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
