"""Numbers at rest: encrypted to be read, hashed with a key to be found. Addresses and grants are only read."""

from dataclasses import dataclass
from typing import Final

from booking.platform.base.vault import Vault
from booking.platform.models import Account, HouseholdMember, Person

ABOUT_PHONE: Final = "phone"
ABOUT_NUMBER: Final = "national number"
ABOUT_ADDRESS: Final = "address"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the database keeps of a number."""

    ciphertext: bytes
    hash: bytes


def seal_phone(vault: Vault, phone: str) -> Sealed:
    """Seal a phone number in E.164."""
    return _seal(vault, phone, ABOUT_PHONE)


def open_phone(vault: Vault, account: Account) -> str:
    """Read an account's phone number, in E.164; "" where it has none."""
    return read_phone(vault, account.phone_ciphertext)


def read_phone(vault: Vault, ciphertext: bytes) -> str:
    """Read a sealed phone number, in E.164; "" for an account without one."""
    return vault.decrypt(ciphertext, ABOUT_PHONE) if ciphertext else ""


def seal_address(vault: Vault, address: str) -> bytes:
    """Encrypt an e-mail address or a number at a messenger; nobody is looked up by it."""
    return vault.encrypt(address, ABOUT_ADDRESS)


def read_address(vault: Vault, ciphertext: bytes) -> str:
    """Read a sealed e-mail address or number at a messenger."""
    return vault.decrypt(ciphertext, ABOUT_ADDRESS)


def seal_national_number(vault: Vault, number: str) -> Sealed:
    """Seal a normalised national number."""
    return _seal(vault, number, ABOUT_NUMBER)


def open_national_number(vault: Vault, person: Person) -> str:
    """Read a person's national number, normalised."""
    return read_national_number(vault, person.national_number_ciphertext)


def read_national_number(vault: Vault, ciphertext: bytes) -> str:
    """Read a sealed national number, normalised."""
    return vault.decrypt(ciphertext, ABOUT_NUMBER)


def about_grant(member_id: int) -> str:
    """Return what the grant of a household member is bound to."""
    return f"grant {member_id}"


def seal_grant(vault: Vault, member_id: int, grant: str) -> bytes:
    """Encrypt a register's grant, bound to the household member whom it is kept for."""
    return vault.encrypt(grant, about_grant(member_id))


def read_grant(vault: Vault, member: HouseholdMember) -> str | None:
    """Read the register's grant of a household member; None for a member who is not proven."""
    if member.grant_ciphertext is None:
        return None
    return vault.decrypt(member.grant_ciphertext, about_grant(member.id))


def _seal(vault: Vault, text: str, about: str) -> Sealed:
    return Sealed(vault.encrypt(text, about), vault.lookup_hash(text, about))
