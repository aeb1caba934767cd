"""What is known, strictly before a request, about its device, network, phone, account and people: one round trip."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_SQL: Final = text(
    """
    SELECT
      (SELECT count(*) FROM request WHERE device_hash = :device AND created_at >= :hour AND created_at < :now)
        AS requests_from_device_1h,
      (SELECT count(*) FROM request WHERE device_hash = :device AND created_at >= :day AND created_at < :now)
        AS requests_from_device_24h,
      (SELECT count(*) FROM request WHERE network_hash = :network AND created_at >= :hour AND created_at < :now)
        AS requests_from_network_1h,
      (SELECT count(*) FROM request WHERE network_hash = :network AND created_at >= :day AND created_at < :now)
        AS requests_from_network_24h,
      (SELECT count(*) FROM request WHERE account_id = :account AND created_at >= :day AND created_at < :now)
        AS requests_by_account_24h,
      (SELECT count(DISTINCT m.person_id) FROM request r JOIN request_member m ON m.request_id = r.id
        WHERE r.device_hash = :device AND r.created_at >= :month AND r.created_at < :now) AS people_on_device_30d,
      (SELECT count(DISTINCT m.person_id) FROM request r JOIN request_member m ON m.request_id = r.id
        WHERE r.phone_hash = :phone AND r.created_at >= :month AND r.created_at < :now) AS people_on_phone_30d,
      (SELECT count(*) FROM household_member WHERE account_id = :account) AS people_by_account,
      count(a.id) FILTER (WHERE a.state = 'cancelled' AND a.ended_at >= :quarter) AS cancellations_90d,
      count(a.id) FILTER (WHERE a.state = 'no_show' AND a.ended_at >= :year) AS no_shows_365d,
      count(a.id) FILTER (WHERE a.state = 'lapsed' AND a.ended_at >= :year) AS lapsed_offers_365d
    FROM request r JOIN appointment a ON a.request_id = r.id
    WHERE r.account_id = :account AND r.created_at < :now AND (a.ended_at IS NULL OR a.ended_at < :now)
    """
)
_NO_DEVICE: Final = b"no device"


@dataclass(frozen=True, slots=True)
class History:
    """Counts before an instant, under the names of the fact schema (`fraud.facts`)."""

    requests_from_device_1h: int
    requests_from_device_24h: int
    requests_from_network_1h: int
    requests_from_network_24h: int
    requests_by_account_24h: int
    people_on_device_30d: int
    people_on_phone_30d: int
    people_by_account: int
    cancellations_90d: int
    no_shows_365d: int
    lapsed_offers_365d: int


def history(
    session: Session, *, account_id: UUID, device: bytes, network: bytes, phone: bytes, now: datetime
) -> History:
    """Count the history of one attempt; hashes are as stored, and an unknown device (empty) has no history."""
    row = session.execute(
        _SQL,
        {
            "account": account_id,
            "device": device or _NO_DEVICE,
            "network": network or _NO_DEVICE,
            "phone": phone,
            "now": now,
            "hour": now - timedelta(hours=1),
            "day": now - timedelta(days=1),
            "month": now - timedelta(days=30),
            "quarter": now - timedelta(days=90),
            "year": now - timedelta(days=365),
        },
    ).one()
    return History(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for the row as a mapping
