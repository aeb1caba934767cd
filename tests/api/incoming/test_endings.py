"""A call that will end says so in each of its answers, whatever they are, and in the document; others say nothing."""

from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.testclient import TestClient
from starlette.responses import JSONResponse

from api.incoming.endings import LEAST_NOTICE, ending
from api.incoming.route_table import RouteTable
from api.main import declared_routes
from api.v1.documentation import make_document

pytestmark = pytest.mark.slow

ANNOUNCED, ENDS = date(2027, 1, 1), date(2027, 8, 1)
router = APIRouter(prefix="/api/v1")


@router.get("/old/{number}", **ending(announced=ANNOUNCED, ends=ENDS, instead="/api/v1/new"))
def old(number: int) -> JSONResponse:
    if number == 0:
        raise HTTPException(404)
    return JSONResponse({"number": number}, headers={"ETag": '"x"'})


@router.post("/older", **ending(announced=ANNOUNCED, ends=ENDS))
def older() -> dict[str, int]:
    return {}


@router.get("/new")
def new() -> dict[str, int]:
    return {}


@pytest.fixture(scope="module")
def client():
    return TestClient(FastAPI(routes=[RouteTable(router.routes), *router.routes]))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(("GET", "/api/v1/old/1", 200), ("GET", "/api/v1/old/0", 404), ("GET", "/api/v1/old/x", 422)),
        *(("HEAD", "/api/v1/old/1", 200), ("POST", "/api/v1/older", 200)),
    ],
)
def test_each_answer_says_since_when_and_until_when(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["deprecation"] == f"@{int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())}"
    assert answer.headers["sunset"] == "Sun, 01 Aug 2027 00:00:00 GMT"
    assert parsedate_to_datetime(answer.headers["sunset"]) == datetime(2027, 8, 1, tzinfo=UTC)
    assert ('</api/v1/new>; rel="successor-version"' in answer.headers["link"]) is ("older" not in path)
    assert 'rel="deprecation"' in answer.headers["link"]


def test_a_call_that_stays_says_nothing(client):
    for method, path in (("GET", "/api/v1/new"), ("GET", "/api/v1/none"), ("POST", "/api/v1/new")):
        assert {"deprecation", "sunset", "link"}.isdisjoint(client.request(method, path).headers), path


def test_the_document_says_it_too():
    paths = make_document(router.routes)["paths"]
    ends = paths["/api/v1/old/{number}"]["get"]
    assert (ends["deprecated"], ends["x-sunset"], ends["x-instead"]) == (True, "2027-08-01", "/api/v1/new")
    assert "deprecated" not in paths["/api/v1/new"]["get"]


def test_an_end_is_announced_in_time():
    with pytest.raises(ValueError, match="183 days"):
        ending(announced=ANNOUNCED, ends=ANNOUNCED + LEAST_NOTICE - timedelta(days=1))
    assert ending(announced=ANNOUNCED, ends=ANNOUNCED + LEAST_NOTICE)["deprecated"]


def test_no_call_is_marked_without_the_day_on_which_it_ends():
    calls = [call for path in make_document(declared_routes())["paths"].values() for call in path.values()]
    assert [one["operationId"] for one in calls if one.get("deprecated") and "x-sunset" not in one] == []
