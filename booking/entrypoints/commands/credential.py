"""The commands ``mawid credential``, for a gate: no database, no settings, one folder of what was fetched before."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from booking.eservices.credentials.fetch import fetch_issuer, open_folder
from booking.eservices.credentials.key_binding import Asked
from booking.eservices.credentials.keys import names_of
from booking.eservices.credentials.sd_jwt import LARGEST, ForgedCredentialError
from booking.eservices.credentials.verify import Standing, Verified
from booking.eservices.credentials.verify import verify as verify_credential
from booking.platform.base.clock import SystemClock
from booking.platform.base.errors import MawidError

_JOINERS: Final = "\u200c\u200d"
"""Which Arabic script needs inside words, and which move nothing."""
_ANOTHER: Final = "(ANOTHER KEY than before: compare it with the ministry's)"

app = typer.Typer(no_args_is_help=True)

Keys = Annotated[Path, typer.Option(file_okay=False, help="The folder that `mawid credential fetch` filled.")]


@app.command()
def fetch(
    site: Annotated[str, typer.Argument(help="Where the issuer's pages begin, such as https://mawid.example.")],
    keys: Keys = Path("mawid-keys"),
) -> None:
    """Fetch the issuer's keys and the lists of what was revoked; status 1, and nothing changed, where that fails."""
    before = _keys_before(keys)
    try:
        for name in fetch_issuer(site, keys):
            typer.echo(name)
        for key in names_of(open_folder(keys).keys):
            typer.echo(f"key {key}" if not before or key in before else f"key {key} {_ANOTHER}")
    except (MawidError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(dir_okay=False, allow_dash=True, help="A credential; - reads it as input.")],
    *,
    keys: Keys = Path("mawid-keys"),
    at: Annotated[datetime | None, typer.Option(help="The moment that counts, in UTC; now without.")] = None,
    nonce: Annotated[
        str | None, typer.Option(help="What this gate gave its holder to sign, for this showing alone.")
    ] = None,
    audience: Annotated[str | None, typer.Option(help="Who this gate said that it is; with --nonce.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for other programs.")] = False,
) -> None:
    """Check a credential without the network; status 0 if it is valid, 1 if not, 2 if nothing can be checked."""
    asked = Asked(nonce, audience) if nonce and audience else None
    if asked is None and (nonce, audience) != (None, None):
        typer.echo("--nonce and --audience belong together, and neither is empty: a holder signs both", err=True)
        raise typer.Exit(2)
    now = SystemClock().now() if at is None else at.replace(tzinfo=UTC)
    try:
        issuer = open_folder(keys)
        text = _read_shown(file)
    except (MawidError, OSError) as error:
        typer.echo(f"nothing to check with: {error}", err=True)
        raise typer.Exit(2) from None
    try:
        found = verify_credential(text, issuer, at=now, asked=asked)
    except ForgedCredentialError as error:
        typer.echo(json.dumps({"standing": "forged", "because": str(error)}) if as_json else f"FORGED: {error}")
        raise typer.Exit(1) from None
    typer.echo(json.dumps(_values(found), ensure_ascii=False) if as_json else _words(found))
    if found.standing is not Standing.VALID:
        raise typer.Exit(1)


def _keys_before(folder: Path) -> list[str]:
    try:
        return names_of(open_folder(folder).keys)
    except (MawidError, OSError):
        return []


def _read_shown(file: Path) -> str:
    """Read as much as a credential can have; bytes that are no text become characters that none has."""
    if str(file) == "-":
        content = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with file.open("rb") as shown:
            content = shown.read(LARGEST + 1)
    return content.decode("ascii", errors="replace")


def _values(found: Verified) -> dict[str, object]:
    return {
        "standing": found.standing,
        "kind": found.kind,
        "until": found.until and found.until.isoformat(),
        "held_by_its_holder": found.held,
        "status_made_at": found.list_made_at and found.list_made_at.isoformat(),
        "shown": found.chosen,
    }


def _words(found: Verified) -> str:
    said = {
        Standing.VALID: "VALID",
        Standing.NOT_YET: "NOT VALID YET",
        Standing.EXPIRED: "NOT VALID: it is over",
        Standing.REVOKED: "NOT VALID: it was revoked",
        Standing.UNBOUND: "NOT BOUND: nothing shows that it was given to who shows it",
        Standing.UNKNOWN: "NOT KNOWN: no list that still counts says whether it was revoked; fetch again",
    }
    lines = [said[found.standing], f"kind: {found.kind}", f"valid until: {found.until or 'no end'}"]
    lines.append(f"list of what was revoked: {found.list_made_at or 'none'}")
    lines += [_one_line(f"{name}: {_both(value)}") for name, value in found.chosen.items()]
    if found.held:
        lines.append("Its holder's key signed that it is shown here and now.")
    elif found.held is None:
        lines.append("Its holder's key was not asked: with --nonce and --audience it would be.")
    if "holder" not in found.chosen and not found.held:
        lines.append("No name is shown: this says that there is such a document, not that it is this person's.")
    return "\n".join(lines)


def _both(value: object) -> str:
    """Write a line of a document that differs between languages in all of them."""
    return " / ".join(map(str, value.values())) if isinstance(value, dict) else str(value)


def _one_line(text: str) -> str:
    """Write what somebody typed once so that it cannot look like another line, nor turn round the one that it is in."""
    return "".join(c if c.isprintable() or c in _JOINERS else f"\\u{ord(c):04x}" for c in text)
