"""The commands ``mawid staff``: the first administrator, and help where nobody can sign in."""

from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from booking.country.core.core import Core
from booking.opening import command_core
from booking.people.accounts.identity import Identity
from booking.people.staff import change
from booking.people.staff.create import at_the_terminal, create_staff, matched
from booking.people.staff.views import list_colleagues
from booking.platform.base import fields
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account
from booking.platform.models.states import Role

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user name.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept in the audit log.")]
Glass = Annotated[
    bool, typer.Option("--break-glass", help="Do alone what two administrators should; every administrator is told.")
]


@app.command("add")
def add(
    username: str,
    role: Annotated[list[Role], typer.Option(help="What the person is; may be repeated.")],
    phone: str,
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    office: Annotated[str | None, typer.Option(help="The code of an officer's office.")] = None,
    language: Annotated[str, typer.Option(help="ar or en.")] = "ar",
    agency: Annotated[str | None, typer.Option(help="The code of a caseworker's agency.")] = None,
    *,
    person: Annotated[
        bool, typer.Option("--person", help="Ask who it is; in production nobody else agrees as the second.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, where the glass is broken.")] = "",
    break_glass: Glass = False,
) -> None:
    """Make an account with roles; the password is asked for, the second factor is set up at the first sign-in."""
    with command_core() as core:
        at_the_terminal(core, what="add", about=username, reason=reason, break_glass=break_glass)
        create_staff(
            core,
            username=username,
            password=password,
            phone=phone,
            roles=role,
            office_code=office,
            language=language,
            by=None,
            agency_code=agency,
            who=_asked_who(core) if person else None,
        )
    typer.echo(f"{username} is {', '.join(sorted(each.value for each in role))}")


@app.command("list")
def show() -> None:
    """List everyone who works here."""
    table = Table("name", "roles", "office", "second factor", "open")
    with command_core() as core:
        for one in list_colleagues(core):
            table.add_row(
                one.username,
                ", ".join(one.roles),
                one.office.code if one.office else "",
                "yes" if one.has_second_factor else "not yet",
                "yes" if one.closed_at is None else "closed",
            )
    Console().print(table)


@app.command()
def reset_second_factor(name: Name, reason: Reason, *, break_glass: Glass = False) -> None:
    """Forget a lost authenticator; the next sign-in sets up another."""
    with command_core() as core:
        at_the_terminal(core, what="reset-second-factor", about=name, reason=reason, break_glass=break_glass)
        change.reset_second_factor(core, by=None, account_id=_account(core, name), reason=reason)
    typer.echo(f"{name} sets up a second factor at the next sign-in")


@app.command()
def link(
    name: Name,
    subject: Annotated[str, typer.Argument(help="Their subject (sub) there.")],
    reason: Reason,
    *,
    break_glass: Glass = False,
) -> None:
    """Link a colleague with their account at the organisation's sign-in provider."""
    with command_core() as core:
        at_the_terminal(core, what="link", about=name, reason=reason, break_glass=break_glass)
        change.link_provider(core, by=None, account_id=_account(core, name), subject=subject, reason=reason)
    typer.echo(f"{name} may sign in by the provider")


@app.command()
def bind(name: Name, reason: Reason, *, break_glass: Glass = False) -> None:
    """Say which person an account is of; the register must know the name, number and birth date that are asked for."""
    with command_core() as core:
        at_the_terminal(core, what="bind", about=name, reason=reason, break_glass=break_glass)
        change.bind_person(core, by=None, account_id=_account(core, name), who=_asked_who(core), reason=reason)
    typer.echo(f"{name} is bound to a person")


@app.command()
def close(name: Name, reason: Reason) -> None:
    """Close an account and end its sessions."""
    with command_core() as core:
        change.close_account(core, by=None, account_id=_account(core, name), reason=reason)
    typer.echo(f"{name} is closed")


def _asked_who(core: Core) -> Identity:
    """Ask who somebody is; not as options, which other users of the server can read."""
    name, number = typer.prompt("Name"), typer.prompt("National number", hide_input=True)
    return matched(core, name=name, national_number=number, birth_date=typer.prompt("Birth date (YYYY-MM-DD)"))


def _account(core: Core, name: str) -> UUID:
    with core.sessions() as session:
        found = session.scalar(select(Account.id).where(Account.username == fields.known_username(name)))
    if found is None:
        raise NotFoundError(f"nobody is called {name}")
    return found
