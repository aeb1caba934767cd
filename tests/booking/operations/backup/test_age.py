"""Files in the age format: what another program sealed is opened, and nothing that was changed or cut off."""

import io
import shutil
import subprocess
from base64 import b64decode

import pytest

from booking.operations.backup.age import AgeError, Sealing, new_identity, read_identities, recipient_of, unseal
from booking.operations.backup.bech32 import decode_bech32, encode_bech32

IDENTITY = "AGE-SECRET-KEY-1QPLDY9RQFXKFK79YNYVMZP2MLXVWD3ACSQMAJ2V4CAG5X0EE8FTSDTU2QJ"
RECIPIENT = "age1r34ka7uds909y0wvexhvhajvc43wranw83aqfzzv5h4kz80dyghqynfmye"
BY_RAGE = b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBOOXpRRVBhN25vZzVNbzVEQ1VJUSsyTzZsdlpwbU1LQmVpK1RBd2pNV2l3CjhYejNYZnhM"
    "ZktEalJrcVpwWHM5ZFkzeVJYb2tMU3NvOHI5UlhGdkZsZ0EKLT4gLk1QdiYtZ3JlYXNlIE0vOCB0dFhsCmVORHVyQ0xZdGFQdFdWdUtqT3lISVRw"
    "YmY1ZnVXTXlJQTVBL2ZJWlYyNzJBZUtpMmh5dS9qN3RZY1U0c3BqN2MKaVpTU01lVVZNdUZ3TmJsZXFwMndXb2FUWjFRCi0tLSB6WUtPMkFSZlBo"
    "eEUrckNZQjB4b3M1NDFIeXpDaysrQXRYcUQxQjJNQk5nCv3C82qZg9q9A6HwzO4TUc2zFmoOLj2LZGDPTJcYg9H7tWN79q2waJKzDdtGIfqdlrH7"
    "P5Ymuw=="
)
"""Made by rage 1.3, with a second stanza of a kind that is not known here."""
PIECE = 1 << 16


def sealed(content, *recipients):
    file = io.BytesIO()
    sealing = Sealing(file, recipients or [RECIPIENT])
    for begin in range(0, len(content), 50_000):
        sealing.write(content[begin : begin + 50_000])
    sealing.close()
    return file.getvalue(), sealing.file_key


def opened(file, **by):
    return b"".join(unseal(io.BytesIO(file), **by or {"identities": [IDENTITY]}))


def test_a_file_that_another_program_made_is_opened():
    assert recipient_of(IDENTITY) == RECIPIENT
    assert opened(BY_RAGE) == b"a backup that age made"


@pytest.mark.skipif(shutil.which("age") is None, reason="the program age is not installed")
def test_the_program_age_opens_what_is_sealed_here(tmp_path):
    (tmp_path / "key").write_text(IDENTITY)
    for size in (0, 1, PIECE, PIECE + 1):
        file, _ = sealed(bytes(size))
        done = subprocess.run(["age", "-d", "-i", tmp_path / "key"], input=file, capture_output=True, check=True)
        assert done.stdout == bytes(size)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_each_recipient_opens_it_and_the_key_of_the_file_does(size):
    content, other = bytes(range(256)) * (size // 256) + bytes(size % 256), new_identity()
    file, key = sealed(content, recipient_of(new_identity()), recipient_of(other), RECIPIENT)

    assert opened(file) == opened(file, identities=[other]) == opened(file, file_key=key) == content
    with pytest.raises(AgeError, match="made for others"):
        opened(file, identities=[new_identity()])


def test_nothing_that_was_changed_or_cut_off_is_taken_for_whole():
    file, _ = sealed(bytes(2 * PIECE))
    for place in (20, 40, 100, 150, len(file) - PIECE, len(file) - 1):
        with pytest.raises(AgeError):
            opened(file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :])
    for end in (0, 10, 100, 160, 210, len(file) - PIECE - 16, len(file) - 1):
        with pytest.raises(AgeError):
            opened(file[:end])
    with pytest.raises(AgeError):
        opened(file + b"x")


def test_keys_with_a_letter_too_many_or_of_another_kind_are_refused():
    for wrong in (IDENTITY[:-1], IDENTITY.lower(), IDENTITY + "Q", RECIPIENT, "AGE-SECRET-KEY-1"):
        with pytest.raises(AgeError):
            read_identities(f"# made today\n{wrong}\n")
    assert read_identities(f"# made today\n\n{IDENTITY}\n") == [IDENTITY]
    with pytest.raises(AgeError, match="no line"):
        read_identities("# nothing\n")
    for wrong in (RECIPIENT[:-1], RECIPIENT.upper(), IDENTITY, ""):
        with pytest.raises(AgeError):
            sealed(b"", wrong)
    with pytest.raises(AgeError, match="for nobody"):
        Sealing(io.BytesIO(), [])


def test_bech32_is_that_of_its_specification():
    word = "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"  # BIP 173, valid
    assert encode_bech32(*decode_bech32(word)) == word
    with pytest.raises(ValueError, match="does not fit"):
        decode_bech32(word.replace("2y9e3w", "2y9e2w"))
