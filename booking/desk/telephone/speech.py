"""Speech from text, by any program that writes it as WAV: the one of the settings, such as espeak-ng.

The text goes to the program's standard input, so that no list of processes shows it, and what was made lies in a folder
of the call, which is gone with the call.
"""

import io
import shlex
import subprocess
import wave
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 8000
"""Samples a second of a telephone line: Asterisk plays WAV of no other rate."""
_LONGEST: Final = timedelta(seconds=20)
_LARGEST: Final = 40 << 20
_BYTES: Final = 2


class SpeechError(Exception):
    """The program for speech is missing, failed, took too long, or wrote no WAV of 16 bits."""


def speak(command: str, text: str, *, language: str, file: Path) -> None:
    """Write a text as speech to ``file``: WAV, 8,000 samples a second, 16 bits, one voice.

    Parameters
    ----------
    command
        With ``{language}`` (ISO 639) and ``{file}``, where the program writes; it reads the text from its input.

    Raises
    ------
    SpeechError
        No speech came.
    """
    made = file.with_suffix(".made")
    words = [part.format(language=language, file=made) for part in shlex.split(command)]
    try:
        subprocess.run(  # noqa: S603 - the administrator's command, without a shell
            words, input=text.encode(), capture_output=True, check=True, timeout=_LONGEST.total_seconds()
        )
        if made.stat().st_size > _LARGEST:
            raise SpeechError("the speech is too long")
        file.write_bytes(for_a_telephone(made.read_bytes()))
    except (OSError, subprocess.SubprocessError) as error:
        raise SpeechError(f"{words[0]}: {type(error).__name__}") from None  # its words could hold the text
    finally:
        made.unlink(missing_ok=True)


def for_a_telephone(sound: bytes) -> bytes:
    """Return a WAV as telephones take it: other rates are brought to 8,000 samples a second, voices to one.

    Raises
    ------
    SpeechError
        It is no WAV of 16 bits a sample.
    """
    try:
        with wave.open(io.BytesIO(sound)) as read:
            voices, width, rate, _, _, _ = read.getparams()
            frames = read.readframes(_LARGEST)  # a program that writes to a pipe leaves the length open
    except (wave.Error, EOFError) as error:
        raise SpeechError(f"no WAV: {error}") from None
    if width != _BYTES or not frames or rate <= 0:
        raise SpeechError("no WAV of 16 bits")
    samples = np.frombuffer(frames[: len(frames) // (width * voices) * width * voices], "<i2")
    heard = _resampled(samples.reshape(-1, voices).mean(axis=1), rate)
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setparams((1, _BYTES, RATE, len(heard), "NONE", ""))
        written.writeframes(heard.tobytes())
    return out.getvalue()


def _resampled(samples: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.int16]:
    """Bring samples to the rate of telephones, without the tones that it cannot carry, by their spectrum."""
    length = max(1, round(len(samples) * RATE / rate))
    tones = np.fft.rfft(samples)
    kept = np.zeros(length // 2 + 1, tones.dtype)
    both = min(len(kept), len(tones))
    kept[:both] = tones[:both]
    heard = np.fft.irfft(kept, length) * (length / len(samples))
    return np.clip(np.rint(heard), -32768, 32767).astype("<i2")
