"""What the tables of studies and trials need: the names behind codes, and a file of what they show."""

import csv
import io
from collections.abc import Mapping, Sequence, Sized
from typing import Any

from starlette.responses import Response

from api.deps import SignedIn
from api.i18n import Words
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission
from booking.country.export.tables import note_taken


def names_of(core: Core, words: Words) -> dict[str, str]:
    """Return the names of offices and services by their codes."""
    return {
        **{office.code: words.place(office) for office in catalogue.list_offices(core)},
        **{service.code: words.name(service) for service in catalogue.list_services(core)},
    }


def note_table(core: Core, analyst: SignedIn, what: str, rows: Sized, **about: str) -> None:
    """Put on record that an analyst takes a table away, before they have it."""
    permission = Permission.CHANGE_POLICIES
    note_taken(core, by=analyst.account_id, permission=permission, what=what, rows=len(rows), **about)


def csv_of(rows: Sequence[Mapping[str, Any]], name: str, *, line_end: str = "\r\n") -> Response:
    """Answer with rows as a CSV file of this name."""
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=list(rows[0]) if rows else [], lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    attachment = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=attachment)
