"""Write a catalogue as pages to look at before it is loaded: each service's page and form, in each language.

``mawid catalogue check PACK --preview DIR`` runs it; it needs no database and no server. Services whose files have
mistakes are left out, as they would be on the site.
"""

import sys
from pathlib import Path
from typing import Any

from api.i18n import Words, load_words
from api.pages.public.services import about, in_groups
from api.pages.shared.rendering import Renderer
from api.pages.shared.static import read_static
from booking.country.catalogue.load import service_row
from booking.country.packs.loading import read_pack
from booking.country.packs.schema import Pack
from booking.platform.base.settings import load_settings
from booking.platform.languages.language import LanguageError
from booking.platform.models import Service

STYLE = "mawid.css"


def write_preview(pack: Pack, folder: Path) -> int:
    """Write the pages into ``folder``, over those of an earlier preview; return how many.

    Raises
    ------
    LanguageError
        The pack names a language that cannot be used.
    OSError
        The folder cannot be made or written.
    """
    settings = load_settings()
    every = load_words(settings, pack.country.languages)
    renderer = Renderer(settings, every, pack.country)
    services = [Service(**service_row(pack, spec)) for spec in pack.services]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STYLE).write_bytes(read_static(STYLE))
    written = 0
    for words in every.values():
        language = words.language.code
        (folder / language).mkdir(exist_ok=True)
        groups = in_groups(pack.groups, services)
        pages = {"index": renderer.render(words, "public/preview_index.html", {"groups": groups})}
        for service in services:
            pages[service.code] = renderer.render(
                words, "public/preview_service.html", _content(pack, service, services, words)
            )
        for name, html in pages.items():
            (folder / language / f"{name}.html").write_text(html, "utf-8")
        written += len(pages)
    return written


def _content(pack: Pack, service: Service, services: list[Service], words: Words) -> dict[str, Any]:
    return about(pack, service, words, known=services) | {"service_address": "%s.html"}


def main(name: str, folder: Path) -> int:
    """Write the pages and say where they are; 1 where they cannot be written."""
    pack = read_pack(name).pack
    try:
        written = write_preview(pack, folder)
    except LanguageError as error:
        sys.stderr.write(f"There is no preview: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"The preview cannot be written: {error}\n")
        return 1
    sys.stdout.write(f"{written} pages; open {folder / pack.country.languages[0] / 'index.html'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2])))
