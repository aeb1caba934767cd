"""The commands ``mawid beacon``: whose chance decides draws, and values that are carried in by hand."""

from pathlib import Path
from typing import Annotated

import typer

from booking.opening import command_core
from booking.people.staff.create import SYSTEM
from booking.platform.base.settings import load_settings
from booking.platform.base.settings_servers import BeaconKind
from booking.transparency.beacons.bring import Part, bring_round, take_part
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import Group, read_group
from booking.transparency.beacons.groups import groups
from booking.transparency.beacons.values import value_of
from booking.transparency.log.witnesses import read_witnesses

app = typer.Typer(no_args_is_help=True)


@app.command()
def show() -> None:
    """Show who makes the value of coming draws, and every group of witnesses that the settings name."""
    settings = load_settings()
    match settings.beacon:
        case BeaconKind.OWN:
            typer.echo("own: this installation makes its own values, and could choose: for demonstrations only")
        case BeaconKind.DRAND:
            typer.echo(f"drand quicknet, by {', '.join(settings.drand_urls)}")
        case BeaconKind.WITNESSES:
            typer.echo("witnesses")
    listed = {one.key for one in read_witnesses(settings)}
    for one in groups(settings):
        _tell(one)
        unknown = [witness.name for witness in one.ceremony.witnesses if witness.vkey not in listed]
        if unknown:
            typer.echo(
                f"not in MAWID_WITNESSES, so others cannot see what they stand by: {', '.join(unknown)}", err=True
            )


@app.command()
def group(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file of a group.")]) -> None:
    """Check the file of a group, and show whom it names: compare the keys with what each witness publishes."""
    _tell(read_group(file.read_bytes()))


@app.command()
def bring(
    number: Annotated[int, typer.Argument(metavar="ROUND", help="The number of the round of drand quicknet.")],
    signature: Annotated[str, typer.Argument(help="Its signature, 96 hexadecimal digits, from wherever it comes.")],
) -> None:
    """Carry in the value of a round where there is no network: it is checked, and can only be the right one."""
    try:
        content = bytes.fromhex(signature)
    except ValueError:
        raise BeaconError("the signature is not written in hexadecimal digits") from None
    with command_core() as core:
        new = bring_round(core, number, content, actor=SYSTEM)
    typer.echo(f"round {number} has the value {value_of(content).hex()}{'' if new else ', known before'}")


@app.command()
def part(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What the witness signed.")]) -> None:
    """Take a witness's part that was carried here, as if the witness had brought it over the network."""
    read = Part.of(file.read_bytes())
    with command_core() as core:
        new = take_part(core, read)
    typer.echo(f"the part of witness {read.index} is right{'' if new else ', and was here before'}")


def _tell(group: Group) -> None:
    typer.echo(f"group {group.key.hex()[:16]}…: {group.ceremony.need} of {len(group.keys)} must sign")
    for index, one in enumerate(group.ceremony.witnesses, 1):
        typer.echo(f"{index:>3}  {one.vkey.text}  {one.url or 'brings its parts itself'}")
    if warning := group.ceremony.warning:
        typer.echo(warning, err=True)
