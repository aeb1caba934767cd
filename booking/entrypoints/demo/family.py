"""A family with an account of its own, whose password nobody needs."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np

from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.entrypoints.demo.actor import PASSWORD, last_code
from booking.entrypoints.demo.names import family_name, first_name
from booking.entrypoints.demo.population import Population
from booking.entrypoints.demo.proving import add_proven
from booking.people.accounts.register import confirm_phone, register
from booking.platform.models.states import Door


@dataclass(frozen=True, slots=True)
class Family:
    """An account and the people it acts for, who share a family name."""

    account_id: UUID
    people: tuple[int, ...]
    origin: Origin


def open_family(
    core: Core, population: Population, rng: np.random.Generator, *, username: str, network: str, size: int
) -> Family:
    """Open an account at home with so many people, each with a passport that ends soon."""
    origin = Origin(network, username, 150.0)
    account_id = register(
        core,
        username=username,
        password=PASSWORD,
        phone=population.next_phone(Door.HOME),
        language="ar",
        door=Door.HOME,
        origin=origin,
    )
    confirm_phone(core, account_id=account_id, code=last_code(core, account_id, "confirm_phone"))
    family = family_name(rng, "ar")
    people = tuple(
        add_proven(
            core,
            account_id=account_id,
            name=f"{first_name(rng, 'ar')} {family}",
            number=population.number("14", "ending"),
            born=date(1970 + int(rng.integers(25)), 1 + int(rng.integers(12)), 1 + int(rng.integers(28))),
            relation="self" if position == 0 else "other",
        )
        for position in range(size)
    )
    return Family(account_id, people, origin)
