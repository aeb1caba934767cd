"""Every column that holds bytes, and what becomes of it when the secret is replaced.

A test compares this with the models: a new column of bytes stands here or the test fails.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import InstrumentedAttribute

from booking.country.core.messages import ABOUT_SECRET
from booking.country.core.sealed import ABOUT_ADDRESS, ABOUT_NUMBER, ABOUT_PHONE, about_grant
from booking.eservices.online.content import about_result
from booking.eservices.online.rows import about_answers
from booking.people.accounts.second_factor import about_factor
from booking.people.webhooks.signing import about_secret
from booking.platform.models import (
    Account,
    ContactChannel,
    Draw,
    HouseholdMember,
    IssuedResult,
    Message,
    OnlineCase,
    Person,
    PhoneChange,
    SecondFactor,
    StaffChange,
    SwapNight,
    WebhookSecret,
)
from booking.scheduling.draws.rows import ABOUT_SEED
from booking.scheduling.swaps.nights import ABOUT_SEED as ABOUT_NIGHT


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of values that the secret sealed.

    ``about`` gives what the value of a row is bound to, from the row's key. Where it is None nothing can seal the
    value anew, and its row ends by itself within days.
    """

    key: InstrumentedAttribute[Any]
    column: InstrumentedAttribute[Any]
    about: Callable[[Any], str] | None

    @property
    def table(self) -> str:
        """The table's name."""
        return str(self.column.class_.__tablename__)


def _always(about: str) -> Callable[[object], str]:
    return lambda _: about


SEALED: Final[Sequence[SealedColumn]] = (
    SealedColumn(Account.id, Account.phone_ciphertext, _always(ABOUT_PHONE)),
    SealedColumn(Person.id, Person.national_number_ciphertext, _always(ABOUT_NUMBER)),
    SealedColumn(HouseholdMember.id, HouseholdMember.grant_ciphertext, about_grant),
    SealedColumn(ContactChannel.id, ContactChannel.address_ciphertext, _always(ABOUT_ADDRESS)),
    SealedColumn(Message.id, Message.secret, _always(ABOUT_SECRET)),
    SealedColumn(Message.id, Message.phone_ciphertext, _always(ABOUT_PHONE)),
    SealedColumn(PhoneChange.id, PhoneChange.new_ciphertext, _always(ABOUT_PHONE)),
    SealedColumn(SecondFactor.account_id, SecondFactor.secret_ciphertext, about_factor),
    SealedColumn(Draw.id, Draw.seed_ciphertext, _always(ABOUT_SEED)),
    SealedColumn(SwapNight.id, SwapNight.seed_ciphertext, _always(ABOUT_NIGHT)),
    SealedColumn(OnlineCase.id, OnlineCase.answers, about_answers),
    SealedColumn(IssuedResult.id, IssuedResult.content, about_result),
    SealedColumn(WebhookSecret.id, WebhookSecret.ciphertext, about_secret),
    SealedColumn(StaffChange.id, StaffChange.wanted, None),  # a trigger keeps a proposal as it was proposed
)
"""What is sealed anew."""

LASTING: Final[Mapping[str, str]] = {
    "account": "phone_hash",
    "calendar_feed": "secret_hash",
    "helper_device": "device_hash",
    "incoming_message": "phone_hash",
    "issued_result": "thing",
    "known_device": "token_hash",
    "lost_factor": "stop_hash",
    "online_case": "subject",
    "outcome": "device_hash phone_hash",
    "person": "national_number_hash",
    "phone_change": "old_hash new_hash stop_hash",
    "recovery_code": "code_hash",
    "request": "device_hash network_hash phone_hash",
    "rule_exception": "subject",
    "walk_in": "person_hash",
}
"""By table: lookup hashes, which a new secret leaves as they are, and with them every unique index.

A new lasting key hashes them again.
"""

ONCE: Final[Mapping[str, str]] = {
    "credential_offer": "code_hash transaction_hash token_hash",
    "draw_entry": "person_draw_id",
    "phone_code": "code_hash",
    "swap_entry": "person_draw_id",
}
"""By table: other hashes under the lasting key, for one draw and for some minutes."""

WITHOUT_KEY: Final[Mapping[str, str]] = {
    "audit_entry": "previous hash",
    "beacon_part": "key message signature",
    "beacon_round": "key message sha256",
    "consent_paper": "sha256",
    "draw": "beacon_signature seed_commitment seed root",
    "draw_file": "content",
    "draw_file_part": "content",
    "draw_outcome": "base",
    "draw_turn": "receipt",
    "idempotency_key": "fingerprint",
    "key_check": "value lasting",
    "log_checkpoint": "root",
    "log_entry": "body",
    "log_pending": "body",
    "log_tile": "hashes root",
    "model_version": "artifact",
    "no_show_model_version": "artifact",
    "observer": "public_key",
    "online_paper": "sha256",
    "open_data_file": "content",
    "passkey": "credential_id public_key",
    "recovery_code": "salt",
    "request": "nonce receipt",
    "request_edit": "receipt",
    "swap_night": "beacon_signature inputs result seed seed_commitment",
    "swap_wish": "nonce receipt",
    "urgent_evidence": "sha256",
}
"""By table: bytes that no secret is in, and what `booking.country.core.key_check` keeps."""
