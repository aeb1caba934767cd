"""The counter without the network: what a browser keeps for it, its page, and check-ins that come in afterwards."""

from base64 import b64encode
from datetime import datetime, time, timedelta
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.deps import CoreDep, CounterDep, WordsDep
from api.i18n import Words
from api.pages.counter.headers import CAMERA
from api.pages.shared.own_scripts import OwnScriptDep
from api.pages.shared.rendering import page
from api.pages.shared.static import read_static, versions
from booking.desk.counter.arrive import PAIRS, SIGNS, Recorded, sheet_to_keep, take_over
from booking.desk.counter.views import SheetLine

router = APIRouter()

PAGE: Final = "/desk/today/offline"
MOST_AT_ONCE: Final = 100
LONGEST_TEXT: Final = 200
_SCRIPTS: Final = (
    *("mawid.js", "camera.js", "counter-store.js", "counter-pass.js"),
    *("again.js", "counter-network.js", "counter-desk.js"),
)
_FILES: Final = ("mawid.css", "staff.css", "mawid.svg", *_SCRIPTS)
_TEMPLATES: Final = ("shared/base.html", "counter/offline.html", "counter/offline_parts.html")


class RecordedIn(BaseModel):
    """One check-in that a counter recorded; see `booking.desk.counter.arrive.Recorded`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: UUID
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    at: AwareDatetime
    accept_late: bool
    by: UUID | None = None


class ManyIn(BaseModel):
    """What a counter recorded, and when it sends it by the clock that recorded it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sent_at: AwareDatetime
    entries: Annotated[list[RecordedIn], Field(max_length=MOST_AT_ONCE)]


def kept_page(words: Words) -> dict[str, str]:
    """Return where the page without the network is, its files, and a name that changes with any of them."""
    files = [f"/static/{name}?v={known}" for name, known in versions().items() if name in _FILES]
    made = sha256(" ".join([*files, *map(_template, _TEMPLATES)]).encode()).hexdigest()[:10]
    language = words.language.code
    return {"page": PAGE, "files": " ".join(files), "made": f"{language}-{made}", "digits": _digits(words)}


@cache
def _template(name: str) -> str:
    return resources.files("api").joinpath("templates", name).read_text(encoding="utf-8")


@router.get("/desk/worker.js")
async def worker() -> Response:
    """Return the script that shows the kept page; from this folder it may see the counter's pages, and no others."""
    return Response(
        read_static("counter-worker.js"),
        media_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@router.get(PAGE)
def without_network(request: Request, _officer: CounterDep, words: WordsDep) -> Response:
    """Show the page that the browser keeps: the same for everyone, with nobody's data."""
    response = page(request, "counter/offline.html", digits=_digits(words), scripts=_SCRIPTS)
    response.headers.update(CAMERA)
    return response


@router.get("/desk/today/sheet")
def sheet(officer: CounterDep, core: CoreDep, words: WordsDep) -> Response:
    """Return today's sheet of the own office, and what the browser needs to read passes of today."""
    found = sheet_to_keep(core, officer_id=officer.account_id)
    zone = ZoneInfo(found.office.time_zone)
    rules = core.pack.country.counter
    key = core.vault.signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return JSONResponse(
        {
            "office": {
                "id": found.office.id,
                "name": words.name(found.office),
                "zone": found.office.time_zone,
            },
            "day": found.day.isoformat(),
            "now": _milliseconds(core.clock.now()),
            "until": _milliseconds(datetime.combine(found.day + timedelta(days=1), time(), zone)),
            "early": rules.early.total_seconds(),
            "late": rules.late.total_seconds(),
            "verification": b64encode(key).decode(),
            "pairs": dict(PAIRS),
            "signs": dict(SIGNS),
            "by": str(officer.account_id),
            "token": officer.session.csrf,
            "lines": [_line(one, words) for one in found.lines],
        }
    )


@router.post(PAGE)
def take(body: ManyIn, officer: CounterDep, _script: OwnScriptDep, core: CoreDep) -> Response:
    """Take over what was recorded, one after the other, each in a transaction of its own, and say what came of each."""
    results = [
        {
            "id": str(one.key),
            "finding": take_over(
                core,
                officer_id=officer.account_id,
                recorded=Recorded(one.key, one.text, one.at, body.sent_at, one.accept_late, one.by),
            ).finding,
        }
        for one in body.entries
    ]
    return JSONResponse({"results": results})


def _line(line: SheetLine, words: Words) -> dict[str, Any]:
    one = line.appointment
    return {
        "reference": one.reference,
        "starts": _milliseconds(one.starts_at),
        "time": words.time(one.starts_at, one.office.time_zone),
        "people": list(line.people),
        "service": words.names(one.request.services),
        "state": one.state.value,
    }


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _digits(words: Words) -> str:
    """Return what browsers call the digits of a language."""
    return "latn" if words.digits("1") == "1" else "arab"
