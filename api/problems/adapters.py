"""The refusals of interfaces that others specified, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api import errors as web
from api.i18n import N_
from api.problems.kind import Kind
from booking.platform.base.errors import MawidError

ADAPTER_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    web.UnusableCallError: Kind(400, N_("Something needs to be corrected"), N_("Some answers cannot be used.")),
    web.OutsideMawidError: Kind(501, N_("Mawid does not do this"), N_("Nothing was changed.")),
}
OUTSIDE: Final[Mapping[str, str]] = {
    "catalogue": N_(
        "Offices, counters and their hours come from the country pack, which administrators load on the server."
    ),
    "times": N_(
        "Times come from opening hours and the quota policy. Two analysts agree on it; nobody changes it from outside."
    ),
    "people": N_(
        "A person is added and corrected with proof of who they are, for which this interface has no field. Use "
        "/api/v1/household/members."
    ),
    "notices": N_("Mawid decides which notices people get and when. Other systems cannot write to its people."),
    "record": N_(
        "Mawid records by itself what happens, and officers record at the counter who came. Nothing of it is written, "
        "changed or read from outside."
    ),
    "officers": N_(
        "Officers decide on their own pages, where each look at a case is on record. No program decides one."
    ),
    "files": N_("Files come to the case that they are for. Use /api/v1/online/cases/{reference}/papers/{paper}."),
}
"""Why an operation of another's interface is not what Mawid is; each word is named where the operation is declared."""
