"""Files in the age format: what another program sealed is opened, and nothing that was changed or cut off."""

import io
import shutil
import subprocess
from base64 import b64decode

import pytest

from booking.operations.backup.age import AgeError, new_identity, read_identities, recipient_of, seal, unseal

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
HEADER_CHANGED = "no age file, or its header was changed or is cut off"
CONTENT_CHANGED = "it was changed, or is cut off"
FOR_OTHERS = "none of these secret keys opens it"


def sealed(content, *recipients):
    file = io.BytesIO()
    seal(io.BytesIO(content), file, recipients or [RECIPIENT])
    return file.getvalue()


def opened(file, *identities):
    content = io.BytesIO()
    unseal(io.BytesIO(file), content, identities or [IDENTITY])
    return content.getvalue()


class Large:
    """A file that is made while it is read, and notes how much of it was waiting when something was written."""

    def __init__(self, size, source=None):
        self.left, self.source, self.taken, self.given, self.waiting = size, source, 0, 0, 0

    def read(self, size=-1):
        size = min(size, self.left) if size >= 0 else self.left
        content = bytes(size) if self.source is None else self.source.read(size)
        self.left -= len(content)
        self.taken += len(content)
        return content

    def write(self, content):
        self.waiting = max(self.waiting, self.taken - self.given)
        self.given += len(content)
        if self.source is None:
            self.file.write(content)
        return len(content)

    def flush(self):
        pass


def test_a_file_that_another_program_made_is_opened():
    assert recipient_of(IDENTITY) == RECIPIENT
    assert opened(BY_RAGE) == b"a backup that age made"


@pytest.mark.skipif(shutil.which("age") is None, reason="the program age is not installed")
def test_the_program_age_opens_what_is_sealed_here(tmp_path):
    (tmp_path / "key").write_text(IDENTITY)
    for size in (0, 1, PIECE, PIECE + 1):
        done = subprocess.run(
            ["age", "-d", "-i", tmp_path / "key"], input=sealed(bytes(size)), capture_output=True, check=True
        )
        assert done.stdout == bytes(size)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_each_recipient_opens_it_and_nobody_else(size):
    content, other = bytes(range(256)) * (size // 256) + bytes(size % 256), new_identity()
    file = sealed(content, recipient_of(new_identity()), recipient_of(other), RECIPIENT)

    assert opened(file) == opened(file, other) == opened(file, new_identity(), other) == content
    with pytest.raises(AgeError, match=FOR_OTHERS):
        opened(file, new_identity())


@pytest.mark.parametrize("size", [PIECE - 1, 2 * PIECE, 2 * PIECE + 1])
def test_content_that_was_changed_cut_off_or_lengthened_is_refused_in_the_same_words(size):
    file = sealed(bytes(size))
    begin = len(file) - size - 16 * (-(-size // PIECE))
    for place in (begin, begin + size // 2, len(file) - 1):
        with pytest.raises(AgeError, match=CONTENT_CHANGED):
            opened(file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :])
    for end in (begin, begin + 1, begin + 20, len(file) - 16, len(file) - 1):
        with pytest.raises(AgeError, match=CONTENT_CHANGED):
            opened(file[:end])
    for more in (b"x", bytes(16), file[begin:]):
        with pytest.raises(AgeError, match=CONTENT_CHANGED):
            opened(file + more)


def test_a_header_that_was_changed_or_cut_off_is_refused():
    file = sealed(b"names")
    end_of_header = file.index(b"\n", file.index(b"\n--- ") + 1)
    for end in range(0, end_of_header, 10):
        with pytest.raises(AgeError, match=HEADER_CHANGED):
            opened(file[:end])
    for place in range(end_of_header):
        with pytest.raises(AgeError, match=f"{HEADER_CHANGED}|{FOR_OTHERS}"):
            opened(file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :])
    with pytest.raises(AgeError, match=HEADER_CHANGED):
        opened(b"PGDMP" * 100)


def test_a_large_file_is_sealed_and_opened_without_being_held_in_memory(tmp_path):
    size, most = 32 << 20, 1 << 20
    with (tmp_path / "sealed").open("w+b") as file:
        plain = Large(size)
        plain.file = file
        seal(plain, plain, [RECIPIENT])
        assert (plain.taken, plain.waiting < most) == (size, True)

        whole = file.tell()
        file.seek(0)
        back = Large(whole, source=file)
        unseal(back, back, [IDENTITY])
        assert (back.taken, back.given, back.waiting < most) == (whole, size, True)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("closed")])
def test_what_ends_reading_or_writing_is_raised_as_it_is(error):
    class Failing(io.BytesIO):
        def read(self, size=-1, /):
            raise error

        def write(self, content, /):
            raise error

    calls = (
        lambda: seal(Failing(), io.BytesIO(), [RECIPIENT]),
        lambda: seal(io.BytesIO(bytes(PIECE)), Failing(), [RECIPIENT]),
        lambda: unseal(Failing(), io.BytesIO(), [IDENTITY]),
        lambda: unseal(io.BytesIO(BY_RAGE), Failing(), [IDENTITY]),
    )
    for call in calls:
        with pytest.raises(type(error)) as raised:
            call()
        assert raised.value is error


def test_keys_with_a_letter_too_many_or_of_another_kind_are_refused():
    for wrong in (IDENTITY[:-1], IDENTITY.lower(), IDENTITY + "Q", RECIPIENT, "AGE-SECRET-KEY-1", "\udcff"):
        with pytest.raises(AgeError) as refused:
            read_identities(f"# made today\n{wrong}\n")
        assert wrong not in str(refused.value)
    assert read_identities(f"# made today\n\n{IDENTITY}\n") == [IDENTITY]
    with pytest.raises(AgeError, match="no line"):
        read_identities("# nothing\n")
    for wrong in (RECIPIENT[:-1], RECIPIENT.upper(), IDENTITY, "", "\udcff"):
        with pytest.raises(AgeError):
            sealed(b"", wrong)
    with pytest.raises(AgeError, match="for nobody"):
        seal(io.BytesIO(), io.BytesIO(), [])
