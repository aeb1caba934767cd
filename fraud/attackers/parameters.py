"""Who asks in a simulated season, how they behave and what they pay: every assumption in one place.

Nothing here was measured in any country. Each number is a guess that can be argued with and changed; amounts are for
``PER`` honest people and grow in proportion. Money is in US dollars, and an order of magnitude.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from fraud.attackers.tactics import Tactics

PER: Final = 10_000
CODE_FROM: Final = 0.75
"""The score from which only a code on the phone passes a challenge, as in the first quota policy (docs/checks.md)."""

TRAINING_SEEDS: Final = (11, 12, 13)
TUNING_SEEDS: Final = (21, 22, 23, 24)
JUDGING_SEEDS: Final = tuple(range(101, 111))
"""Models learn from the first, rules and limits were chosen on the second, results are reported on the third only."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What somebody does when something happens; chances unless said otherwise.

    Parameters
    ----------
    patience
        Tries again after a reached limit.
    rotates
        Answers a reached limit by another device and network at once, and does not wait as asked.
    passes_proof, passes_code
        Solves the computation; receives and types the code. People who fail the first ask for the second.
    lapses, cancels, no_show
        Does not confirm an offer; gives up a confirmed place; does not come.
    again
        Asks once more after a request ended without a place.
    resells
        Takes places in other names, gives them up when sold and asks again at once in the buyer's name.
    resold_within
        Days within which a place that was taken to be sold is given up.
    leaves
        Gives such a place up by leaving its offer unconfirmed, and does not cancel it.
    moves, redrawn
        How often such a place is given up by moving it to a later draw and dropping what waits there; or only once that
        got no other place to move.
    apart
        Buyers ask in an account and with a phone of their own.
    caught
        An officer who looks at the request refuses it. For honest people this is the officer's mistake.
    proves
        Can show at once, for each person, what only that person has: the serial of a card, a code to the phone that the
        register knows.
    visits
        Goes to a counter in person where that is missing, or where somebody else holds a request in the same name.
    labelled
        Becomes known as hoarding, in time for training. For honest people this is a wrong report.
    """

    patience: int = 2
    rotates: bool = False
    passes_proof: float = 0.98
    passes_code: float = 0.95
    lapses: float = 0.08
    cancels: float = 0.06
    no_show: float = 0.07
    again: float = 0.6
    resells: bool = False
    resold_within: float = 3.0
    leaves: bool = False
    moves: int = 0
    redrawn: bool = False
    apart: bool = False
    caught: float = 0.02
    proves: float = 0.97
    visits: bool = True
    labelled: float = 0.001


@dataclass(frozen=True, slots=True)
class Means:
    """What an attacker pays: for a phone (an account), a try (a rented address), an identity; whose hands type.

    ``by_hand``: forms and codes cost human time; ``client_minutes``: to win and serve one client.
    """

    phone: float = 0.0
    address: float = 0.0
    identity: float = 0.0
    by_hand: bool = True
    client_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Prices:
    """What everybody pays alike. ``code_minutes``: to read a message and type its code."""

    human_minute: float = 0.03  # 1.80 an hour, the wage of a click farm
    cpu_second: float = 0.000_015  # rented: 0.05 an hour and core
    code_minutes: float = 0.5
    place: float = 100.0  # what a place is sold for; reports tell of the passport's fee up to a month's wage
    front: float = 60.0  # a licence and an hour at an office, to be registered as a helper; gone when it is suspended
    sms: float = 0.05  # what a message costs us
    sms_share: float = 0.02  # what a pumper earns on it


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of asker: its name in reports, whether it is honest, what it does, what it pays."""

    name: str
    honest: bool
    habits: Habits = field(default_factory=Habits)
    means: Means | None = None


_LAX: Final = Habits(lapses=0.12, cancels=0.10, proves=0.85)  # papers were lost on the way
_SCRIPT: Final = Habits(
    patience=3,
    rotates=True,
    passes_proof=1.0,
    passes_code=0.7,  # rented numbers are often gone when the second code comes
    lapses=0.3,
    cancels=0.2,
    no_show=0.5,
    again=1.0,
    caught=0.95,  # an officer rings somebody who knows of nothing
    proves=0.03,  # lists of names, numbers and birth dates are sold; few have a photo of the card
    visits=False,
    labelled=0.97,
)
CLIENTS: Final = Habits(passes_code=0.97, again=0.9, caught=0.25, labelled=0.6)  # real people who need a passport

SINGLE: Final = Kind("single", honest=True)
FAMILY: Final = Kind("family", honest=True)
EXPATRIATE: Final = Kind("expatriate", honest=True)
CAMP: Final = Kind("camp", honest=True, habits=_LAX)
STUDENT: Final = Kind("student", honest=True)
HELPER: Final = Kind("registered shop", honest=True)
SHOP: Final = Kind("unregistered shop", honest=True)
CAFE: Final = Kind("café", honest=True)
BOT: Final = Kind("bot", honest=False, habits=_SCRIPT, means=Means(0.15, 0.001, 1.0, by_hand=False))
ROTATING: Final = Kind("rotating bot", honest=False, habits=_SCRIPT, means=Means(0.15, 0.01, 1.0, by_hand=False))
HOARDER: Final = Kind(
    "hoarder",
    honest=False,
    habits=Habits(lapses=0.05, cancels=0.0, again=1.0, resells=True, caught=0.8, visits=False, labelled=0.9),
    means=Means(2.0, 0.0, 10.0, client_minutes=15.0),
)
BROKER: Final = Kind("broker", honest=False, habits=CLIENTS, means=Means(2.0, 0.0, 0.0, client_minutes=15.0))
FARM: Final = Kind("farm", honest=False, habits=CLIENTS, means=Means(2.0, 0.0, 0.0, client_minutes=15.0))
SQUATTER: Final = Kind("squatter", honest=False, habits=_SCRIPT, means=Means(0.15, 0.01, 0.05, by_hand=False))
CLAIMER: Final = Kind("claimer", honest=False, habits=_SCRIPT, means=Means(0.15, 0.01, 0.05, by_hand=False))
PUMPER: Final = Kind("sms pumper", honest=False, habits=_SCRIPT, means=Means(0.0, 0.002, 0.0, by_hand=False))

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            *(SINGLE, FAMILY, EXPATRIATE, CAMP, STUDENT, HELPER, SHOP, CAFE),
            *(BOT, ROTATING, HOARDER, BROKER, FARM, SQUATTER, CLAIMER, PUMPER),
        )
    }
)


@dataclass(frozen=True, slots=True)
class World:
    """A season: days, demand, who asks and how many attack.

    Parameters
    ----------
    people
        Honest people who want a place.
    days
        On which they ask; draws go on until every request is decided.
    demand
        Honest people for each place.
    patience
        Draws that a request takes part in before its days are over.
    cases_per_thousand
        Officers look at so many cases for each thousand people who ask: 200 a day where 5,000 ask.
    shares
        Of the honest people, by kind; they add up to 1. Shops' and camps' are large, to see whether they are hurt.
    """

    people: int = PER
    days: int = 28
    demand: float = 2.0
    patience: int = 7
    cases_per_thousand: int = 40
    shares: Mapping[str, float] = field(
        default_factory=lambda: {
            SINGLE.name: 0.40,
            FAMILY.name: 0.28,
            EXPATRIATE.name: 0.13,
            CAMP.name: 0.05,
            STUDENT.name: 0.05,
            HELPER.name: 0.06,
            SHOP.name: 0.03,
        }
    )
    tactics: Mapping[str, Tactics] = field(default_factory=dict)
    """Of kinds of attackers that act by these, instead of by the fixed habits of `fraud.attackers.hostile`."""
    strength: float = 1.0
    """Multiplies every attack."""
    bot_tries: int = 2_000
    """Requests of three scripts that do little to hide, each on four mornings: few machines, fast forms, one phone."""
    rotating_tries: int = 600
    """Requests of scripts that show each time another account, phone, address and no cookie, and type slowly."""
    bot_identities: int = 60
    """Stolen identities that the registers know, for each of the two; all others that they try are invented."""
    hoarders: int = 4
    borrowed: int = 25
    """Real people's identities, borrowed or bought, that each hoarder holds places with."""
    brokers: int = 8
    clients: int = 40
    """Of each broker: real people who need a passport themselves."""
    farm_workers: int = 36
    farm_clients: int = 6
    """Of each worker, who has a phone, a device and an operator's network of their own: below every limit."""
    squats: int = 400
    """Numbers of people who are going to ask, from a leaked list: asked for first, to sell them their own turn."""
    claimed: int = 400
    """As many more, whom claimers collect in accounts of as many people as one may act for."""
    proofs: bool = True
    """Whether nobody asks for a person without a proof; False is how it was before."""
    returning: float = 0.0
    """Share of honest people who ask once more, within a week, after they cancelled a place or left its offer."""
    moving: float = 0.0
    """Share of the places drawn for honest people that they move to a later draw, also where they moved one before."""
    counter_days: float = 3.0
    """Mean days until somebody who has to come to a counter has been there."""
    pumped: int = 12_000
    """Codes that the pumper asks for on each of three days, in three hours."""
    pumped_prefixes: int = 40
    """Ranges of ten thousand numbers that earn for the pumper, in two countries where expatriates live."""

    @property
    def scale(self) -> float:
        """How many times ``PER`` honest people there are."""
        return self.people / PER

    def attackers(self, amount: float) -> int:
        """Return an amount for this season's size and strength of attack."""
        return round(amount * self.scale * self.strength)

    @property
    def places(self) -> int:
        """Places that each day's draw gives."""
        return max(1, round(self.people / (self.days * self.demand)))

    @property
    def cases(self) -> int:
        """Cases that officers decide in a day."""
        return max(1, round(self.people / self.days * self.cases_per_thousand / 1_000))


PRICES: Final = Prices()
