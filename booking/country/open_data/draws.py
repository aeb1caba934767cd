"""Every published draw in a row; what a draw's own files hold is linked, not doubled."""

from typing import Final

import pandas as pd
from sqlalchemy import select

from booking.country.core.core import Core
from booking.country.open_data.dictionary import DRAWS
from booking.platform.models import Draw
from booking.platform.models.states import DrawState

MOST: Final = 5000
_FIGURES: Final = (
    "mechanism", "asked_requests", "served_requests", "asked_people", "served_people", "places", "used", "gap"
)  # fmt: skip


def published(core: Core) -> pd.DataFrame:
    """Return a row for each published draw, newest first; its columns are those of the dictionary."""
    wanted = select(Draw).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.closes_at.desc()).limit(MOST)
    found = core.read_older(lambda session: session.scalars(wanted).all())
    rows = [
        {
            "reference": draw.reference,
            "closed_at": draw.closed_at,
            "published_at": draw.published_at,
            "first_day": draw.horizon_first,
            "last_day": draw.horizon_last,
            "page": f"{core.settings.base_url}/draws/{draw.reference}",
        }
        | {name: draw.figures.get(name) for name in _FIGURES}
        for draw in found
    ]
    frame = pd.DataFrame(rows, columns=[one.name for one in DRAWS.columns])
    kinds = {"integer": "Int64", "number": "Float64", "datetime": "datetime64[us, UTC]"}
    return frame.astype({one.name: kinds[one.kind] for one in DRAWS.columns if one.kind in kinds})
