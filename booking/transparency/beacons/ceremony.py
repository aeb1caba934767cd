"""What all who make a group together must agree on before the first secret: who they are, and how many must sign."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from booking.platform.base.exact_json import canonical
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.identity import Identity, read_identity
from booking.transparency.beacons.terms import MOST_WITNESSES

FORMAT: Final = "mawid-witness-ceremony-1"
_WARNING: Final = """\
Only {need} of {all} must sign: an operator who shows two logs, and one bought witness, could get two values.
Therefore nobody signs before {agreeing} of {all} are seen to stand by one log, and draws wait while fewer do.
With {agreeing} of {more} one may be bought, and one away.
يكفي توقيع {need} من {all} من الشهود، وهو عدد قليل: فمشغّل يعرض سجلّين، ومعه شاهد واحد مشترى، قد يحصل على قيمتين.
لذلك لا يوقّع أحد قبل أن يتبيّن أن {agreeing} من {all} متمسكون بسجل واحد، وتنتظر القرعات ما داموا أقل من ذلك.
أما مع {agreeing} من {more} فيمكن أن يكون واحد مشترى وأن يغيب آخر."""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """The making of one group: its witnesses by name, of whom the first has the index 1, and how many must sign."""

    witnesses: tuple[Identity, ...]
    need: int

    @classmethod
    def of(cls, identities: Iterable[bytes], need: int) -> Self:
        """Return the ceremony of these identity files, in any order.

        Raises
        ------
        BeaconError
            A file is no identity, a name or a key stands twice, or ``need`` is not more than half of the witnesses.
        """
        return cls.among(map(read_identity, identities), need)

    @classmethod
    def among(cls, identities: Iterable[Identity], need: int) -> Self:
        """Return the ceremony of these witnesses; raises as `of`."""
        witnesses = tuple(sorted(identities, key=lambda one: one.name))
        number = len(witnesses)
        if not 1 <= number <= MOST_WITNESSES:
            raise BeaconError(f"a group has 1 to {MOST_WITNESSES} witnesses")
        for what, values in (
            ("name", {one.name for one in witnesses}),
            ("signing key", {one.vkey.key for one in witnesses}),
            ("exchange key", {one.exchange for one in witnesses}),
        ):
            if len(values) < number:
                raise BeaconError(f"two witnesses have the same {what}")
        if not number // 2 < need <= number:
            raise BeaconError(f"of {number} witnesses {number // 2 + 1} to {number} must be needed, not {need}")
        return cls(witnesses, need)

    @property
    def id(self) -> bytes:
        """SHA-256 of who takes part and how many must sign: what every file of the ceremony names."""
        shown = [one.shown() for one in self.witnesses]
        return sha256(canonical({"format": FORMAT, "need": self.need, "witnesses": shown})).digest()

    @property
    def agreeing(self) -> int:
        """How many must be seen to stand by one log, oneself among them, before a witness gives its part.

        So many that any two such sets share two witnesses: where one of those is bought, the other is honest, and no
        honest witness stands by two logs.
        """
        number = len(self.witnesses)
        return min(number, max(self.need, (number + 1) // 2 + 1))

    @property
    def warning(self) -> str:
        """What to think about, in both languages, where more must agree than must sign; else ""."""
        number = len(self.witnesses)
        values = {"need": self.need, "all": number, "more": number + 1, "agreeing": self.agreeing}
        return _WARNING.format(**values) if self.agreeing > self.need else ""

    def index_of(self, key: bytes) -> int:
        """Return the index, from 1, of the witness with an Ed25519 key.

        Raises
        ------
        BeaconError
            Nobody has it.
        """
        for index, one in enumerate(self.witnesses, 1):
            if one.vkey.key == key:
                return index
        raise BeaconError("the key is of none of the witnesses of this group")

    def name_of(self, index: int) -> str:
        """Return a witness's name."""
        return self.witnesses[index - 1].name
