"""What the role that reads for analysts sees: columns without a name, a number, an address, a date of birth or words.

Keyed hashes are among them; an export changes them into tokens (`booking.country.export.tables`).
"""

from collections.abc import Mapping
from typing import Final

READABLE: Final[Mapping[str, str]] = {
    "account": "id door registered_helper phone_hash created_at roles",
    "alembic_version": "version_num",
    "appeal": "request_id state created_at decided_at",
    "appointment": "id request_id draw_id urgent_request_id office_id state starts_at ends_at confirm_by created_at "
    "confirmed_at checked_in_at ended_at",
    "appointment_places": "appointment_id slot_id pool places",
    "closure": "office_id local_day counters state asked_at planned_at ended_at",
    "draw": "id reference state opens_at closes_at horizon_first horizon_last confirm_seconds policy_version "
    "published_at closed_at figures",
    "draw_entry": "draw_id request_id priority position served rank",
    "draw_left_out": "draw_id request_id",
    "gate_measure": "name subject value measured_at",
    "holiday": "day office_id name_en",
    "key_check": "secret value lasting present free_from",
    "label": "request_id kind value source known_at",
    "office": "id code kind name_ar name_en region_code latitude longitude time_zone counters accessible active",
    "outcome": "appointment_id kind at",
    "outcome_correction": "appointment_id kind at",
    "person": "id",
    "quota_policy": "version active created_at shares limits",
    "replay_run": "day finished_at repeated skipped",
    "request": "id account_id service_id draw_id door state party_size units service_count first_day last_day "
    "weekdays bands needed_by accessible reason_code lost_draws reschedules together device_hash network_hash "
    "phone_hash created_at decided_at",
    "request_edit": "request_id number edited_at",
    "request_errand": "request_id person_id service_id position units reason_code",
    "request_left": "request_id person_id left_at",
    "request_member": "request_id person_id position units live",
    "request_office": "request_id office_id rank first_day last_day",
    "rule_set_version": "version state created_at activated_at source",
    "service": "id code exclusive_group name_ar name_en units audience maximum_wait_days active",
    "slot": "id office_id local_day band starts_at ends_at counters",
    "slot_pool": "slot_id pool places taken overbooked",
    "urgent_decision": "urgent_request_id act position reason_code at undone_at",
    "urgent_request": "id request_id office_id state reason_code severity needed_by for_supervisor over_pool level "
    "submitted_at assigned_at closed_at created_at",
    "verdict": "request_id decision score degraded reasons versions officer_id decided_at inputs",
    "waiting_time": "what counted median worst since measured_at",
    "walk_in": "office_id local_day ticket service_id places state person_hash arrived_at called_at ended_at",
}
"""By table. A person's birth date is not there, so an export of people needs the role that works."""
