"""The sentences of one language, read from its PO files.

They are compiled in memory at start, so the repository holds no binary. A PO file without its language, or with
another order of plurals than the language's, would silently say the wrong thing: both are checked when it is read. A
translation whose blanks or marks are not those of its sentence is left out, and the language behind says it whole.
"""

import gettext
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import structlog
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from booking.platform.languages.fitting import fits
from booking.platform.languages.language import Language, LanguageError, folder_of

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def read_catalogue(
    language: Language, own: Path | None = None, write: Callable[[str], str] = str
) -> gettext.NullTranslations:
    """Read a language's files, one for each part of the site; together they are one catalogue, the first one first.

    Parameters
    ----------
    write
        How a translation is written, such as with other digits.

    Raises
    ------
    LanguageError
        A file lacks its language or the language's order of plurals, or cannot be read as UTF-8.
    """
    together: Catalog | None = None
    for _, part in read_parts(language, own):
        if together is None:
            together = part
            continue
        for message in part:
            if message.id and message.id not in together:
                together.add(message.id, message.string, flags=message.flags)
    if together is None:
        return gettext.NullTranslations()
    for message in list(together):
        if message.id and not _fits(message):
            _log.warning("translation_left_out", language=language.code, sentence=message.id)
            together.delete(message.id)
        elif message.id and message.string:
            one, many = message.string, not isinstance(message.string, str)
            message.string = tuple(map(write, one)) if many else write(str(one))
    compiled = BytesIO()
    write_mo(compiled, together)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def read_parts(language: Language, own: Path | None = None) -> Iterator[tuple[str, Catalog]]:
    """Yield a language's files by name, each as a catalogue, empty ones not at all; raises as `read_catalogue`."""
    for file in sorted(folder_of(language.code, own).iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".po"):
            continue
        source = file.read_bytes()
        if not source:  # what a shell makes before a command writes into it
            continue
        heads = (f'"Plural-Forms: {language.plurals}\\n"', f'"Language: {language.code}\\n"')
        if not all(head.encode() in source for head in heads):
            raise LanguageError(f"{language.code}/{file.name}: its head needs {' and '.join(heads)}")
        try:
            part = read_po(BytesIO(source), locale=language.code)
        except (UnicodeDecodeError, LookupError) as error:
            raise LanguageError(f"{language.code}/{file.name}: it cannot be read as UTF-8: {error}") from None
        yield file.name, part


def _fits(message: Message) -> bool:
    """Return whether a translation may be shown; one that is not there harms nobody."""
    many = message.id if isinstance(message.id, str) else message.id[-1]
    said = [message.string] if isinstance(message.string, str) else message.string or []
    forms = [one for one in said if one]
    return not forms or fits(many, forms)
