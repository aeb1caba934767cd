"""Search the catalogue by names as written, in other spellings, with a slip and in Latin letters; beside simpler ways.

Run with ``python benchmarks/search.py [ROUNDS]``. Each name and search word of every service is looked for; a share
says how often the service itself is listed first (in Latin letters: among the first three, for many services share a
word). "Words never met" builds the index anew before each search, outside the time, so that no word is remembered.

The second table times a whole search of the same words over a PostgreSQL of its own: with the services read for each
search and with those in memory, where another process loads the catalogue every 400 searches; then the page and
the API's answer, as the application makes them.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from logging import WARNING
from pathlib import Path

import structlog
from fastapi.testclient import TestClient
from rapidfuzz import fuzz, process
from sqlalchemy import select

from api.main import create_app
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.load import load_catalogue
from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.country.packs.loading import load_pack
from booking.country.packs.service import ServiceSpec
from booking.opening import open_core
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models import Service
from booking.platform.search.index import Entry, Index

SPELLINGS = {"ا": "أإآ", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ي": "ى", "ئ": "ي", "ؤ": "و"}
SECRET = "the secret of a benchmark, which protects nobody"  # noqa: S105 - nothing real is kept under it
MARKS = "\u064e\u064f\u0650\u0651\u0652\u0640"

Search = Callable[[str], Sequence[str]]


def respelt(text: str, rng: random.Random) -> str:
    """Spell Arabic as another hand would: other seats of the hamza, no article, a mark here and there."""
    words = [
        word[2:] if word.startswith("ال") and len(word) > 5 and rng.random() < 0.5 else word for word in text.split()
    ]
    return " ".join(
        "".join(
            rng.choice(SPELLINGS.get(letter, letter)) + (rng.choice(MARKS) if rng.random() < 0.1 else "")
            for letter in word
        )
        for word in words
    )


def slipped(text: str, rng: random.Random) -> str:
    """Leave out, double or swap a letter of the longest word."""
    words = text.split()
    longest = max(range(len(words)), key=lambda place: len(words[place]))
    word = words[longest]
    at = rng.randrange(1, max(2, len(word) - 2))
    words[longest] = rng.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        ]
    )
    return " ".join(words)


def looked_for(services: Sequence[ServiceSpec], rng: random.Random) -> dict[str, list[tuple[str, str]]]:
    """Return searches by kind, each with the service that is meant."""
    names = [(one.name[language], one.code) for one in services for language in ("ar", "en")]
    arabic = [(one.name["ar"], one.code) for one in services]
    return {
        "as written": names,
        "other spelling": [(respelt(text, rng), code) for text, code in arabic],
        "a slip": [(slipped(text, rng), code) for text, code in names],
        "Latin letters": [(text, one.code) for one in services for text in one.search.root["latin"]],
    }


def entry(service: ServiceSpec) -> Entry:
    """Return a service as it is found."""
    other = tuple(words for listed in service.search.root.values() for words in listed)
    return Entry(service.code, tuple(service.name.root.values()), other, tuple(service.description.root.values()))


def containing(entries: list[Entry]) -> Search:
    """Search as ``LIKE '%…%'`` does, over names and search words."""
    return lambda text: [
        one.code
        for one in entries
        if any(text.casefold() in name.casefold() for name in (*one.names, *one.other_names))
    ]


def fuzzy(entries: list[Entry]) -> Search:
    """Search by the weighted ratio of rapidfuzz, over names and search words."""
    names = [(name.casefold(), one.code) for one in entries for name in (*one.names, *one.other_names)]
    texts = [name for name, _ in names]
    return lambda text: [
        names[place][1]
        for _, _, place in process.extract(text.casefold(), texts, scorer=fuzz.WRatio, limit=5, score_cutoff=60)
    ]


def timed(
    way: Callable[[list[Entry]], Search],
    entries: list[Entry],
    asked: Sequence[tuple[str, str]],
    first: int,
    *,
    anew: bool,
) -> tuple[float, list[tuple[float, float]]]:
    """Return the share of searches that find their service among the ``first``, and the milliseconds of each."""
    found, times, search = 0, [], way(entries)
    for text, code in asked:
        if anew:
            search = way(entries)
        began, worked = time.perf_counter(), time.thread_time()
        codes = search(text)
        times.append(((time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000))
        found += code in codes[:first]
    return found / len(times), times


@contextmanager
def country() -> Iterator[tuple[Core, Core]]:
    """Open the core of a web process, and that of another one, on servers of their own with the whole catalogue."""
    settings = Settings(_env_file=None, secret_key=SECRET)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v"))
        migrate(postgres.url)
        web, other = (
            stack.enter_context(open_core(settings, database_url=postgres.url, redis_url=valkey.url)) for _ in range(2)
        )
        load_catalogue(other, pack=other.pack)
        yield web, other


def read_each_time(core: Core, index: Callable[[str], Sequence[str]], text: str) -> list[Service]:
    """Search with the index in memory and the services read from the database."""
    with core.sessions() as session:
        services = session.scalars(select(Service).where(Service.active).order_by(Service.position, Service.code)).all()
    by_code = {service.code: service for service in services}
    return [by_code[code] for code in index(text)]


def whole_searches(texts: Sequence[str]) -> None:
    """Print the table of whole searches."""
    print("\n| a whole search | p50 | p99 | p99 of processor time |\n|---|---:|---:|---:|")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(WARNING))
    with country() as (web, other), TestClient(create_app(web), base_url="http://localhost:8000") as client:
        index = Index([entry(service) for service in web.pack.services]).find
        ways: dict[str, Callable[[str], object]] = {
            "services read for each": lambda text: read_each_time(web, index, text),
            "services in memory": lambda text: catalogue.find_services(web, text),
            "the API's answer": lambda text: client.get("/api/v1/services", params={"q": text}).raise_for_status(),
            "the page": lambda text: client.get("/services", params={"q": text}).raise_for_status(),
        }
        for name, way in ways.items():
            times = []
            for place, text in enumerate(texts):
                if place % 400 == 0:
                    load_catalogue(other, pack=other.pack)
                began, worked = time.perf_counter(), time.process_time()
                way(text)
                times.append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
            passed, used = (statistics.quantiles(column, n=100) for column in zip(*times, strict=True))
            print(f"| {name} | {passed[49]:.2f} ms | {passed[98]:.2f} ms | {used[98]:.2f} ms |")


def main(rounds: int) -> None:
    """Print both tables."""
    services, rng = load_pack("syria").services, random.Random(1)  # noqa: S311 - the same searches each time
    kinds = looked_for(services, rng)
    entries = [entry(service) for service in services]
    ways: dict[str, tuple[Callable[[list[Entry]], Search], bool]] = {
        "ours, words never met": (lambda entries: Index(entries).find, True),
        "ours, in a running site": (lambda entries: Index(entries).find, False),
        "contains the text": (containing, False),
        "rapidfuzz WRatio": (fuzzy, False),
    }
    print(f"| {len(entries)} services | {' | '.join(kinds)} | p50 | p99 | p99 of processor time |")
    print("|---|" + "---:|" * (len(kinds) + 3))
    for name, (way, anew) in ways.items():
        shares, times = [], []
        for kind, asked in kinds.items():
            share, spent = timed(way, entries, asked * rounds, 3 if kind == "Latin letters" else 1, anew=anew)
            shares.append(f"{share:.1%}")
            times += spent
        passed, worked = (statistics.quantiles(column, n=100) for column in zip(*times, strict=True))
        cells = [*shares, *(f"{value:.2f} ms" for value in (passed[49], passed[98], worked[98]))]
        print(f"| {name} | {' | '.join(cells)} |")
    began = time.perf_counter()
    Index(entries)
    print(f"\nThe index of {len(entries)} services is built in {(time.perf_counter() - began) * 1000:.0f} ms.")
    whole_searches([text for asked in kinds.values() for text, _ in asked * rounds])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
