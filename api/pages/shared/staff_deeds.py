"""What staff did, as the next page says it, by the code that the cookie carries."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_

STAFF_DEEDS: Final[Mapping[str, str]] = {
    "review-accept": N_("The request is accepted. We tell its owner."),
    "review-refuse": N_("The request is refused. We tell its owner."),
    "review-bad-paper": N_("The paper is not accepted. We tell its owner."),
    "review-challenge": N_("A check is asked for. We tell its owner."),
    "case-answered": N_("Your answer is on record."),
    "hands-claim": N_("The case is in your hands."),
    "hands-release": N_("The case is back in the queue."),
    "hands-approve": N_("Approved, and on record."),
    "hands-deny": N_("The case is refused. We tell its owner."),
    "hands-refuse": N_("The case is refused. We tell its owner."),
    "hands-ask": N_("More is asked for. We tell its owner."),
    "hands-refer": N_("The case is referred."),
    "hands-second": N_("The second approval is on record, and the appointment is given."),
    "hands-disagree": N_("You disagreed: the case goes back to be decided."),
    "hands-revoke": N_("Revoked. We tell its owner."),
    "hands-undo": N_("Your last decision is undone."),
    "hands-issue": N_("It is issued. We tell its owner."),
    "post-arrived": N_("The papers are registered as arrived. We tell their owner."),
    "post-sent-back": N_("The papers are registered as sent back. We tell their owner."),
    "visit-served": N_("Marked as served."),
    "visit-unserved": N_("Marked as not served. They are in the next draw with priority, and we tell them."),
    "visit-missed": N_("Marked as not come."),
    "visit-undo": N_("The check-in is undone: they are expected again."),
    "visit-came": N_("Corrected: they came and were served."),
    "visit-did-not-come": N_("Corrected: nobody came."),
    "closing-apply": N_("The day is closed. We tell everyone affected."),
    "roster-published": N_("The roster is published. Everyone sees their shifts."),
    "roster-dropped": N_("The roster is given up. Nothing changed."),
    "roster-repaired": N_("The shifts of today are changed."),
    "colleague-kept": N_("Kept."),
    "closing-drop": N_("The plan is given up. Nothing changed."),
    "staff-changed": N_("Done. Their open pages end at the next click."),
    "staff-refused": N_("The proposal is refused."),
    "helper-changed": N_("The helper's registration is changed."),
    "observer-changed": N_("Done, and on record."),
    "webhook-changed": N_("Done, and on record."),
    "webhook-tested": N_("A test event is on its way. Its answer is in the list within two minutes."),
    "webhook-again": N_("They are tried again within a minute."),
    "webhook-replayed": N_("The events of these days are sent again, the oldest first."),
}
