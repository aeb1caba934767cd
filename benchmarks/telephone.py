"""How long a family takes to ask by phone, and what a message of a call costs: ``./run bench telephone [FAMILIES]``.

Families of three ask by USSD and by voice, in each language of the dialogue: any time, at one office. Of a voice menu
they hear what is said until the key that they want, or all of it; speech is that of espeak-ng. Each key takes 0.6 s.
Processor time is that of this process, which is the web process and no database.
"""

import re
import shutil
import sys
import tempfile
import time
import wave
from contextlib import ExitStack
from pathlib import Path

from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.country.core.security import By
from booking.desk.telephone.speech import speak
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from tests.booking.desk.telephone.callers import LANGUAGES, Caller, an_owner, phone_of
from tests.support.country import START, cheap_settings, fill_country, last_secret

KEY_SECONDS = 0.6
KEYS = ("2", "1", "1", "1", "1", "1", "1")
"""Ask; renew a passport; no special reason; everybody; the first office; no other; any time."""
ESPEAK = "espeak-ng -v {language} -w {file} --stdin"


def heard(folder: Path, text: str, language: str, key: str) -> tuple[float, float]:
    """Return the seconds of a text until a key's name, and of all of it."""
    file = folder / "said.wav"
    speak(ESPEAK, text, language=language, file=file)
    with wave.open(str(file)) as sound:
        whole = sound.getnframes() / sound.getframerate()
    named = re.search(rf": (?:\S+ )?{key}\b", text) if len(key) == 1 else None
    return whole * named.end() / len(text) if named else whole, whole


def ask(core: Core, by: By, language: str, folder: Path | None) -> tuple[int, int, float, float, float]:
    """Have a family ask: screens, keys, processor time, seconds until the keys that are wanted, and in all."""
    account, number = an_owner(core, "أمل الخيالية", "سامر الخيالي", "ليلى الخيالية")
    phone = phone_of(core, account)
    core.clock.advance(core.settings.otp_lifetime)
    until, whole, screens, spent = 0.0, 0.0, 1, time.process_time()
    caller = Caller(core, phone, by)
    spent = time.process_time() - spent

    def press(keys: str) -> None:
        nonlocal until, whole, screens, spent
        if folder is not None:
            needed, every = heard(folder, caller.screen.text, caller.screen.language, keys)
            until, whole = until + needed, whole + every
        began = time.process_time()
        caller.press(keys)
        spent, screens = spent + time.process_time() - began, screens + 1

    for keys in (LANGUAGES[language], number, "1"):
        press(keys)
    press(last_secret(core, account, "telephone"))
    core.clock.advance(core.settings.otp_lifetime / 10)
    for key in KEYS:
        if by is By.USSD:  # the wanted key may be on another page
            while key not in keys_on(caller):
                press("9")
        press(key)
    while by is By.USSD and "1" not in keys_on(caller):
        press("9")
    press("1")
    return screens, sum(map(len, caller.typed)), spent, until, whole


def keys_on(caller: Caller) -> set[str]:
    """Return the keys of a screen."""
    return {line[0] for line in caller.screen.text.splitlines() if line[1:2] == " "}


def main() -> None:
    """Print the table."""
    families = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v"))
        migrate(postgres.url)
        fill_country(postgres.url, valkey.url)
        clock = SettableClock(START)
        core = stack.enter_context(
            open_core(cheap_settings(), database_url=postgres.url, redis_url=valkey.url, clock=clock)
        )
        print("| way, language | screens | keys | processor time a screen | heard until the key; all | a call |")
        print("|---|---:|---:|---:|---:|---:|")
        for by in (By.USSD, By.VOICE):
            for language in LANGUAGES:
                speech = folder if by is By.VOICE and shutil.which("espeak-ng") else None
                screens, keys, _, until, whole = ask(core, by, language, speech)
                spent = sum(ask(core, by, language, None)[2] for _ in range(families)) / families
                spoken = f"{until:.0f} s; {whole:.0f} s | {until + KEY_SECONDS * keys:.0f} s" if speech else "– | –"
                print(f"| {by.value}, {language} | {screens} | {keys} | {1000 * spent / screens:.1f} ms | {spoken} |")


if __name__ == "__main__":
    main()
