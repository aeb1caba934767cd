"""Opens the register that the settings name: a real one over HTTP, or in a demonstration that of invented people."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from booking.country.core.register import Register, RegisterCalls
from booking.country.packs.schema import Pack
from booking.people.registers.synthetic import INVITED, BookFile, SyntheticRegister
from booking.platform.base.clock import Clock
from booking.platform.base.settings import Environment, Settings, SettingsError

BOOK: Final = "register/people.jsonl"
"""In the state folder."""


@contextmanager
def open_register(settings: Settings, pack: Pack, clock: Clock, calls: RegisterCalls) -> Iterator[Register]:
    """Yield the register; its connections are closed on the way out.

    Raises
    ------
    SettingsError
        Production has no register, or a certificate cannot be read.
    """
    if settings.register_url is None:
        yield invented(settings, pack, clock)
        return
    # With it comes an HTTP client: a tenth of a second that a process without a register need not spend.
    from booking.people.registers.http import HttpRegister  # noqa: PLC0415 - see above
    from booking.people.registers.line import Line, Patience  # noqa: PLC0415 - see above

    token = settings.register_token.get_secret_value() if settings.register_token else None
    patience = Patience(
        connect=settings.register_connect_within.total_seconds(),
        silence=settings.register_silent_for.total_seconds(),
        whole=settings.register_answer_within.total_seconds(),
    )
    line = Line(settings.register_url, tls=_tls(settings), token=token, patience=patience)
    register = HttpRegister(line, clock, calls)
    try:
        yield register
    finally:
        register.close()


def invented(settings: Settings, pack: Pack, clock: Clock) -> SyntheticRegister:
    """Make the register of invented people, with those whom the demonstration wrote down and its visitors.

    Raises
    ------
    SettingsError
        The environment is production.
    """
    if settings.environment is Environment.PRODUCTION:
        raise SettingsError(settings.unfit_register() or "a register of invented people has no place in production")
    regions = [region.code for region in pack.regions if region.country == pack.country.code]
    register = SyntheticRegister(clock, regions, book_of(settings))
    for number, person in INVITED.items():
        register.enrol(number, person)
    return register


def book_of(settings: Settings) -> BookFile:
    """Return the file of invented people that all processes on this state folder share."""
    return BookFile(settings.state_dir / BOOK)


def _tls(settings: Settings) -> ssl.SSLContext:
    """Make what checks the register's certificate and shows ours; raises SettingsError."""
    try:
        context = ssl.create_default_context(cafile=settings.register_ca_file)
    except OSError as error:
        raise SettingsError(f"MAWID_REGISTER_CA_FILE cannot be read: {error.strerror or 'no certificate'}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.register_client_certificate is not None and settings.register_client_key is not None:
        try:
            context.load_cert_chain(
                settings.register_client_certificate, settings.register_client_key, password=_ask_nobody
            )
        except OSError as error:
            words = error.strerror or "no certificate with its key"
            raise SettingsError(
                f"MAWID_REGISTER_CLIENT_CERTIFICATE, MAWID_REGISTER_CLIENT_KEY cannot be read: {words}"
            ) from None
    return context


def _ask_nobody() -> str:
    """Return an empty password: a process that asked for one at a terminal would wait for ever."""
    return ""
