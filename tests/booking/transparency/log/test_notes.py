import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from booking.transparency.log.checkpoints import Checkpoint, cosign, cosigned_at, cosigners, read_checkpoint
from booking.transparency.log.notes import (
    COSIGNATURE,
    NoteError,
    VerifierKey,
    read_note,
    read_signature,
    read_vkey,
    sign,
    verify,
)

# Published by Go's package golang.org/x/mod/sumdb/note, from which C2SP's signed notes come.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
ORIGIN = "mawid.example/log"
LOG = VerifierKey.of(ORIGIN, KEY)
TEXT = Checkpoint(ORIGIN, 7, bytes(32)).text


def test_a_published_note_and_its_key_are_read_and_written_again() -> None:
    key, note = read_vkey(PETER), read_note(PETERS_NOTE.encode())

    assert verify(note, [key]) == key
    assert (key.text, str(note)) == (PETER, PETERS_NOTE)
    with pytest.raises(NoteError, match="does not fit"):
        verify(read_note(PETERS_NOTE.replace("answer", "question").encode()), [key])


def test_another_key_of_the_same_name_is_an_unknown_one() -> None:
    note = sign(TEXT, ORIGIN, OTHER)

    with pytest.raises(NoteError, match=f"not signed by {ORIGIN}"):
        read_checkpoint(str(note).encode(), [LOG])
    both = sign(TEXT, ORIGIN, OTHER, KEY)
    assert read_checkpoint(str(both).encode(), [LOG]) == (Checkpoint(ORIGIN, 7, bytes(32)), both)


def test_a_checkpoint_of_another_log_is_refused_though_its_key_is_known() -> None:
    note = sign(Checkpoint("other.example/log", 7, bytes(32)).text, ORIGIN, KEY)

    with pytest.raises(NoteError, match="of the log other"):
        read_checkpoint(str(note).encode(), [LOG])


def test_a_cosignature_holds_text_and_time() -> None:
    key = VerifierKey.of("paper.example", OTHER, COSIGNATURE)
    line = cosign(TEXT, "paper.example", OTHER, 1_679_315_147)
    note = sign(TEXT, ORIGIN, KEY).with_signatures([line, line])

    assert cosigners(read_note(str(note).encode()), [key]) == {key: 1_679_315_147}
    assert OTHER.public_key().verify(line.content[8:], b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()) is None
    with pytest.raises(NoteError, match="does not fit"):
        cosigned_at(TEXT.replace("7", "8"), line, key)
    later = read_signature(cosign(TEXT, "paper.example", OTHER, 1_679_315_148).line[:-1])
    with pytest.raises(NoteError, match="does not fit"):
        cosigned_at(TEXT, type(line)(line.name, line.key_id, later.content[:8] + line.content[8:]), key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER + "\n",
        PETER.replace("c74f", "C74F"),
        PETER.replace("c74f", "c74e"),
        PETER.replace("10TW", "10TX"),
        PETER[:-4],
        "two names" + PETER[12:],
        LOG.text.replace("+AQ", "+Ag"),
    ],
)
def test_what_is_not_such_a_key_is_refused_in_words(text: str) -> None:
    with pytest.raises(NoteError):
        read_vkey(text)


def test_a_key_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(NoteError, match="type 1"):
        read_vkey(LOG.text, kind=COSIGNATURE)


SIGNED = str(sign(TEXT, ORIGIN, KEY)).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        TEXT.encode(),
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace("— ".encode(), b"- "),
        SIGNED.replace(b"\n7\n", b"\n07\n"),
        SIGNED.replace(b"\n7\n", "\n٧\n".encode()),
        SIGNED.replace(b"\n7\n", b"\n99999999999999999999\n"),
        SIGNED.replace(b"\n7\n", b"\n7\nmore\n"),
        SIGNED.replace(b"AAA=", b"AAB="),
        SIGNED.replace(b"AAA=", b"="),
        SIGNED + SIGNED.split(b"\n\n")[1],
        SIGNED.replace(b"mawid", b"\xff"),
        SIGNED + "— a.example AAAAAA==\n".encode(),
        SIGNED + b"x" * 70_000,
    ],
)
def test_what_is_not_such_a_checkpoint_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(NoteError):
        read_checkpoint(content, [LOG])
