"""A simulated, labelled history of requests: who asks, how it looks, and who turned out to hoard.

Nothing here is real. Each kind of asker is a set of distributions that overlap with the others on purpose: a shop that
helps its neighbours looks much like a careful broker, and a slow bot like a hurried citizen. The parameters are
assumptions, written down so that they can be argued with; they do not measure any country. What the model is
worth is judged elsewhere: by seasons of events, in `fraud.attackers`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.facts import SCHEMA

Column = npt.NDArray[np.float64]
START: Final = np.datetime64("2025-01-01T00:00:00", "s")
DAYS: Final = 120
_DAY_SECONDS: Final = 86_400
# Of the hoarders some are never found out, and of the others a few are wrongly reported: labels are not the truth.
_MISSED, _WRONGLY_REPORTED = 0.03, 0.001

# Many people register and ask in one sitting.
_MINUTES: Final = (0.3, 0.8)
# Where people live says nothing about them: a simulated history must not teach that far away or abroad is suspicious.
_KM_HOME: Final = (14, 1.1)
_KM_ABROAD: Final = (160, 1.3)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of asker.

    ``share`` of all requests; ``hoards`` becomes the label. Each pair is the median and the spread (sigma of the
    logarithm) of a log-normal amount, counts being rounded down afterwards. ``cancels``, ``no_shows`` and ``lapses``
    are means; ``party`` is the mean number of others in the request, ``offices`` of offices; the rest are chances,
    ``new`` that the account was made in the same sitting. ``unproven`` people of the account and ``lost`` claims are
    means; ``seen`` and ``weak`` are the chances that an officer has seen the people, and that nobody has shown a proof.
    """

    name: str
    share: float
    device_1h: tuple[float, float]
    device_24h: tuple[float, float]
    network_1h: tuple[float, float]
    account_24h: tuple[float, float]
    people_device: tuple[float, float]
    people_phone: tuple[float, float]
    people_account: tuple[float, float]
    age_hours: tuple[float, float]
    seconds: tuple[float, float]
    cancels: float
    no_shows: float
    lapses: float
    party: float
    offices: float
    new: float
    night: float
    abroad: float
    helper: float
    hoards: bool = False
    unproven: float = 0.3
    lost: float = 0.02
    seen: float = 0.1
    weak: float = 0.05


KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "single", 0.45, (0.5, 0.7), (0.8, 0.8), (14, 1.3), (0.6, 0.7), (1.2, 0.5), (1.1, 0.4), (1.1, 0.4),
        (900, 1.9), (210, 0.7), 0.15, 0.20, 0.12, 0.1, 1.8, 0.35, 0.12, 0.0, 0.0,
    ),
    Kind(
        "family", 0.24, (1.1, 0.8), (2.0, 0.8), (16, 1.3), (1.7, 0.8), (4.2, 0.5), (4.0, 0.5), (4.4, 0.5),
        (1400, 1.7), (260, 0.7), 0.30, 0.25, 0.20, 2.2, 1.6, 0.3, 0.12, 0.0, 0.0, unproven=0.2, lost=0.08,
    ),
    Kind(
        "shop", 0.08, (2.4, 0.8), (10, 0.8), (18, 1.1), (7.0, 0.9), (26, 0.8), (7.0, 1.0), (13, 0.9),
        (4200, 1.2), (130, 0.6), 1.1, 1.3, 0.9, 0.6, 1.9, 0.04, 0.05, 0.0, 0.55, unproven=0.2,
    ),
    Kind(
        "expatriate", 0.16, (0.5, 0.7), (0.8, 0.8), (4, 1.1), (0.6, 0.7), (1.9, 0.6), (1.7, 0.6), (1.9, 0.6),
        (700, 1.9), (240, 0.7), 0.20, 0.15, 0.15, 0.5, 1.3, 0.35, 0.30, 1.0, 0.0,
    ),
    Kind(
        "broker", 0.045, (4.6, 0.8), (17, 0.8), (24, 1.1), (11, 0.9), (38, 0.8), (17, 1.0), (19, 0.9),
        (420, 1.5), (55, 0.7), 2.6, 2.0, 2.2, 0.4, 2.5, 0.12, 0.18, 0.12, 0.02,
        hoards=True, unproven=0.2, weak=0.1,
    ),
    Kind(
        "bot", 0.015, (7.5, 1.4), (30, 1.4), (90, 1.5), (5.5, 1.2), (17, 1.3), (6.5, 1.2), (7.5, 1.2),
        (16, 1.7), (9, 0.9), 1.5, 1.1, 1.8, 0.1, 2.8, 0.3, 0.30, 0.16, 0.0,
        hoards=True, unproven=3.0, lost=0.5, seen=0.0, weak=0.3,
    ),
    # A bot that shows each request a new device, account and phone; only haste and its rented networks give it away.
    Kind(
        "rotating bot", 0.01, (0.3, 0.6), (0.4, 0.6), (70, 1.5), (0.4, 0.6), (1.1, 0.3), (1.1, 0.3), (1.1, 0.3),
        (1.5, 1.6), (14, 0.8), 0.1, 0.1, 0.1, 0.1, 2.6, 0.5, 0.25, 0.16, 0.0, hoards=True, seen=0.0, weak=0.3,
    ),
)  # fmt: skip


def simulate(seed: int, rows: int) -> pd.DataFrame:
    """Draw a history of ``rows`` requests in the order of time.

    Parameters
    ----------
    seed
        Equal seeds and rows give equal frames.
    rows
        At least 1.

    Returns
    -------
    pandas.DataFrame
        A column for each fact, and ``time`` (datetime64[s], UTC), ``person`` (a number; some ask more than once),
        ``kind`` (who it really is) and ``label`` (true if the request was found to hoard places; a few are wrong).
    """
    if rows < 1:
        raise ValueError("rows must be at least 1")
    draw, identities = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    kind_of = draw.choice(len(KINDS), size=rows, p=[kind.share for kind in KINDS])
    parts = []
    for number, kind in enumerate(KINDS):
        places = np.flatnonzero(kind_of == number)
        people = number * 10 * rows + draw.integers(0, 5 * max(1, len(places)), size=len(places))
        identity = _identity(kind, len(places), identities)
        parts.append(_requests(kind, len(places), identity, draw).assign(person=people).set_axis(places))
    frame = pd.concat(parts).sort_index()
    seconds = np.sort(draw.integers(0, DAYS * _DAY_SECONDS, size=rows))
    # The hour belongs to the kind (bots do not sleep): keep the day and put the hour in.
    whole_days = seconds - seconds % _DAY_SECONDS
    seconds = whole_days + frame["hour_of_day"].to_numpy() * 3600 + seconds % 3600
    frame["time"] = START + seconds.astype("timedelta64[s]")
    return frame.sort_values("time", kind="stable").reset_index(drop=True)


def _identity(kind: Kind, n: int, draw: np.random.Generator) -> dict[str, Column]:
    """Draw what is known of who they are, about as seasons count it; most services ask for a proof first."""
    level = np.where(draw.random(n) < kind.seen, 3, 2)
    weaker = draw.integers(0, 2, n)
    return {
        "identity_level": np.where(draw.random(n) < kind.weak, weaker, level).astype(np.float64),
        "unproven_by_account": _often(draw, kind.unproven, n),
        "claims_ended_365d": _often(draw, kind.lost, n),
    }


def _often(draw: np.random.Generator, mean: float, n: int) -> Column:
    """Draw counts by gamma and Poisson: most people never do it, a few do it much."""
    return draw.poisson(draw.gamma(0.6, mean / 0.6, n)).astype(np.float64)


def _requests(kind: Kind, n: int, identity: dict[str, Column], draw: np.random.Generator) -> pd.DataFrame:
    def amount(median: float, sigma: float) -> Column:
        return median * np.exp(sigma * draw.standard_normal(n))

    device_1h = np.floor(amount(*kind.device_1h))
    network_1h = np.maximum(device_1h, np.floor(amount(*kind.network_1h)))
    device_24h = device_1h + np.floor(amount(*kind.device_24h))
    daytime = np.clip(np.round(draw.normal(14, 4, n)), 7, 23)
    asks_from_abroad = draw.random(n) < kind.abroad
    age = amount(*kind.age_hours)
    no_passport = draw.random(n) < 0.25  # noqa: PLR2004 -- first passports
    account_24h, people_device, people_phone = (
        amount(*kind.account_24h),
        amount(*kind.people_device),
        amount(*kind.people_phone),
    )
    cancellations, lapses = _often(draw, kind.cancels, n), _often(draw, kind.lapses, n)
    days_left = np.where(no_passport, -1, np.floor(np.clip(draw.exponential(160, n), 0, 2_200)))
    network_24h = network_1h + np.floor(network_1h * amount(6, 0.5))
    columns = identity | {
        "requests_from_device_1h": device_1h,
        "requests_from_device_24h": device_24h,
        "requests_from_network_1h": network_1h,
        "requests_from_network_24h": network_24h,
        "requests_by_account_24h": np.floor(account_24h),
        "people_on_device_30d": np.maximum(1, np.floor(people_device)),
        "people_on_phone_30d": np.maximum(1, np.floor(people_phone)),
        "people_by_account": np.maximum(1, np.floor(amount(*kind.people_account))),
        "account_age_hours": np.minimum(np.where(draw.random(n) < kind.new, amount(*_MINUTES), age), 60_000),
        "form_seconds": np.clip(amount(*kind.seconds), 0.5, 7_200),
        "hour_of_day": np.where(draw.random(n) < kind.night, draw.integers(0, 24, n), daytime),
        "cancellations_90d": cancellations,
        "no_shows_365d": _often(draw, kind.no_shows, n),
        "lapsed_offers_365d": lapses,
        "party_size": np.minimum(6, 1 + draw.poisson(kind.party, n)),
        "offices_ranked": np.clip(1 + draw.poisson(kind.offices - 1, n), 1, 3),
        "km_to_nearest_office": np.minimum(np.where(asks_from_abroad, amount(*_KM_ABROAD), amount(*_KM_HOME)), 5_000),
        "asks_from_abroad": asks_from_abroad,
        "phone_is_registered_helper": draw.random(n) < kind.helper,
        "reason_given": (days_left > 180) | (draw.random(n) < 0.06),  # noqa: PLR2004 -- long-valid passports need one
        "passport_days_left": days_left,
        # What follows from the columns above; nothing new is assumed about who hoards.
        "requests_from_device_30d": device_24h + np.floor(people_device),
        "requests_from_network_30d": 5 * network_24h,
        "requests_with_phone_1h": np.floor(account_24h / 3),
        "requests_with_phone_24h": np.floor(account_24h),
        "requests_with_phone_30d": np.floor(account_24h + people_phone),
        "requests_by_account_1h": np.floor(account_24h / 3),
        "requests_by_account_30d": np.floor(account_24h + people_phone),
        "requests_for_person_1h": np.zeros(n),
        "requests_for_person_24h": np.zeros(n),
        "requests_for_person_30d": np.floor(draw.exponential(0.4, n)),
        "accounts_on_device_30d": np.maximum(1, np.floor(people_device / 4)),
        "accounts_on_phone_30d": np.ones(n),
        "rebookings_30d": np.floor(cancellations / 4),
        "given_up_on_device_90d": cancellations + np.floor(lapses / 4),
        "given_up_on_phone_90d": cancellations + np.floor(lapses / 4),
        "odd_names": (draw.random(n) < 0.002).astype(np.float64),  # noqa: PLR2004
        "odd_numbers": np.zeros(n),
        "people_with_one_birth_date": np.ones(n),
        "asks_by_telephone": np.zeros(n),  # nobody is known to hoard by it, and a score must not guess so
        "passed_on_by_account_30d": np.zeros(n),  # the rule looks at these; how often honest people do it nobody knows
        "passed_on_with_phone_30d": np.zeros(n),
        "handed_back_for_person_90d": np.zeros(n),
    }
    types = {"count": "int64", "number": "float64", "flag": "bool"}
    frame = pd.DataFrame({fact.name: columns[fact.name].astype(types[fact.kind]) for fact in SCHEMA})
    wrong = draw.random(n) < (_MISSED if kind.hoards else _WRONGLY_REPORTED)
    return frame.assign(kind=kind.name, label=wrong ^ kind.hoards)
