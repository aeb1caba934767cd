"""The witness's page for people with a browser: what it watches, the newest state, and what it found, with evidence."""

import re
from datetime import UTC, datetime
from html import escape
from typing import Final

from booking.transparency.witness.findings import Found, Language, words
from booking.transparency.witness.watch import Watch

ADDRESSES: Final[dict[str, Language]] = {"/": "ar", "/en": "en"}
MOST: Final = 100
"""Findings on the page, the newest first; `/findings` has all."""
EVIDENCE: Final = re.compile(r"/(evidence/[0-9]{8}T[0-9]{6}Z-[a-z_]{1,40}-[0-9a-f]{8}/[a-z0-9-]{1,40}\.(?:txt|json))")
"""The address of a file of evidence; its group is the file in the witness's folder."""
_STYLE: Final = """\
body { max-width: 45rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.6 system-ui, sans-serif; }
code, pre { font-size: .85rem; overflow-wrap: anywhere; white-space: pre-wrap; }
li { margin-block: 1rem; }
"""


def show(watch: Watch, language: Language) -> bytes:
    """Return the page. All that a log or another witness wrote stands there as text."""
    other: Language = "en" if language == "ar" else "ar"
    there = next(address for address, spoken in ADDRESSES.items() if spoken == other)
    title = _say("title", language, name=watch.folder.name)
    found = "".join(_item(watch, one, language) for one in watch.findings.newest(MOST))
    return f"""\
<!doctype html>
<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
<p><a href="{there}" lang="{other}">{_say("other", language)}</a></p>
<h1>{title}</h1>
<p>{_say("watches", language, origin=watch.key.name, address=watch.folder.log().address)}</p>
<p>{_newest(watch, language)}</p>
<p>{_say("key", language)}: <code dir="ltr">{escape(watch.folder.vkey.text)}</code></p>
<h2>{_say("found", language)}</h2>
{f"<ul>{found}</ul>" if found else f"<p>{_say('nothing', language)}</p>"}
""".encode()


def _newest(watch: Watch, language: Language) -> str:
    at = watch.looked_at
    if at is None or not watch.hearing.shown:
        return _say("never", language)
    said = _say("newest", language, size=watch.mirror.size, at=_time(at))
    return f'{said} <a href="/checkpoint">{_say("checkpoint", language)}</a>'


def _item(watch: Watch, one: Found, language: Language) -> str:
    links = " ".join(
        f'<a href="/evidence/{one.folder}/{file}" dir="ltr">{escape(file)}</a>' for file in watch.findings.files(one)
    )
    kind = _say("notice" if one.notice else "contradiction", language)
    return (
        f"<li><b>{kind}</b> · {escape(_time(one.at))}<br>{escape(one.sentence(language))}"
        f"<br>{_say('evidence', language)} {links}</li>"
    )


def _say(what: str, language: Language, **values: str | int) -> str:
    return escape(str(words()["page"][what][language]).format(**values))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
