"""The words of the figures: their titles, what is to be seen in them, their parts and rows."""

from collections.abc import Mapping
from typing import Final

from api.i18n import Words
from booking.country.figures.measures import Measure, Rows
from booking.country.figures.tables import ALL


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for "a message id, translated later"
    """Mark a sentence for the catalogue."""
    return sentence


TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "asked": (N_("Requests and verdicts"), N_("What the gate decided about the requests of each day.")),
    "visits": (N_("Appointments by day"), N_("Appointments of each day: who was served, who did not come.")),
    "waiting": (N_("Waiting for officers"), N_("How long what waits now has been waiting.")),
    "degraded": (
        N_("Judged while limits did not answer"),
        N_("Verdicts of each day; degraded ones were made without the shared limits, so everyone got a short check."),
    ),
    "funnel": (N_("From the draw to the counter"), N_("What became of the requests of the draw, by service.")),
    "chance-by-priority": (
        N_("Chance by draws lost before"),
        N_("Requests that got an appointment. More draws lost should mean a better chance."),
    ),
    "chance-by-choices": (
        N_("Chance by number of offices chosen"),
        N_("Requests that got an appointment. Accepting more offices should mean a better chance."),
    ),
    "chance-by-party": (
        N_("Chance by number of people"),
        N_("Requests that got an appointment. Families should do no worse than single people."),
    ),
    "chance-by-door": (
        N_("Chance at home and abroad"),
        N_("Requests that got an appointment. The two do not compete for the same appointments."),
    ),
    "reasons": (
        N_("Why requests were held up"),
        N_("Reasons of the gate. A request can have several, so the rows do not add up."),
    ),
    "device-use": (
        N_("Busy devices"),
        N_("Verdicts by requests from the same device in the day before: what machines tried, and how it ended."),
    ),
    "checks": (N_("Short checks"), N_("Challenged requests of each day: passed, still open, or given up.")),
    "reviews": (N_("Officers' decisions"), N_("Requests under review and appeals that officers decided, by day.")),
    "appeals": (N_("Appeals"), N_("Appeals by the day they were made. Upheld ones show where the gate was wrong.")),
    "load": (N_("Load of the offices"), N_("Quarter hours of counters in these days, taken and free.")),
    "attendance": (N_("Attendance by office"), N_("How the appointments of these days went, by office.")),
    "arrivals": (
        N_("Do people come on time?"),
        N_("Arrivals: over 15 minutes early, on time, over 10 minutes late."),
    ),
    "endings": (
        N_("Do offices keep their times?"),
        N_("People served by 15 minutes after their slot's end, or later."),
    ),
    "answers": (N_("Time to an answer"), N_("How long people waited for what officers answered in these days.")),
    "waits": (
        N_("Longest wait promised"),
        N_("Requests of these days against the longest wait of their service: has an appointment, or still waits."),
    ),
}

UNTOLD: Final = "untold"
"""What the hidden parts of a known sum are together."""

_PARTS: Final[Mapping[str, str]] = {
    ALL: N_("All"),
    UNTOLD: N_("too few to tell"),
    "accept": N_("accepted"),
    "challenge": N_("short check"),
    "review": N_("to an officer"),
    "refuse": N_("refused"),
    "expected": N_("expected"),
    "served": N_("served"),
    "no_show": N_("did not come"),
    "cancelled": N_("cancelled"),
    "lapsed": N_("not confirmed in time"),
    "normal": N_("normal"),
    "degraded": N_("degraded"),
    "under_hour": N_("under 1 hour"),
    "under_day": N_("under 1 day"),
    "under_two_days": N_("under 2 days"),
    "under_five_days": N_("under 5 days"),
    "longer": N_("5 days or more"),
    "confirmed": N_("confirmed"),
    "offered": N_("waits for confirmation"),
    "given_up": N_("given up"),
    "placed": N_("got an appointment"),
    "not_placed": N_("no appointment"),
    "passed": N_("passed"),
    "open": N_("still open"),
    "upheld": N_("upheld"),
    "rejected": N_("rejected"),
    "withdrawn": N_("withdrawn"),
    "taken": N_("taken"),
    "free": N_("free"),
    "early": N_("early"),
    "on_time": N_("on time"),
    "late": N_("late"),
    "in_time": N_("in time"),
    "overrun": N_("later"),
    "within": N_("appointment in time"),
    "beyond": N_("appointment too late"),
    "waiting_within": N_("waits, not too long yet"),
    "waiting_beyond": N_("waits too long"),
}
_ROWS: Final[Mapping[str, str]] = {
    ALL: N_("All"),
    "urgent": N_("Urgent cases"),
    "review": N_("Reviews"),
    "appeal": N_("Appeals"),
    "home": N_("At home"),
    "abroad": N_("Abroad"),
    "hard.live_request": N_("has a live request"),
    "hard.unknown_person": N_("number unknown to the register"),
    "hard.passport_still_valid": N_("passport valid for long"),
    "hard.application_pending": N_("application pending"),
    "hard.age_not_eligible": N_("age does not fit"),
    "score.challenge": N_("score: short check"),
    "score.review": N_("score: officer"),
    "limit.network": N_("limit of a network"),
    "limit.device": N_("limit of a device"),
    "limit.account": N_("limit of an account"),
    "limit.visitor": N_("limit of a visitor"),
    "limit.person": N_("limit of a person"),
    "limit.phone": N_("limit of a phone"),
    "limit.office": N_("limit of an office"),
    "limit.prefix": N_("limit of neighbouring phone numbers"),
    "limit.country": N_("limit of a country"),
    "limit.everyone": N_("limit of the whole site"),
    "limit.degraded": N_("limits did not answer"),
}
_AXES: Final[Mapping[Rows, str]] = {
    Rows.DAY: N_("Day"),
    Rows.OFFICE: N_("Office"),
    Rows.SERVICE: N_("Service"),
    Rows.QUEUE: N_("Queue"),
    Rows.REASON: N_("Reason"),
    Rows.DEVICE_USE: N_("Requests from the device in a day"),
    Rows.PRIORITY: N_("Draws lost before"),
    Rows.CHOICES: N_("Offices chosen"),
    Rows.PARTY: N_("People in the request"),
    Rows.DOOR: N_("Residence"),
}


def title(measure: Measure, words: Words) -> str:
    """Return the name of a figure."""
    return words.gettext(TITLES[measure.name][0])


def summary(measure: Measure, words: Words) -> str:
    """Return a sentence that says what a figure shows."""
    return words.gettext(TITLES[measure.name][1])


def part_name(part: str, words: Words) -> str:
    """Return the name of a part, or of the column of the sums."""
    return words.gettext(_PARTS[part])


def axis_name(rows: Rows, words: Words) -> str:
    """Return what the rows are called."""
    return words.gettext(_AXES[rows])


def row_name(row: str, rows: Rows, names: Mapping[str, str], words: Words) -> str:
    """Return the name of a row; ``names`` are those of offices and services in the reader's language, by code."""
    if row in names and rows in {Rows.OFFICE, Rows.SERVICE}:
        return names[row]
    if rows is Rows.DAY and row != ALL:
        return words.day_of(row)
    if rows is Rows.PRIORITY and row == "4":
        return words.gettext("4 or more")
    kind, _, name = row.partition(".")
    if kind == "rule" and rows is Rows.REASON:
        return words.gettext("rule “%(name)s”") % {"name": f"\u2066{name}\u2069"}  # Latin letters, in any direction
    return words.gettext(_ROWS[row]) if row in _ROWS else words.digits(row)
