"""What each ready account of the demonstration can do, in a sentence and some addresses."""

from dataclasses import dataclass
from typing import Final

from api.i18n import N_


@dataclass(frozen=True, slots=True)
class Described:
    """Who an account is, what they can do, and where: addresses with words."""

    who: str
    does: str
    ways: tuple[tuple[str, str], ...]


_DESK: Final = (
    ("/desk", N_("Requests to decide")),
    ("/desk/urgent", N_("Urgent requests")),
    ("/desk/today", N_("The counter today")),
)
_ANALYST: Final = (
    ("/analyst/figures", N_("Figures")),
    ("/analyst/rules", N_("Rules")),
    ("/analyst/quotas", N_("Quotas")),
)
_ADMIN: Final = (("/admin", N_("Health")), ("/admin/audit", N_("Audit log")), ("/admin/staff", N_("Staff")))

DESCRIBED: Final = {
    "citizen": Described(
        N_("Citizen"),
        N_("The draw gave her an appointment with her mother. She can confirm it, or ask for her son."),
        (("/me", N_("My requests")), ("/household", N_("People you ask for")), ("/services", N_("All services"))),
    ),
    "expatriate": Described(
        N_("Citizen abroad"),
        N_("She asked in Berlin for herself and her husband. The request waits for the next draw."),
        (("/me", N_("My requests")), ("/abroad", N_("Ask from abroad")), ("/instant", N_("Available appointments"))),
    ),
    "officer": Described(
        N_("Officer in Damascus"), N_("Decides requests and urgent cases, and checks people in at the counter."), _DESK
    ),
    "analyst": Described(
        N_("Analyst"), N_("Reads the figures, tries rules and quotas on the past, and proposes them."), _ANALYST
    ),
    "analyst-2": Described(
        N_("Second analyst"),
        N_("Activates or rejects what the first analyst proposes: two people are needed."),
        _ANALYST,
    ),
    "administrator": Described(
        N_("Administrator"), N_("Sees whether everything works, what staff did, and who may do what."), _ADMIN
    ),
    "administrator-2": Described(
        N_("Second administrator"), N_("Confirms what the first administrator proposes: two people are needed."), _ADMIN
    ),
    "supervisor": Described(
        N_("Supervisor in Damascus"),
        N_("Works at the same desk, and is the second person for urgent appointments beyond the quota."),
        (*_DESK[:2], ("/desk/watch", N_("Questions about approvals"))),
    ),
    "reviewer": Described(
        N_("Reviewer of every office"),
        N_("Decides requests of all offices, and appeals against what others decided."),
        (*_DESK[:1], ("/desk/appeals", N_("Appeals"))),
    ),
    "helper": Described(
        N_("Library that helps people"),
        N_("Asks for people who cannot do it themselves, with their consent."),
        (
            ("/helper", N_("People I help")),
            ("/helper/people/new", N_("Help somebody")),
            ("/services", N_("All services")),
        ),
    ),
    "case": Described(
        N_("Officer of an agency"),
        N_("Decides online requests of the agency, up to a signed document."),
        (
            ("/desk/online", N_("Online requests")),
            ("/check", N_("Check a document")),
            ("/services", N_("All services")),
        ),
    ),
}
"""By user name; of an account that is one of many alike by the word before its hyphen."""


def words_for(username: str) -> Described:
    """Return the words for a ready account.

    Raises
    ------
    KeyError
        No ready account has such a name.
    """
    return DESCRIBED.get(username) or DESCRIBED[username.partition("-")[0]]
