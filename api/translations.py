"""How far a language has come, and what is wrong with its catalogues; ``mawid languages`` runs it.

It needs no database and no server.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from api.sentences import Id, in_pages, translatable
from booking.country.packs.loading import read_pack
from booking.country.packs.schema import Pack
from booking.platform.base.settings import Settings, load_settings
from booking.platform.languages.language import WRITTEN, Language, LanguageError, known_codes, read_language
from booking.platform.languages.speech import fits, load_languages, parts, read_parts

Said: TypeAlias = Mapping[Id, Sequence[tuple[str, ...]]]
"""Translations by sentence: one for each plural form, and each as often as files have it."""


def translations(language: Language, settings: Settings) -> Said:
    """Return what a language's catalogues say; sentences without a translation are left out.

    Raises
    ------
    LanguageError
        A file cannot be used.
    """
    found: dict[Id, list[tuple[str, ...]]] = defaultdict(list)
    for _, part in read_parts(language, settings.languages_dir):
        for message in part:
            texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if message.id and texts and all(texts) and not message.fuzzy:
                found[message.id if isinstance(message.id, str) else (message.id[0], message.id[1])].append(texts)
    return found


def faults(said: Said) -> Iterator[str]:
    """Yield what is wrong: files that translate a sentence in different ways, blanks or tags that differ."""
    for sentence, each in said.items():
        if len(set(each)) > 1:
            yield f"files translate it in different ways: {sentence!r}"
        many, most = sentence if isinstance(sentence, str) else sentence[1], each[0][-1]
        if not fits(many, each[0]):
            yield f"blanks or tags differ from {sorted(parts(many))}: {most!r}"
        if "%(" not in most and "%" in most:
            yield f"a per cent sign alone: {most!r}"


def unsaid(said: Said, pack: Pack) -> Iterator[str]:
    """Yield translations of what nothing says any more; they do no harm and can go."""
    known = {*in_pages(), *(one for part in translatable(pack).values() for one in part)}
    yield from (f"nothing says this (any more): {one!r}" for one in said if one not in known)


def shares(said: Said, pack: Pack) -> Mapping[str, tuple[int, int]]:
    """Return for each part how many of citizens' sentences are translated, and how many there are."""
    return {name: (sum(one in said for one in part), len(part)) for name, part in translatable(pack).items()}


def missing(language: Language, said: Said, pack: Pack, settings: Settings) -> Catalog:
    """Return what citizens read that has no translation yet, with its Arabic; of Arabic, what any page says."""
    arabic = load_languages(settings, ["ar"])["ar"]
    catalogue = Catalog(locale=language.locale, fuzzy=False)
    wanted = {"pages": in_pages()} if language.code in WRITTEN else translatable(pack)
    for name, part in wanted.items():
        for sentence, files in part.items():
            if sentence not in said:
                one = sentence if isinstance(sentence, str) else sentence[0]
                comments = [f"Arabic: {words}"] if (words := arabic.gettext(one)) != one else []
                places = [(file, 0) for file in sorted(files)] or [(name, 0)]
                catalogue.add(sentence, locations=places, auto_comments=comments)
    return catalogue


def _write_missing(language: Language, pack: Pack, settings: Settings) -> int:
    output = BytesIO()
    catalogue = missing(language, translations(language, settings), pack, settings)
    write_po(output, catalogue, width=0, omit_header=True, include_lineno=False)
    head = f'msgid ""\nmsgstr ""\n"Language: {language.code}\\n"\n"MIME-Version: 1.0\\n"\n'
    head += '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    sys.stdout.write(f'{head}"Plural-Forms: {language.plurals}\\n"\n\n{output.getvalue().decode()}')
    return 0


def _check(language: Language, pack: Pack, settings: Settings) -> int:
    said = translations(language, settings)
    found = list(faults(said))
    sys.stdout.writelines(f"{line}\n" for line in (*found, *unsaid(said, pack)))
    return 1 if found else 0


def _tell_shares(pack: Pack, settings: Settings) -> int:
    """Print a row for each language, as the table of docs/languages.md has them."""
    for code in (one for one in known_codes(settings.languages_dir) if one not in WRITTEN):
        language = read_language(code, settings.languages_dir)
        done = shares(translations(language, settings), pack).values()
        parts = " | ".join(f"{100 * said // of} %" for said, of in done)
        sys.stdout.write(f"| {language.own_name} (`{code}`) | {parts} |\n")
    return 0


def main(action: str, code: str = "") -> int:
    """Print what a language lacks, what is wrong with it, or how far each one is; 1 where something is wrong."""
    settings = load_settings()
    pack = read_pack(settings.country).pack
    try:
        if action == "shares":
            return _tell_shares(pack, settings)
        language = read_language(code, settings.languages_dir)
        return (_write_missing if action == "missing" else _check)(language, pack, settings)
    except LanguageError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
