"""The devices at which registered helpers work: what others did there says nothing about the person who asks."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import LargeBinary, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.platform.base.arrays import any_named
from booking.platform.models import Helper, HelperDevice
from booking.platform.models.accounts.helper import HelperState

KNOWN_FOR: Final = timedelta(days=30)
"""How long after its last use by an active helper a device counts as a helper's."""
_HELPERS_DEVICES: Final = select(HelperDevice.device_hash).where(
    HelperDevice.device_hash == any_named("devices", LargeBinary),
    HelperDevice.seen_at > bindparam("since"),
    Helper.id == HelperDevice.helper_id,
    Helper.state == HelperState.ACTIVE,
)


def note_device(session: Session, core: Core, helper: Helper, origin: Origin) -> None:
    """Note that a helper works at this device, in the caller's transaction; an unknown device is not noted."""
    device = origin.device_hash(core.vault)
    if device:
        new = insert(HelperDevice).values(device_hash=device, helper_id=helper.id, seen_at=core.clock.now())
        session.execute(
            new.on_conflict_do_update(
                index_elements=[HelperDevice.device_hash],
                set_={"helper_id": new.excluded.helper_id, "seen_at": new.excluded.seen_at},
            )
        )


def helpers_devices(session: Session, core: Core, devices: Collection[bytes]) -> frozenset[bytes]:
    """Return those devices, by keyed hash, at which an active helper worked in the last days; b"" is none."""
    given = {"devices": sorted({*devices} - {b""}), "since": core.clock.now() - KNOWN_FOR}
    return frozenset(session.scalars(_HELPERS_DEVICES, given))
