"""Load a country pack into the database, and make the slots that people can be given."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.packs.schema import OfficeSpec, Pack
from booking.country.packs.service import ServiceSpec
from booking.country.packs.shares import SlotSpec, closed_days, generate_slots
from booking.country.policy.limits import active_policy, find_active_limits
from booking.country.policy.quota_table import OfficeRef, QuotaTable, Splitter
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models import Holiday, Office, QuotaPolicy, Service
from booking.platform.models.base import Json
from booking.platform.models.states import Pool, VersionState

SYSTEM: Final = "system"
SLOTS_AHEAD: Final = timedelta(days=60)
_ROWS_AT_ONCE: Final = 5000
_INSERT_SLOTS: Final = text(
    """
    INSERT INTO slot (office_id, local_day, band, starts_at, ends_at, counters)
    SELECT :office, * FROM unnest(
        CAST(:days AS date[]), CAST(:bands AS text[]),
        CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]), CAST(:counters AS int[])
    )
    ON CONFLICT (office_id, starts_at) DO NOTHING
    RETURNING id, starts_at
    """
)
_INSERT_POOLS: Final = text(
    """
    INSERT INTO slot_pool (slot_id, pool, places, taken)
    SELECT *, 0 FROM unnest(CAST(:slots AS bigint[]), CAST(:pools AS text[]), CAST(:places AS int[]))
    """
)


def load_catalogue(core: Core, *, pack: Pack) -> dict[str, int]:
    """Write a pack's offices, services, holidays and first quota policy; return how many of each it holds.

    Loading again changes only what the pack says differently. What the pack no longer lists is kept, but inactive,
    because requests and appointments point to it; a service that was left out for a mistake in its file stays as it was
    loaded before. A quota policy is only written where there is none yet: later
    versions are made and approved in the application.
    """
    with core.sessions.begin() as session:
        _upsert(session, Office, [_office_row(pack, spec) for spec in pack.offices])
        _upsert(session, Service, [service_row(pack, spec) for spec in pack.services], keep=pack.left_out)
        holidays = _write_holidays(session, pack)
        if session.scalar(select(func.count()).select_from(QuotaPolicy)) == 0:
            session.add(policy := _first_policy(core, pack))
            for answer in core.hooks.version_activated:
                answer(session, core, policy)
        counts = {"offices": len(pack.offices), "services": len(pack.services), "holidays": holidays}
        audit.append(
            session,
            at=core.clock.now(),
            actor=SYSTEM,
            action="catalogue.loaded",
            subject=pack.country.code,
            details=dict(counts),
        )
    core.known_services.look_again()
    core.known_offices.look_again()
    return counts


def make_slots(core: Core, *, pack: Pack, first: date, last: date) -> int:
    """Make the missing slots from ``first`` to ``last`` with their places by the active quota policy.

    Returns the number of new slots. Slots that exist are left as they are, so this can be repeated.

    Raises
    ------
    PolicyMissingError
        No quota policy is active, or a known office is not in the database.
    """
    made = 0
    with core.sessions.begin() as session:
        policy = active_policy(session)
        table, splitter = QuotaTable.read(policy.shares, policy.overrides), Splitter(pack.country.units_per_slot)
        ids = {row.code: row.id for row in session.execute(select(Office.code, Office.id).where(Office.active))}
        for spec in pack.offices:
            if spec.code not in ids:
                raise PolicyMissingError(f"office {spec.code} is not loaded")
            office = OfficeRef(spec.code, spec.region, spec.kind)
            slots = list(generate_slots(pack, spec, first, last))
            made += _write_slots(session, ids[spec.code], office, slots, table, splitter)
    return made


def keep_slots_ahead(core: Core, *, pack: Pack) -> int:
    """Make the slots that are missing from today to the end of the days that people can be given; return how many."""
    today = core.clock.now().date()
    return make_slots(core, pack=pack, first=today, last=today + SLOTS_AHEAD)


def has_quota_policy(core: Core) -> bool:
    """Return whether quotas decide already: not before a country is loaded."""
    with core.sessions() as session:
        return find_active_limits(session) is not None


def _write_slots(
    session: Session, office_id: int, office: OfficeRef, slots: list[SlotSpec], table: QuotaTable, splitter: Splitter
) -> int:
    new = session.execute(
        _INSERT_SLOTS,
        {
            "office": office_id,
            "days": [slot.local_date for slot in slots],
            "bands": [slot.band for slot in slots],
            "starts": [slot.starts_at for slot in slots],
            "ends": [slot.ends_at for slot in slots],
            "counters": [slot.counters for slot in slots],
        },
    )
    ids = {row.starts_at: row.id for row in new}
    places = [
        (ids[slot.starts_at], pool.value, count)
        for day in _days(slots)
        for slot, pools in zip(day, _split(table, splitter, office, day), strict=True)
        if slot.starts_at in ids
        for pool, count in pools.items()
    ]
    if places:
        slot_ids, pools, counts = (list(column) for column in zip(*places, strict=True))
        session.execute(_INSERT_POOLS, {"slots": slot_ids, "pools": pools, "places": counts})
    return len(ids)


def _split(table: QuotaTable, splitter: Splitter, office: OfficeRef, day: list[SlotSpec]) -> list[dict[Pool, int]]:
    quota = table.quota_of(office, day[0].local_date.weekday())
    return splitter.split(quota, [slot.counters * splitter.block for slot in day])


def _days(slots: Iterable[SlotSpec]) -> list[list[SlotSpec]]:
    days: dict[date, list[SlotSpec]] = {}
    for slot in slots:
        days.setdefault(slot.local_date, []).append(slot)
    return list(days.values())


def _upsert(
    session: Session, model: type[Office | Service], rows: list[dict[str, Any]], *, keep: Sequence[str] = ()
) -> None:
    """Write rows by their code; others are made inactive, but for those of ``keep``, which stay as they are."""
    statement = insert(model).values(rows)
    changed = {name: statement.excluded[name] for name in rows[0] if name != "code"}
    session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=changed))
    listed = [*(row["code"] for row in rows), *keep]
    session.execute(update(model).where(model.code.not_in(listed)).values(active=False))


def _office_row(pack: Pack, spec: OfficeSpec) -> dict[str, Any]:
    region = pack.region(spec.region)
    return {
        "code": spec.code,
        "kind": spec.kind,
        "name_ar": spec.name["ar"],
        "name_en": spec.name["en"],
        "region_code": spec.region,
        "city_ar": spec.city["ar"],
        "city_en": spec.city["en"],
        "region_ar": region.name["ar"],
        "region_en": region.name["en"],
        "address_ar": spec.address["ar"],
        "address_en": spec.address["en"],
        "latitude": spec.latitude,
        "longitude": spec.longitude,
        "time_zone": spec.time_zone,
        "counters": spec.counters,
        "accessible": spec.accessible,
        "opening": [rule.model_dump(mode="json") for rule in spec.opening],
        "active": True,
    }


def service_row(pack: Pack, spec: ServiceSpec) -> dict[str, Any]:
    """Write a service's file as a row of the table."""
    details: Json = spec.model_dump(mode="json", by_alias=True)
    details["reasons"] = [pack.reason(code).model_dump(mode="json") for code in spec.eligibility.reasons]
    at = spec.appointment
    details["max_party"] = at.max_party if at else 0
    return {
        "code": spec.code,
        "delivery": spec.delivery,
        "group_code": spec.group,
        "agency_code": spec.agency,
        "exclusive_group": at.exclusive_group if at else spec.code,
        "name_ar": spec.name["ar"],
        "name_en": spec.name["en"],
        "description_ar": spec.description["ar"],
        "description_en": spec.description["en"],
        "units": at.units if at else 0,
        "audience": spec.audience,
        "maximum_wait_days": at.maximum_wait_days if at else 0,
        "spec": details,
        "position": spec.position,
        "active": True,
    }


def _write_holidays(session: Session, pack: Pack) -> int:
    ids = {row.code: row.id for row in session.execute(select(Office.code, Office.id))}
    rows = [
        {"day": day, "office_id": ids[spec.code], "name_ar": holiday.name["ar"], "name_en": holiday.name["en"]}
        for spec in pack.offices
        for day, holiday in closed_days(pack, spec).items()
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        statement = insert(Holiday).values(rows[start : start + _ROWS_AT_ONCE])
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["day", "office_id"],
                set_={"name_ar": statement.excluded.name_ar, "name_en": statement.excluded.name_en},
            )
        )
    return len(rows)


def _first_policy(core: Core, pack: Pack) -> QuotaPolicy:
    now = core.clock.now()
    return QuotaPolicy(
        version=1,
        state=VersionState.ACTIVE,
        bootstrap=True,
        overrides=[],
        shares={
            split.office_kind: {pool.value: str(share) for pool, share in split.shares.items()}
            for split in pack.quotas.pools
        },
        limits={
            **pack.quotas.limits.model_dump(),
            **pack.quotas.gate.model_dump(),
            **pack.quotas.urgent.model_dump(mode="json"),
            **pack.quotas.appeals.model_dump(),
            **pack.quotas.helpers.model_dump(),
            **pack.quotas.rights.model_dump(),
        },
        active=True,
        created_at=now,
        created_by=None,
        activated_at=now,
    )
