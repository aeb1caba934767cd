"""Open data for everyone: the page that explains it, its files, and free places as lists for programs and calendars."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.caching import DRAW_SECONDS, OPEN, public_bytes, public_tagged, tag_of
from api.outgoing.published import send_published
from api.outgoing.short_cache import Cached, ShortCache
from api.pages.shared.rendering import page
from booking.country.core.core import Core
from booking.country.figures.counting import WRITERS, written
from booking.country.open_data import days, free_places
from booking.country.open_data import dictionary as words_of_data
from booking.platform.base.errors import NotFoundError

router = APIRouter(prefix="/open-data")

LIST_SECONDS: Final = 30
"""How old a list of free places or draws may be; one process asks the database at most this often for each list."""

_JSON: Final = "application/json"
_LINES: Final = "application/fhir+ndjson"
_CALENDAR: Final = "text/calendar; charset=utf-8"
_DAYS_IN_PACKAGE: Final = 92

Code = Annotated[str, Query(max_length=60)]


@router.get("")
def show(request: Request, core: CoreDep, before: str = "") -> Response:
    """Explain what is published, and list the latest days."""
    files = days.list_days(core, before=_day(before) if before else None)
    listed: dict[date, list[Any]] = {}
    for file in files:
        listed.setdefault(file.day, []).append(file)
    return page(
        request,
        "public/open_data.html",
        days=listed,
        data_sets=words_of_data.DATA_SETS,
        draws=words_of_data.DRAWS,
        data=words_of_data,
        older=min(listed, default=None),
    )


@router.get("/dictionary.json")
def dictionary(request: Request) -> Response:
    """Return the data dictionary."""
    return _open(public_bytes(request, _json(words_of_data.dictionary()), _JSON, seconds=DRAW_SECONDS))


@router.get("/datapackage.json")
def package(request: Request, core: CoreDep, before: str = "") -> Response:
    """List the files of the latest days with their checksums, as a Data Package (v1)."""
    files = days.list_days(core, before=_day(before) if before else None, most=_DAYS_IN_PACKAGE)
    schemas = {one.name: one.table_schema() for one in words_of_data.DATA_SETS}
    content = {
        "profile": "data-package",
        "name": "mawid",
        "version": words_of_data.SCHEMA_VERSION,
        "licenses": [
            {
                "name": words_of_data.LICENCE,
                "title": words_of_data.LICENCE_TITLE,
                "path": words_of_data.LICENCE_ADDRESS,
            }
        ],
        "resources": [
            {
                "name": f"{one.day.isoformat()}-{one.name.replace('.', '-')}",
                "path": f"{core.settings.base_url}/open-data/days/{one.day.isoformat()}/{one.name}",
                "format": one.name.rpartition(".")[2],
                "mediatype": one.media_type.partition(";")[0],
                "bytes": one.size,
                "hash": f"sha256:{one.sha256}",
                "version": one.schema_version,
                "schema": schemas[one.name.partition(".")[0]],
            }
            for one in files
        ],
    }
    return _open(public_bytes(request, _json(content), _JSON, seconds=DRAW_SECONDS))


@router.get("/days/{day}/{name}")
async def day_file(request: Request, day: str, name: str, core: CoreDep) -> Response:
    """Return a file of a day, byte for byte as it was published."""
    found = _day(day)
    file = await run_in_threadpool(days.find_file, core, found, name)
    return _open(await send_published(request, file, as_name=f"{found.isoformat()}-{name}"))


@router.get("/draws.{ending}")
async def every_draw(request: Request, ending: str, core: CoreDep) -> Response:
    """Return a row for each published draw; what else is known of it is in its own files."""
    if ending not in WRITERS:
        raise NotFoundError
    media_type = WRITERS[ending][1]
    return await _list(request, core, ("draws", ending), lambda: written(days.published(core), ending)[0], media_type)


@router.get("/free-places.json")
async def places_as_json(request: Request, core: CoreDep, office: Code = "", service: Code = "") -> Response:
    """List free places of one office and service or, without both, how many there are of each."""

    def make() -> bytes:
        if office and service:
            return _json(free_places.as_values(core, office=office, service=service))
        return _json({"places": free_places.summary(core)})

    key = ("json", office, service) if office and service else ("json",)
    return await _list(request, core, key, make, _JSON)


@router.get("/free-places.ics")
async def places_as_calendar(
    request: Request, core: CoreDep, office: Code, service: Code, language: Annotated[str, Query(max_length=3)] = ""
) -> Response:
    """Return the free places of one office and service as a calendar to subscribe to."""
    chosen = language if language in core.languages else core.languages.default

    def make() -> bytes:
        return free_places.as_calendar(core, office=office, service=service, language=chosen)

    return await _list(request, core, ("ics", office, service, chosen), make, _CALENDAR)


@router.get("/scheduling/$bulk-publish")
async def manifest(request: Request, core: CoreDep) -> Response:
    """Name the files of free places in the shape of SMART Scheduling Links."""
    return await _list(request, core, ("scheduling",), lambda: _json(free_places.manifest(core)), _JSON)


@router.get("/scheduling/locations.ndjson")
async def scheduling_locations(request: Request, core: CoreDep) -> Response:
    """List the offices, one in a line."""
    return await _list(request, core, ("scheduling", "where"), lambda: _lines(free_places.locations(core)), _LINES)


@router.get("/scheduling/schedules.ndjson")
async def scheduling_schedules(request: Request, core: CoreDep) -> Response:
    """List which office offers which service, one in a line."""
    return await _list(request, core, ("scheduling", "what"), lambda: _lines(free_places.schedules(core)), _LINES)


@router.get("/scheduling/slots/{office}/{service}.ndjson")
async def scheduling_slots(request: Request, office: str, service: str, core: CoreDep) -> Response:
    """List the free times of one office and service, one in a line."""

    def make() -> bytes:
        return _lines(free_places.slots(core, office=office, service=service))

    return await _list(request, core, ("scheduling", office, service), make, _LINES)


async def _list(
    request: Request, core: Core, key: tuple[str, ...], make: Callable[[], bytes], media_type: str
) -> Response:
    cache: ShortCache[Cached] = request.app.state.lists

    def fresh() -> Cached:
        content = make()
        return Cached(content, tag_of(content))

    found = await cache.get(key, core.clock.now(), fresh)
    return _open(public_tagged(request, found.content, found.tag, media_type, seconds=LIST_SECONDS))


def _open(answer: Response) -> Response:
    answer.headers.update(OPEN)
    return answer


def _json(values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _lines(values: Iterable[Any]) -> bytes:
    return b"".join(_json(one) + b"\n" for one in values)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFoundError from None
