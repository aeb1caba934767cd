"""Pages on the versions of quotas: what decides, who proposed and activated what, what differs, the way back."""

from typing import Any

from api.pages.workbench.quota_words import Places, change_sentences, pool_name, value_words
from api.pages.workbench.version_pages import ACTIVATE, BRING_BACK, RETIRE, Reading, VersionPages
from booking.country.catalogue import views as catalogue
from booking.country.policy.quota_table import ORDER, QuotaTable
from booking.country.versions.drafts import list_drafts
from booking.country.versions.steps import VersionLine, Versions
from booking.platform.base.errors import MawidError
from booking.platform.models import QuotaPolicy
from booking.scheduling.quotas.drafts import QUOTA_DRAFTS, in_order, row_changes
from booking.scheduling.quotas.errors import StrandedPlacesError
from booking.scheduling.quotas.trials import trials_of_shares
from booking.scheduling.quotas.versions import QUOTAS
from booking.scheduling.quotas.views import read_table


def rows_in_words(table: QuotaTable, places: Places) -> list[list[str]]:
    """Return every row of a table: whose it is, on which days, and each pool's value."""
    return [
        [
            places.name(scope),
            places.when(scope),
            *(value_words(table.rows[scope], pool, places.words) for pool in ORDER),
        ]
        for scope in sorted(table.rows, key=in_order)
    ]


def _places(reading: Reading) -> Places:
    return Places(catalogue.list_offices(reading.core), reading.words)


def _in_list(reading: Reading, versions: Versions[QuotaPolicy]) -> dict[str, Any]:
    active = versions.active
    return {
        "drafts": list_drafts(reading.core, QUOTA_DRAFTS),
        "rows": [] if active is None else rows_in_words(read_table(reading.core, active.row.version), _places(reading)),
        "pools": [pool_name(pool, reading.words) for pool in ORDER],
        "stranded": _stranded(reading.error),
    }


def _in_version(reading: Reading, line: VersionLine[QuotaPolicy], against: int | None) -> dict[str, Any]:
    core, version, places = reading.core, line.row.version, _places(reading)
    table = read_table(core, version)
    return {
        "trials": trials_of_shares(core, version),
        "differences": None
        if against is None
        else change_sentences(row_changes(read_table(core, against), table), places),
        "rows": rows_in_words(table, places),
        "pools": [pool_name(pool, reading.words) for pool in ORDER],
        "stranded": _stranded(reading.error),
    }


def _in_difference(reading: Reading, before: int, after: int) -> dict[str, Any]:
    old, new = read_table(reading.core, before), read_table(reading.core, after)
    return {"differences": change_sentences(row_changes(old, new), _places(reading))}


def _stranded(error: MawidError | None) -> list[tuple[str, str, object, str, int, int]]:
    """Return the office-days of which more is taken than the policy would leave."""
    if not isinstance(error, StrandedPlacesError):
        return []
    return [(row.office_ar, row.office_en, row.day, row.pool.value, row.taken, row.places) for row in error.rows]


router = VersionPages(
    kind=QUOTAS,
    path="/analyst/quotas",
    list_template="workbench/quotas.html",
    version_template="workbench/quota_version.html",
    difference_template="workbench/quota_difference.html",
    in_list=_in_list,
    in_version=_in_version,
    in_difference=_in_difference,
    actions={"activate": ACTIVATE, "reject": RETIRE, "back": BRING_BACK},
    anyway="keep",
).router()
