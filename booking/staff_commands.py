"""The command ``mawid staff``: accounts of those who work with Mawid."""

from typing import Annotated

import typer

from booking.cli_core import command_core
from booking.services.staff import create_staff
from booking.states import Role

app = typer.Typer(no_args_is_help=True, help="Accounts of those who work with Mawid.")


@app.callback()
def staff() -> None:
    """Accounts of those who work with Mawid."""


@app.command("add")
def add(
    username: str,
    role: Annotated[list[Role], typer.Option(help="What the person is; may be repeated.")],
    phone: str,
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    office: Annotated[str | None, typer.Option(help="The code of an officer's office.")] = None,
    language: Annotated[str, typer.Option(help="ar or en.")] = "ar",
) -> None:
    """Make an account with roles; the password is asked for."""
    with command_core() as core:
        create_staff(
            core,
            username=username,
            password=password,
            phone=phone,
            roles=role,
            office_code=office,
            language=language,
            by=None,
        )
    typer.echo(f"{username} is {', '.join(sorted(each.value for each in role))}")
