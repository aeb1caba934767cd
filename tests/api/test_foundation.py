import importlib
import pkgutil
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import update

import allocation
import api
import booking
import fraud
from api.i18n import load_words, preferred
from api.main import create_app
from api.problems.documents import KINDS
from booking.base.errors import MawidError
from booking.base.settings import Digits, Environment, Language, Settings
from booking.core.core import Core
from booking.models import KeyCheck


def every_error() -> list[type[MawidError]]:
    for package in (api, booking, allocation, fraud):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found, waiting = [], [MawidError]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.__subclasses__()
    return [error for error in found if not error.__module__.startswith("booking.demo")]  # it never answers the web


def test_every_error_has_a_status_and_words_in_both_languages():
    words = load_words(Settings(_env_file=None))
    for error in every_error():
        kind = KINDS[error]
        assert 400 <= kind.status < 600
        for sentence in (kind.title, kind.detail):
            assert words[Language.ARABIC].gettext(sentence) != sentence, sentence


def test_no_two_errors_share_a_code():
    codes = [error.code for error in every_error()]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, Language.ARABIC),
        ("en-GB,en;q=0.9,ar;q=0.5", Language.ENGLISH),
        ("de,ar;q=0.2", Language.ARABIC),
        ("fr", Language.ARABIC),
        ("en;q=nonsense", Language.ARABIC),
    ],
)
def test_programs_get_the_language_they_prefer_among_ours(header, chosen):
    assert preferred(header, Language.ARABIC) is chosen


@pytest.mark.parametrize("count", range(205))
def test_arabic_plurals_follow_gettext_and_not_babels_own_order(count):
    words = load_words(Settings(_env_file=None))[Language.ARABIC]
    form = words.ngettext("%(n)s person", "%(n)s people", count)
    expected = {0: "لا أحد", 1: "شخص واحد", 2: "شخصان"}.get(count)
    if expected is None:
        expected = "%(n)s أشخاص" if 3 <= count % 100 <= 10 else "%(n)s شخصًا" if count % 100 >= 11 else "%(n)s شخص"
    assert form == expected


def test_digits_are_written_as_the_settings_say():
    latin, arabic = (load_words(Settings(_env_file=None, digits=digits)) for digits in (Digits.LATIN, Digits.ARABIC))
    assert latin[Language.ARABIC].number(12345) == "12,345"
    assert arabic[Language.ARABIC].number(12345) == "١٢,٣٤٥"
    assert arabic[Language.ENGLISH].number(12345) == "12,345"


def test_every_answer_carries_the_headers_that_keep_it_to_itself(client: TestClient):
    for path in ("/livez", "/nowhere", "/static/mawid.css", "/api/v1/nowhere"):
        headers = client.get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-request-id"]


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(client: TestClient):
    page, problem = client.get("/nowhere"), client.get("/api/v1/nowhere", headers={"accept-language": "en"})
    assert (page.status_code, problem.status_code) == (404, 404)
    assert 'lang="ar" dir="rtl"' in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "not_found"
    assert problem.json()["title"] == "We did not find this page"


def test_it_is_ready_when_database_and_redis_answer(client: TestClient):
    answer = client.get("/readyz").json()
    checks = {"database": True, "redis": True, "secret": True}
    assert (answer["ready"], answer["checks"]) == (True, checks)


def test_it_is_not_ready_on_a_database_that_knows_another_secret(client: TestClient, core: Core):
    with core.sessions.begin() as session:
        session.execute(update(KeyCheck).values(value=b"of another secret"))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": True, "redis": True, "secret": False}


def test_metrics_count_requests_by_handler_and_not_by_address(client: TestClient):
    client.get("/static/secret-name.css?phone=0933123456")
    text = client.get("/metrics").text
    assert 'handler="api.pages.shared.static.static",method="GET",status="404"' in text
    assert "secret-name" not in text
    assert "0933123456" not in text


@pytest.mark.parametrize(
    ("environment", "token", "shown", "status"),
    [
        (Environment.DEMO, None, None, 200),
        (Environment.PRODUCTION, None, None, 404),
        (Environment.PRODUCTION, "a token of the metrics", "Bearer a token of the metrics", 200),
        (Environment.PRODUCTION, "a token of the metrics", "Bearer another token", 404),
        (Environment.DEMO, "a token of the metrics", None, 404),
    ],
)
def test_only_who_shows_the_token_reads_the_metrics_in_production(core, environment, token, shown, status):
    changes = {"environment": environment, "metrics_token": token and SecretStr(token)}
    app = create_app(replace(core, settings=core.settings.model_copy(update=changes)))

    answer = TestClient(app).get("/metrics", headers={"authorization": shown} if shown else {})

    assert answer.status_code == status
    assert ("mawid_limiter_total" in answer.text) is (status == 200)


def test_metrics_tell_what_limits_and_gate_do_and_of_nobody(client: TestClient, core):
    core.limiter.attempt("signin", {"account": "amal.fictional"})
    core.gate_times.observe({"rules": 0.00004})

    text = client.get("/metrics").text

    assert 'mawid_limiter_attempts_total{action="signin",outcome="admitted"} 1.0' in text
    assert 'mawid_limiter_total{kind="failures"}' in text
    assert 'mawid_gate_seconds_bucket{le="5e-05",stage="rules"} 1.0' in text
    assert 'mawid_gate_seconds_count{stage="rules"} 1.0' in text
    assert "amal" not in text
