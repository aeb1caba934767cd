"""Speech comes at the rate of telephones, from any program, and its text in no list of processes."""

import io
import shlex
import shutil
import sys
import wave

import numpy as np
import pytest

from booking.desk.telephone.speech import RATE, SpeechError, for_a_telephone, speak

has_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
ESPEAK = "espeak-ng -v {language} -w {file} --stdin"


def a_wav(samples, *, rate=22_050, voices=1, width=2):
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setparams((voices, width, rate, 0, "NONE", ""))
        written.writeframes(samples)
    return out.getvalue()


def heard(sound):
    with wave.open(io.BytesIO(sound)) as read:
        assert (read.getframerate(), read.getsampwidth(), read.getnchannels()) == (RATE, 2, 1)
        return np.frombuffer(read.readframes(read.getnframes()), "<i2")


def tone(hertz, rate, seconds=1.0):
    return (12_000 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype("<i2")


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 48_000])
def test_a_tone_keeps_its_height_loudness_and_length(rate):
    samples = heard(for_a_telephone(a_wav(tone(440, rate).tobytes(), rate=rate)))
    assert len(samples) == RATE
    assert int(np.argmax(np.abs(np.fft.rfft(samples)))) == 440
    assert np.abs(samples).max() == pytest.approx(12_000, rel=0.05)


def test_a_tone_that_telephones_cannot_carry_is_not_heard_as_another_one():
    samples = heard(for_a_telephone(a_wav(tone(6_000, 22_050).tobytes())))
    assert np.abs(samples[100:-100]).max() < 100


def test_two_voices_become_one():
    both = np.stack([tone(440, 8_000), np.zeros(8_000, "<i2")], axis=1)
    assert np.abs(heard(for_a_telephone(a_wav(both.tobytes(), rate=8_000, voices=2)))).max() == pytest.approx(
        6_000, 0.01
    )


@pytest.mark.parametrize("sound", [b"", b"RIFF", b"no wav at all" * 9, a_wav(b""), a_wav(b"\0" * 100, width=1)])
def test_what_is_no_speech_is_refused(sound):
    with pytest.raises(SpeechError):
        for_a_telephone(sound)


@pytest.mark.parametrize("command", ["no-such-program {file}", "false {file}", "true {file}", "touch {file}"])
def test_a_program_that_makes_no_speech_leaves_nothing_behind(tmp_path, command):
    with pytest.raises(SpeechError) as refused:
        speak(command, "a secret text", language="en", file=tmp_path / "a.wav")
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_the_text_goes_to_the_input_and_never_into_the_command(tmp_path):
    program = "import sys, wave; w = wave.open(sys.argv[1], 'wb'); w.setparams((1, 2, 8000, 0, 'NONE', '')); "
    program += "w.writeframes(sys.stdin.buffer.read().ljust(100) + str(len(sys.argv)).encode() * 2)"
    text = "; rm -rf / $(x) '\" {file} {0}"
    command = f'{shlex.quote(sys.executable)} -c "{program}" {{file}}'
    speak(command, text, language="en", file=tmp_path / "a.wav")
    said = heard((tmp_path / "a.wav").read_bytes()).tobytes()
    assert said == text.encode().ljust(100) + b"22"


@has_espeak
def test_the_dialogue_is_spoken_in_each_of_its_languages(tmp_path, syria):
    first = syria.dialogue.step("main")
    lengths = set()
    for language in syria.dialogue.languages:
        speak(ESPEAK, first.say[language], language=language, file=tmp_path / f"{language}.wav")
        samples = heard((tmp_path / f"{language}.wav").read_bytes())
        assert len(samples) > RATE / 4
        assert np.abs(samples).max() > 1_000, "it is no silence"
        lengths.add(len(samples))
    assert len(lengths) == len(syria.dialogue.languages)
