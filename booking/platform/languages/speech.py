"""What is said in one language: sentences by their English text, and texts that packs and rows hold in several.

The sentences of one language, read from its PO files.

They are compiled in memory at start, so the repository holds no binary. A PO file without its language, or with
another order of plurals than the language's, would silently say the wrong thing: both are checked when it is read. A
translation whose blanks or marks are not those of its sentence is left out, and the language behind says it whole.

Whether a translation says as much as its sentence: the same blanks and the same marks, and no others.

Translations come from many hands, some from a folder of the installation's own. One with a blank too many breaks the
page, one with a blank too few hides a code or a deadline, and marks stand on the page as they are written.
"""

import gettext
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cache, cached_property, reduce
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

import structlog
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.units import format_unit
from typing_extensions import override

from booking.platform.base.settings import Digits, Settings
from booking.platform.languages.language import (
    SOURCE,
    WRITTEN,
    Language,
    LanguageError,
    Unit,
    arabic,
    arabic_in_sentence,
    chain_of,
    folder_of,
    read_language,
)

_PART: Final = re.compile(r"%%|%\(\w+\)\w|\{[^{}]*\}|<[^<>]*>?")
"""A blank of a page or a notice, or a mark with all that it holds."""


def fits(sentence: str, forms: Sequence[str]) -> bool:
    """Return whether a translation fits; of several plural forms the last has all blanks, others may leave some out."""
    *few, most = forms
    wanted = parts(sentence)
    return parts(most) == wanted and all(parts(one) <= wanted for one in few)


def parts(text: str) -> set[str]:
    """Return the blanks and marks of a text."""
    return set(_PART.findall(text)) - {"%%"}


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


class Texts(Protocol):
    """The same text in several languages, as a country pack writes it."""

    @property
    def root(self) -> Mapping[str, str]:
        """The texts by language; the English one is always among them."""


class Named(Protocol):
    """A row with a name in the languages that the project is written in."""

    name_ar: str
    name_en: str


class Placed(Protocol):
    """A row that says where it is."""

    city_ar: str
    city_en: str
    region_ar: str
    region_en: str


class _Nothing(gettext.NullTranslations):
    """What a catalogue falls back on to tell that it has no translation."""

    @override
    def gettext(self, message: str) -> str:
        return ""


class Speech:
    """One language and those it falls back on, sentence by sentence."""

    def __init__(
        self, chain: Sequence[Language], catalogues: Sequence[gettext.NullTranslations], numerals: Digits
    ) -> None:
        self.chain, self.catalogues, self.numerals = chain, catalogues, numerals
        self.language = chain[0]
        self._writes_arabic = _is_arabic(self.language, numerals)
        self._locale = Locale.parse(self.language.locale)
        self.codes = tuple(one.code for one in chain)
        self._own = {one.code: _before(_Nothing(), each) for one, each in zip(chain, catalogues, strict=True)}
        self._catalogue = reduce(_before, reversed(catalogues))

    @property
    def comma(self) -> str:
        """Return what stands between the parts of a list."""
        return self.language.comma

    @property
    def written(self) -> str:
        """Return the language among those that the project is written in which readers of this one understand."""
        return next(code for code in self.codes if code in WRITTEN)

    def digits(self, text: str) -> str:
        """Write the digits of a text as the settings say."""
        return arabic(text) if self._writes_arabic else text

    def weekday(self, number: int) -> str:
        """Return the name of a weekday; 0 is Monday."""
        declared = self.language.days
        return declared[number] if declared else str(self._locale.days["format"]["wide"][number])

    def short_weekday(self, weekday: int) -> str:
        """Return the shortest name of a weekday that is understood; 0 is Monday."""
        return self._short_days[weekday]

    @cached_property
    def _short_days(self) -> Sequence[str]:
        days = self._locale.days["format"]["abbreviated"]
        return self.language.short_days or [str(days[number]) for number in range(7)]

    def count(self, value: int, unit: Unit) -> str:
        """Write a number with its unit, in the form that it asks for: "10 minutes"."""
        if unit in self.language.units:
            return self.language.units[unit].format(value)
        return format_unit(value, f"duration-{unit}", locale=self._locale, numbering_system="latn")

    def gettext(self, sentence: str) -> str:
        """Return a sentence in this language, else in the one that it falls back on."""
        return self._catalogue.gettext(sentence)

    def has(self, sentence: str) -> bool:
        """Return whether this language says a sentence itself."""
        return self.language.code == SOURCE or bool(self._own[self.language.code].gettext(sentence))

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the form of a sentence that goes with ``count``."""
        return self._catalogue.ngettext(one, many, count)

    def choose(self, texts: Mapping[str, str]) -> str:
        """Choose among the same text in several languages; a language that is not there is translated from English."""
        english = texts[SOURCE]
        for code in self.codes:
            if code in texts:
                return arabic_in_sentence(texts[code]) if self._writes_arabic else texts[code]
            if english and (translated := self._own[code].gettext(english)):
                return translated
        return english

    def pick(self, ar: str, en: str) -> str:
        """Choose between two texts that the database holds side by side."""
        return self.choose({"ar": ar, "en": en})

    def said(self, texts: Texts) -> str:
        """Return what a country pack says in this language."""
        return self.choose(texts.root)

    def names(self, things: Iterable[Named]) -> str:
        """Return the names of several, with this language's comma between."""
        return f"{self.comma} ".join(map(self.name, things))

    def name(self, thing: Named) -> str:
        """Return the name of an office, a service or a holiday."""
        return self.pick(thing.name_ar, thing.name_en)

    def place(self, office: Placed) -> str:
        """Return where an office is, short and unique: its city, and the region where that is another word."""
        city, region = self.pick(office.city_ar, office.city_en), self.pick(office.region_ar, office.region_en)
        return region if city in {"", region} else f"{city}{self.comma} {region}"


class Languages(Mapping[str, Speech]):
    """The languages that an installation speaks, by code, in the order of its pack."""

    def __init__(self, speeches: Mapping[str, Speech], default: str) -> None:
        self._speeches = speeches
        self.default = default

    @override
    def __getitem__(self, code: str) -> Speech:
        return self._speeches[code]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._speeches)

    @override
    def __len__(self) -> int:
        return len(self._speeches)

    def of(self, code: str) -> Speech:
        """Return a language that an account or a session chose; the default, where it is not spoken any more."""
        return self._speeches.get(code, self._speeches[self.default])


def load_languages(settings: Settings, codes: Sequence[str]) -> Languages:
    """Read languages with their catalogues, once a process.

    Raises
    ------
    LanguageError
        One of them, or one that it falls back on, has no folder or an unusable one; or none is the default.
    """
    if settings.language not in codes:
        raise LanguageError(f"MAWID_LANGUAGE is {settings.language}, and the pack speaks {', '.join(codes)}")
    speeches = {code: _speech(code, settings.languages_dir, settings.digits) for code in codes}
    return Languages(speeches, settings.language)


@cache
def _speech(code: str, own: Path | None, numerals: Digits) -> Speech:
    chain = chain_of(code, own)
    return Speech(chain, [_catalogue(one.code, own, numerals) for one in chain], numerals)


@cache
def _catalogue(code: str, own: Path | None, numerals: Digits) -> gettext.NullTranslations:
    language = read_language(code, own)
    return read_catalogue(language, own, arabic_in_sentence if _is_arabic(language, numerals) else str)


def _is_arabic(language: Language, numerals: Digits) -> bool:
    return language.digits == "arabic" and numerals is Digits.ARABIC


def _before(fallback: gettext.NullTranslations, catalogue: gettext.NullTranslations) -> gettext.NullTranslations:
    """Return a catalogue with what it falls back on; others go on sharing its sentences."""
    chained = copy(catalogue)
    chained.add_fallback(fallback)
    return chained
