"""The people of all households as `fraud.linkage` compares them, and the keys by which they are looked up."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, Select, select
from sqlalchemy.orm import Session

from booking.country.core.register import read_national_number, read_phone
from booking.platform.base.arrays import any_of
from booking.platform.base.vault import Vault
from booking.platform.models import Account, HouseholdMember, Person

AT_ONCE: Final = 10_000
_ABOUT_KEY: Final = "linkage key"
_KEY_BYTES: Final = 8


def records_of(session: Session, vault: Vault, members: Collection[int] | None = None) -> pd.DataFrame:
    """Read records, of all households or of some members only.

    Numbers are opened in memory and leave it nowhere; a million records take some 300 MB.

    Returns
    -------
    DataFrame
        Its index is the member's number. The columns of `fraud.linkage.PEOPLE`, and ``person`` (UUID).
    """
    statement = _records() if members is None else _records().where(HouseholdMember.id == any_of(members, BigInteger))
    phones = _Phones(vault)
    # Of the connection, not of the session, which takes as long for a row again.
    with session.connection().execute(statement.execution_options(yield_per=AT_ONCE)) as found:
        rows = [
            (member, person, name, born, phones[phone], read_national_number(vault, number), account.hex)
            for member, person, name, born, phone, number, account in found
        ]
    columns = ["member", "person", "name", "birth_date", "phone", "national_number", "household"]
    return pd.DataFrame(rows, columns=columns).set_index("member")


class _Phones(dict[bytes, str]):
    """Opened phones by their ciphertext: a household has one, and stands together."""

    def __init__(self, vault: Vault) -> None:
        super().__init__()
        self._vault = vault

    def __missing__(self, ciphertext: bytes) -> str:
        opened = self[ciphertext] = read_phone(self._vault, ciphertext)
        return opened


def _records() -> Select[int, UUID, str, date, bytes, bytes, UUID]:
    return (
        select(
            HouseholdMember.id,
            HouseholdMember.person_id,
            HouseholdMember.name,
            Person.birth_date,
            Account.phone_ciphertext,
            Person.national_number_ciphertext,
            HouseholdMember.account_id,
        )
        .join(Person, Person.id == HouseholdMember.person_id)
        .join(Account, Account.id == HouseholdMember.account_id)
        .order_by(HouseholdMember.id)
    )


def key_hashes(vault: Vault, records: pd.DataFrame) -> list[tuple[int, int]]:
    """Return pairs of a member and one of its keys, as `booking.platform.models.PersonKey` keeps them."""
    from fraud.linkage import PEOPLE  # noqa: PLC0415 - compiles when it is first used, which web processes never do
    from fraud.linkage.blocking import keys_of  # noqa: PLC0415
    from fraud.linkage.records import read  # noqa: PLC0415

    keys = keys_of(read(records, PEOPLE), PEOPLE)
    return [
        (member, _hashed(vault, key))
        for member, texts in zip(records.index.tolist(), keys, strict=True)
        for key in texts
    ]


def _hashed(vault: Vault, key: str) -> int:
    return int.from_bytes(vault.lookup_hash(key, _ABOUT_KEY)[:_KEY_BYTES], "big", signed=True)


def level_words(pair: Any) -> dict[str, str]:
    """Return the level of each part of a pair, a row from `fraud.linkage.link`; "unknown" where one lacks it."""
    from fraud.linkage import PEOPLE  # noqa: PLC0415

    levels = {part.name: (int(pair[part.name]), part.levels) for part in PEOPLE.parts()}
    return {name: words[level] if level >= 0 else "unknown" for name, (level, words) in levels.items()}


def in_parts(items: Sequence[Any], size: int = AT_ONCE) -> Iterable[Sequence[Any]]:
    """Cut a long sequence into parts, so that no statement becomes too long."""
    return (items[start : start + size] for start in range(0, len(items), size))
