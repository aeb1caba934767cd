"""How likely an appointment is at each office, in words and as a bar, while somebody chooses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.i18n import N_, Words
from booking.country.catalogue.views import Chance, OfficeChances, chances_of_offices
from booking.country.core.core import Core
from booking.platform.models import Office

_ALL: Final = 100
_NEARLY_ALL: Final = 95
_HARDLY_ANY: Final = 5


@dataclass(frozen=True, slots=True)
class ShownChance:
    """A chance in words, and as the shares of 1 that the bar draws."""

    words: str
    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class ShownChances:
    """An office's chance; ``best`` names the weekday and the time of day with the highest ones, where they differ."""

    any: ShownChance
    weekdays: Mapping[int, ShownChance]
    bands: Mapping[str, ShownChance]
    best: tuple[str, ...]


def office_chances(core: Core, words: Words, offices: Iterable[Office]) -> dict[str, ShownChances]:
    """Return the chances by the office's code; offices of which too little is known are left out."""
    known = chances_of_offices(core)
    return {one.code: _shown(core, words, known[one.code]) for one in offices if one.code in known}


def _shown(core: Core, words: Words, chances: OfficeChances) -> ShownChances:
    names = {band.code: words.digits(words.said(band.name)) for band in core.pack.country.bands}
    weekdays = {day: _in_words(words, one) for day, one in chances.weekdays.items()}
    bands = {band: _in_words(words, one) for band, one in chances.bands.items() if band in names}
    best = (
        _best({words.weekday(day): one for day, one in weekdays.items()}),
        _best({names[b]: bands[b] for b in bands}),
    )
    return ShownChances(_in_words(words, chances.any), weekdays, bands, tuple(name for name in best if name))


def _best(chances: Mapping[str, ShownChance]) -> str:
    """Return the name whose lowest chance is above the likely one of every other; "" where none stands out."""
    ranked = sorted(chances, key=lambda name: -chances[name].low)
    clear = len(ranked) > 1 and chances[ranked[0]].low > max(chances[other].likely for other in ranked[1:])
    return ranked[0] if clear else ""


def _in_words(words: Words, chance: Chance) -> ShownChance:
    numbers = {"low": chance.low, "high": chance.high, "all": _ALL}
    if chance.low >= _NEARLY_ALL:
        said = words.gettext("nearly everyone gets one")
    elif chance.high <= _HARDLY_ANY:
        said = words.gettext("hardly anyone gets one")
    elif chance.high >= _ALL:
        said = words.say(N_("%(low)s of %(all)s or more get one"), numbers)
    elif chance.low <= 0:
        said = words.say(N_("%(high)s of %(all)s or fewer get one"), numbers)
    else:
        said = words.say(N_("%(low)s to %(high)s of %(all)s get one"), numbers)
    return ShownChance(said, chance.low / _ALL, chance.likely / _ALL, chance.high / _ALL)
