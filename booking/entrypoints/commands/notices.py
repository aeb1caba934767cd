"""The commands ``mawid notices``: try a gateway before people depend on it."""

from typing import Annotated, Final
from uuid import uuid4

import typer

from booking.people.reaching.carrier import CarrierError, Letter
from booking.people.reaching.carriers import carriers_of
from booking.platform.base.message_states import Channel, TryOutcome
from booking.platform.base.settings import load_settings

app = typer.Typer(no_args_is_help=True)
_TRIED: Final = Letter("Mawid", "موعد: رسالة تجربة. Mawid: a test message.")


@app.callback()
def notices() -> None:
    """Messages to people."""


@app.command("try")
def try_gateway(
    channel: Channel, address: Annotated[str, typer.Argument(help="A phone as +963…, an e-mail address, ...")]
) -> None:
    """Send one test message and print what came of it; ends with status 1 where it was not taken."""
    carriers = carriers_of(load_settings())
    if channel not in carriers:
        typer.echo(f"no gateway: set MAWID_GATEWAY_{channel.name}")
        raise typer.Exit(1)
    try:
        carriers[channel].send(address, _TRIED, str(uuid4()))
    except CarrierError as error:
        typer.echo(error.outcome.value)
        raise typer.Exit(1) from None
    typer.echo(TryOutcome.SENT.value)
