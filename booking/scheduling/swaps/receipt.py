"""The proof of what a holder wished for: the SHA-256 of the wish, and another one for each night."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.format2.nonces import night_nonce
from booking.scheduling.requests.receipt import NONCE_BYTES
from booking.scheduling.swaps.choices import Choice


@dataclass(frozen=True, slots=True)
class Wished:
    """A wish with its random ``nonce``, which its owner alone has: choices as `Choice.stored` writes them."""

    choices: Sequence[Mapping[str, Any]]
    nonce: bytes

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Self:
        """Read what `columns` wrote; raises ValueError where it is none."""
        try:
            read = cls([Choice.of(one).stored() for one in columns["choices"]], bytes.fromhex(columns["nonce"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"the wish cannot be read: {error!r}") from None
        if read.columns() != columns or len(read.nonce) != NONCE_BYTES or not read.choices:
            raise ValueError("the wish is not written in the canonical way")
        return read

    def columns(self) -> dict[str, Any]:
        """Return it as receipts cover it."""
        return {"choices": list(self.choices), "nonce": self.nonce.hex()}

    def receipt(self) -> bytes:
        """Return the receipt that the public log has, 32 bytes; the database writes the same (`log_swap_wish`)."""
        return sha256(canonical(self.columns())).digest()

    def ended(self) -> bytes:
        """Return what takes the receipt's place in the log once the wish ended: its owner alone knows what it says."""
        return sha256(canonical({"ended": self.nonce.hex()})).digest()

    def in_night(self, reference: str) -> bytes:
        """Return the receipt in the file of a night, which nobody else can link to the one in the log."""
        columns = {**self.columns(), "nonce": night_nonce(self.nonce, reference).hex()}
        return sha256(canonical(columns)).digest()
