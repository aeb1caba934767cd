"""What the history facts count: one declaration for the live gate (SQL), for training and for replay (numpy).

`fraud.features.window_facts` computes the declarations on frames, `booking.scheduling.requests.asking.histories` to
SQL. Both count strictly before a request, and both count only the latest `MOST` entries of a subject, so that no
subject, however busy, can make a request expensive.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal

Subject = Literal["device", "phone", "network", "account", "person"]
Counted = Literal[
    "requests",
    "people",
    "accounts",
    "rebooked",
    "passed_on",
    "cancelled",
    "no_show",
    "lapsed",
    "given_up",
    "handed_back",
]

MOST: Final = 1_000
"""Only the latest so many requests (or ended appointments) of a subject are looked at."""

REBOOK_WITHIN: Final = timedelta(days=2)
"""A request is a rebooking when its account cancelled an appointment of other people at most so long before.

One that only moves an appointment of its own people to another time is none: nobody else gets anything by it.
"""

OUTCOMES: Final[Mapping[Counted, frozenset[str]]] = MappingProxyType(
    {
        "cancelled": frozenset({"cancelled"}),
        "no_show": frozenset({"no_show"}),
        "lapsed": frozenset({"lapsed"}),
        "given_up": frozenset({"cancelled", "lapsed"}),
        "handed_back": frozenset({"cancelled", "lapsed"}),
    }
)
"""How appointments ended, for what counts ended appointments; everything else counts requests."""


@dataclass(frozen=True, slots=True)
class Window:
    """One history fact: how much of ``counts`` there was of the request's subject ``of``.

    It looks at the instants t - ``over`` <= instant < t before a request at t. The subject of an ended appointment is
    that of its request. A request for several people has several subjects *person*; the largest count is the fact.
    An unknown subject has no history.

    ``passed_on`` is the smaller of two numbers: cancelled appointments of the window, and its requests for newcomers,
    each of those that have one of the others after or before them. Newcomers are people of whom nobody had an
    appointment of this subject cancelled within ``over`` before; a request that only moves an appointment is not for
    newcomers, and what it moves, cancelled at its very instant, was not given up. So who gives up one place and asks
    for five others passed on one place at most, and who gives up five, and asks for the same people again, none.

    ``handed_back`` counts drawn places alone, for who holds a free time at once and looks for a better one takes
    nothing from anybody; and only those of requests in which the person stayed.

    A place that was moved has no end of its own as long as the request waits that asks for another one, and none at all
    where that gets one and keeps it. Where it ends without, the place was cancelled then, by that request; of several
    that were moved one after another, and of which the last was given up, all were but the first. Ends of moved places
    that were kept earlier count as no place given up or handed back: at their very instant the person, or the subject,
    was asked for again, by a request that only moves one. Whose account that request is in does not count for the
    person, as its owner may have taken it over since.
    """

    name: str
    of: Subject
    over: timedelta
    counts: Counted


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

WINDOWS: Final[tuple[Window, ...]] = (
    Window("requests_from_device_1h", "device", _HOUR, "requests"),
    Window("requests_from_device_24h", "device", _DAY, "requests"),
    Window("requests_from_device_30d", "device", 30 * _DAY, "requests"),
    Window("requests_from_network_1h", "network", _HOUR, "requests"),
    Window("requests_from_network_24h", "network", _DAY, "requests"),
    Window("requests_from_network_30d", "network", 30 * _DAY, "requests"),
    Window("requests_with_phone_1h", "phone", _HOUR, "requests"),
    Window("requests_with_phone_24h", "phone", _DAY, "requests"),
    Window("requests_with_phone_30d", "phone", 30 * _DAY, "requests"),
    Window("requests_by_account_1h", "account", _HOUR, "requests"),
    Window("requests_by_account_24h", "account", _DAY, "requests"),
    Window("requests_by_account_30d", "account", 30 * _DAY, "requests"),
    Window("requests_for_person_1h", "person", _HOUR, "requests"),
    Window("requests_for_person_24h", "person", _DAY, "requests"),
    Window("requests_for_person_30d", "person", 30 * _DAY, "requests"),
    Window("people_on_device_30d", "device", 30 * _DAY, "people"),
    Window("people_on_phone_30d", "phone", 30 * _DAY, "people"),
    Window("accounts_on_device_30d", "device", 30 * _DAY, "accounts"),
    Window("accounts_on_phone_30d", "phone", 30 * _DAY, "accounts"),
    Window("cancellations_90d", "account", 90 * _DAY, "cancelled"),
    Window("no_shows_365d", "account", 365 * _DAY, "no_show"),
    Window("lapsed_offers_365d", "account", 365 * _DAY, "lapsed"),
    Window("rebookings_30d", "account", 30 * _DAY, "rebooked"),
    Window("given_up_on_device_90d", "device", 90 * _DAY, "given_up"),
    Window("given_up_on_phone_90d", "phone", 90 * _DAY, "given_up"),
    Window("passed_on_by_account_30d", "account", 30 * _DAY, "passed_on"),
    Window("passed_on_with_phone_30d", "phone", 30 * _DAY, "passed_on"),
    Window("handed_back_for_person_90d", "person", 90 * _DAY, "handed_back"),
)
