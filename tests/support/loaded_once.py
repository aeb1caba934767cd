"""What most processes of a whole run would load for themselves is loaded once, before they are forked."""

import gc

from pydantic import SecretStr

from booking.country.packs.loading import read_pack
from booking.people.reaching.apprise_carrier import load_apprise
from booking.platform.base.settings import Settings
from booking.platform.languages.speech import load_languages

MANY = 4_000
"""Tests from which on all of it is needed somewhere; quick ones alone are fewer."""


def load_once() -> None:
    """Load the country pack, its languages with their sentences, and the libraries of papers and of notices."""
    import fpdf  # noqa: F401, PLC0415 - half a second that small runs never need

    settings = Settings(_env_file=None, secret_key=SecretStr("a secret for tests that is long enough"))
    pack, _ = read_pack(settings.country)
    load_languages(settings, pack.country.languages)
    load_apprise()
    gc.freeze()
