"""Every command of ``mawid`` by its name; what a command needs is loaded when it is asked for.

To load all of them takes seconds and some 350 MB, which a command that only watches over processes would keep.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

if TYPE_CHECKING:
    from typer._click.core import Command, Context
    from typer._click.formatting import HelpFormatter


class Place(NamedTuple):
    """Where a command is, and what the list of commands says of it; a group says it of itself, too."""

    module: str
    name: str
    help: str


COMMANDS: Final[Mapping[str, Place]] = {
    "forecast": Place(
        "forecast",
        "forecast",
        "Show how many may ask in the coming weeks, how many may not come, and what could be overbooked.",
    ),
    "notebook": Place(
        "notebook",
        "notebook",
        "Open the notebooks with data: of MAWID_DATABASE_URL, or of a demonstration, played where there is none.",
    ),
    "migrate": Place(
        "database",
        "migrate",
        "Bring the database's schema up to date, and grant the roles of the settings what they need; may be repeated.",
    ),
    "upgrade": Place(
        "database",
        "upgrade",
        "Say what each migration will do, lock, and about how long; without --plan, then bring the schema up to date.",
    ),
    "backup": Place(
        "database",
        "backup",
        "Back up the database and the evidence, while Mawid runs; the secret and .env are not in it.",
    ),
    "restore": Place(
        "database", "restore", "Restore a backup into an empty database and an empty folder for evidence."
    ),
    "verify": Place(
        "database",
        "verify",
        "Try a backup: restore it into a private server that is gone afterwards, and examine what came.",
    ),
    "doctor": Place(
        "doctor",
        "doctor",
        "Examine this installation while it runs, change nothing, and say what to do; status 1 where a fault "
        "was found.",
    ),
    "version": Place(
        "version",
        "version",
        "Say which versions are installed: Mawid and its commit, the schema that it needs, Python, what decides draws.",
    ),
    "serve": Place(
        "serve",
        "serve",
        "Serve the pages and the API, with a worker for jobs beside them, unless workers run elsewhere.",
    ),
    "worker": Place("worker", "worker", "Run jobs: draws on schedule, expiry, notices, slots."),
    "export": Place(
        "export", "export", "Write all tables without personal data, and the figures with small counts left out."
    ),
    "demo": Place(
        "demo", "demo", "Play a booking day in a synthetic country, print what happened, then serve the pages."
    ),
    "sandbox": Place(
        "sandbox",
        "sandbox",
        "Make a small country with known accounts for programs to try the API on, and serve it; nobody in it is real.",
    ),
    "catalogue": Place("catalogue", "app", "Country packs: offices, services, holidays, first quotas."),
    "languages": Place("languages", "app", "Languages of the pages: what their catalogues lack."),
    "audit": Place("audit_log", "app", "The log of staff and policy actions."),
    "draw": Place("draw", "app", "Draws: each step of one, its limits, and the checks of its files."),
    "exchange": Place("exchange", "app", "Nights that exchange appointments, and the check of their files."),
    "beacon": Place("beacon", "app", "The beacon that decides draws together with the operator's seed."),
    "fraud": Place("fraud", "app", "The gate's rules and model."),
    "staff": Place("staff", "app", "Accounts of those who work with Mawid."),
    "watch": Place("watch", "app", "How officers use urgent approvals."),
    "notices": Place("notices", "app", "Messages to people."),
    "telephone": Place("telephone", "app", "Phones with keys: answer Asterisk, try the speech."),
    "register": Place("register", "app", "The register that says who people are."),
    "keys": Place("keys", "app", "The secret that seals what is stored, and those before it."),
    "https": Place("https", "app", "TLS, certificate and plain http at the site's address."),
    "files": Place("files", "app", "Where encrypted files are: a folder, or a bucket of S3."),
    "witness": Place("witness", "app", "What somebody outside runs to watch a log; it opens no database."),
    "observe": Place("observe", "app", "Observe draws with a key of your own: new, fetch."),
    "credential": Place("credential", "app", "Certificates in wallets, at a gate without network: fetch, verify."),
    "log": Place("public_log", "app", "The public log, which only grows."),
    "computing": Place("computing", "app", "Machines that compute for others; they open no database."),
}


class CommandsByName(TyperGroup):
    """The commands of `COMMANDS`, beside none of its own."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Loaded()
        self._only_named = False

    @override
    def list_commands(self, ctx: "Context") -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """Return a command; while help is shown, one that has only its name and what is said of it."""
        if cmd_name not in COMMANDS:
            return None
        if self._only_named:
            return TyperCommand(cmd_name, help=COMMANDS[cmd_name].help)
        return self.commands[cmd_name]

    @override
    def format_help(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        self._only_named = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._only_named = False


class _Loaded(dict[str, "Command"]):
    """Commands, each loaded when it is looked up."""

    def __missing__(self, name: str) -> "Command":
        self[name] = command = load(name)
        return command

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    @override
    def __contains__(self, name: object) -> bool:
        return name in COMMANDS

    @override
    def items(self) -> Any:
        return [(name, self[name]) for name in COMMANDS]


def load(name: str) -> "Command":
    """Load a command, or a group of them."""
    place = COMMANDS[name]
    found = getattr(import_module(f"{__package__}.{place.module}"), place.name)
    if isinstance(found, typer.Typer):
        command = typer.main.get_group(found)
        command.name, command.help = name, place.help
        return command
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)
