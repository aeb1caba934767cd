"""Why an officer decides as they do: codes for the record, beside the note in their own words."""

from collections.abc import Mapping
from typing import Final

from booking.platform.base.errors import FieldError
from booking.platform.models.states import UrgentAct

REASONS: Final[Mapping[UrgentAct, tuple[str, ...]]] = {
    UrgentAct.APPROVAL: ("evidence_is_clear", "authority_confirmed", "humanitarian"),
    UrgentAct.DENIAL: ("not_urgent", "evidence_does_not_show_it", "evidence_is_not_genuine", "draw_is_in_time"),
    UrgentAct.EVIDENCE_ASKED: ("unreadable", "something_is_missing", "names_differ"),
    UrgentAct.REFERRAL: ("needs_a_supervisor", "other_office_knows", "i_know_the_person"),
    UrgentAct.DISAGREEMENT: ("i_see_it_differently", "place_is_gone"),
    UrgentAct.UNDOING: ("mistake",),
    UrgentAct.REVOCATION: ("obtained_by_deceit", "approved_by_mistake", "no_longer_needed"),
}
LONGEST_NOTE: Final = 2000


def check_reason(act: UrgentAct, reason: str, note: str) -> tuple[str, list[FieldError]]:
    """Check the two that every decision needs; return the note without blanks around it, and what is wrong."""
    note, errors = note.strip(), []
    if reason not in REASONS[act]:
        errors.append(FieldError("reason", "unknown_reason"))
    if not note or len(note) > LONGEST_NOTE:
        errors.append(FieldError("note", "missing" if not note else "too_long", most=LONGEST_NOTE))
    return note, errors
