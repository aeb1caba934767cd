"""Making a group with other witnesses by files, and this witness's part of the group's secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from booking.platform.base.exact_json import one_line, read_line
from booking.transparency.beacons.ceremony import Ceremony
from booking.transparency.beacons.dealing import write_deal
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import Accepted, Group, accept, assemble, read_group
from booking.transparency.witness.errors import WitnessError
from booking.transparency.witness.folder import OWN, Folder, write_durably

FOLDER: Final = "group"
DEAL: Final = "deal.json"
ACCEPTANCE: Final = "acceptance.json"
GROUP: Final = "group.json"
_CEREMONY: Final = "ceremony.json"
_ACCEPTED: Final = "accepted.json"
_SHARE: Final = "share"
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A witness in its group: its index, from 1, and its part of the secret."""

    group: Group
    index: int
    share: int

    @classmethod
    def of(cls, folder: Folder) -> Self | None:
        """Return what the folder has; None where the witness is in no group, or not finished making it.

        Raises
        ------
        WitnessError
            A file is damaged.
        """
        made = folder.path / FOLDER
        try:
            group = read_group((made / GROUP).read_bytes())
            share = int((made / _SHARE).read_text(encoding="ascii"), 16)
            return cls(group, group.ceremony.index_of(folder.vkey.key), share)
        except FileNotFoundError:
            return None
        except (BeaconError, ValueError, OSError) as error:
            raise WitnessError(f"{made}: {error}") from None


def deal(folder: Folder, identities: Sequence[bytes], need: int) -> Path:
    """Write what this witness deals to all whose identities these are, once and for all; return the file.

    Raises
    ------
    WitnessError
        It dealt before: two deals would make two groups.
    BeaconError
        The identities are not those of a group with this witness.
    """
    made = folder.path / FOLDER
    if (made / DEAL).exists():
        raise WitnessError(f"this witness dealt before: {made / DEAL}. For another group move {made} away")
    ceremony = Ceremony.of(identities, need)
    content = write_deal(folder.keys, ceremony)
    made.mkdir(mode=0o700, exist_ok=True)
    kept = {"identities": [one.decode() for one in identities], "need": need}
    write_durably(made / _CEREMONY, one_line(kept))
    write_durably(made / DEAL, content)
    return made / DEAL


def accept_deals(folder: Folder, deals: Sequence[bytes]) -> Path:
    """Check what all dealt and keep this witness's part; return the file that says so to the others.

    Raises
    ------
    WitnessError
        This witness has not dealt.
    BeaconError
        Somebody's deal is wrong or missing; the message names who.
    """
    made = folder.path / FOLDER
    accepted = accept(folder.keys, _ceremony(folder), deals)
    write_durably(made / _SHARE, f"{accepted.share:064x}".encode(), mode=OWN)
    write_durably(made / _ACCEPTED, accepted.group)
    write_durably(made / ACCEPTANCE, accepted.acceptance)
    return made / ACCEPTANCE


def assemble_group(folder: Folder, acceptances: Sequence[bytes]) -> Path:
    """Write the group's public file from what all accepted; return it. Every witness writes the same.

    Raises
    ------
    WitnessError
        This witness has not accepted.
    BeaconError
        Somebody accepted another group, or has not accepted; the message names who.
    """
    made = folder.path / FOLDER
    try:
        accepted = Accepted(0, (made / _ACCEPTED).read_bytes(), (made / ACCEPTANCE).read_bytes())
    except FileNotFoundError:
        raise WitnessError("this witness has not accepted the deals yet") from None
    content = assemble(accepted, _ceremony(folder), acceptances)
    read_group(content)
    write_durably(made / GROUP, content)
    return made / GROUP


def _ceremony(folder: Folder) -> Ceremony:
    try:
        kept = read_line((folder.path / FOLDER / _CEREMONY).read_bytes(), most=_MOST_BYTES)
    except FileNotFoundError:
        raise WitnessError("this witness has not dealt yet") from None
    return Ceremony.of([one.encode() for one in kept["identities"]], kept["need"])
