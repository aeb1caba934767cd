"""The refusals of urgent cases and evidence, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.errors import UploadVersionError
from api.i18n import N_
from api.problems.kind import Kind
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.platform.base.errors import MawidError
from booking.scheduling.urgent import errors

URGENT_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.UrgentNotPossibleError: Kind(
        409,
        N_("This request cannot be made urgent now"),
        N_("It is over, waits for a check, or has an appointment that is not later. Open it to see where it stands."),
    ),
    errors.UrgentExistsError: Kind(
        409, N_("You asked for this already"), N_("There is an urgent request for this already. Open it to continue.")
    ),
    errors.TooManyUrgentError: Kind(
        409,
        N_("You asked for urgency too often"),
        N_("A person can ask a few times in ninety days. The request stays in the draw."),
    ),
    errors.UrgentPoolEmptyError: Kind(
        409,
        N_("This urgent appointment is gone"),
        N_("No urgent appointment is available there at that time. Nothing was changed; choose another one."),
    ),
    errors.DifferentPersonNeededError: Kind(
        409,
        N_("Someone else must agree"),
        N_("The second approval comes from another supervisor than the first."),
    ),
    errors.TooLateToUndoError: Kind(
        409,
        N_("It is too late to undo this"),
        N_("A decision can be undone for a short time, while nothing followed from it. A supervisor can revoke it."),
    ),
    errors.UploadOffsetError: Kind(
        409,
        N_("This part does not fit"),
        N_("Parts of it were lost or came twice. Ask how much has come, and continue from there."),
    ),
    UploadVersionError: Kind(
        412, N_("This upload is not understood"), N_("Uploads speak version 1.0.0 of the tus protocol.")
    ),
    errors.UploadOverError: Kind(
        410,
        N_("This upload is over"),
        N_("A day has passed, a newer one took its place, or the file was refused. Choose the file again."),
    ),
    EvidenceUnavailableError: Kind(
        503,
        N_("Files cannot be read or kept right now"),
        N_("Part of our system is not working. Nothing was changed. Please try again in a few minutes."),
    ),
}
