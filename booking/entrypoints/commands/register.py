"""The commands ``mawid register``: try a register before people depend on it; people to try a demonstration with."""

import time

import typer

from booking.country.core.register import Identity, Register, RegisterAwayError, RegisterCalls
from booking.country.packs.loading import load_pack
from booking.country.packs.national_number import normalise
from booking.people.registers.choose import invented, open_register
from booking.people.registers.synthetic import lines_of, visitors
from booking.platform.base import fields
from booking.platform.base.clock import SystemClock
from booking.platform.base.settings import load_settings
from booking.platform.models.identity import ProofKind

app = typer.Typer(no_args_is_help=True)


@app.command("try")
def try_register() -> None:
    """Ask whether a number, a name and a birth date are one person, and with a card for a grant and facts.

    Prints the register's words and the seconds, and of facts only that they came. What is typed is asked for one by
    one, so that it stays out of the shell's history. Ends with status 1 where the register is away.
    """
    settings = load_settings()
    pack, calls = load_pack(settings.country), RegisterCalls()
    identity = Identity(
        number=normalise(typer.prompt("National number"), pack.country.national_number),
        name=fields.name(typer.prompt("Name")),
        birth_date=fields.day("birth_date", typer.prompt("Birth date")),
    )
    serial = typer.prompt("Number of the identity card (empty: leave it out)", default="", show_default=False)
    began = time.perf_counter()
    with open_register(settings, pack, SystemClock(), calls) as register:
        try:
            said = register.match(identity)
            typer.echo(f"person {said.person}, name {said.name}, birth date {said.birth_date}")
            if serial:
                typer.echo(_try_card(register, identity, serial))
        except RegisterAwayError as error:
            typer.echo(f"away: {error}")
            raise typer.Exit(1) from None
    typer.echo(f"{calls.state}, {time.perf_counter() - began:.3f} s")


def _try_card(register: Register, identity: Identity, serial: str) -> str:
    grant = register.prove(identity, ProofKind.CARD, serial)
    if grant is None:
        return "card not taken"
    return f"card taken, facts {'given' if register.facts(identity.number, grant) else 'not given for its grant'}"


@app.command("people")
def people() -> None:
    """List people of a demonstration's register who are nobody's yet: with their papers proving can be tried."""
    settings = load_settings()
    register = invented(settings, load_pack(settings.country), SystemClock())
    for line in lines_of(visitors(register)):
        typer.echo(line)
