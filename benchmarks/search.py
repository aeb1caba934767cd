"""Search the catalogue by names as written, in other spellings, with a slip and in Latin letters; beside simpler ways.

Run with ``python benchmarks/search.py [ROUNDS]``. Each name and search word of every service is looked for; a share
says how often the service itself is told first (in Latin letters: among the first three, for many services share a
word). "Words never met" builds the index anew before each search, outside the time, so that no word is remembered.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz, process

from booking.packs.loading import load_pack
from booking.packs.service import ServiceSpec
from booking.search.index import Entry, Index

SPELLINGS = {"ا": "أإآ", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ي": "ى", "ئ": "ي", "ؤ": "و"}
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
    """Give searches by kind, each with the service that is meant."""
    names = [(one.name[language], one.code) for one in services for language in ("ar", "en")]
    arabic = [(one.name["ar"], one.code) for one in services]
    return {
        "as written": names,
        "other spelling": [(respelt(text, rng), code) for text, code in arabic],
        "a slip": [(slipped(text, rng), code) for text, code in names],
        "Latin letters": [(text, one.code) for one in services for text in one.search.root["latin"]],
    }


def entry(service: ServiceSpec) -> Entry:
    """Give a service as it is found."""
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
    """Give the share of searches that find their service among the ``first``, and the milliseconds of each."""
    found, times, search = 0, [], way(entries)
    for text, code in asked:
        if anew:
            search = way(entries)
        began, worked = time.perf_counter(), time.thread_time()
        codes = search(text)
        times.append(((time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000))
        found += code in codes[:first]
    return found / len(times), times


def main(rounds: int) -> None:
    """Print one table."""
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


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
