import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import update

from api.door.forwarding import CALLS
from api.main import create_app
from booking.country.core.core import Core
from booking.country.core.register import RegisterState
from booking.platform.files.place import Cause
from booking.platform.models import KeyCheck
from tests.support.country import METRICS

CONNECTIONS = ('mawid_database_connections{doing="in_use"}', "mawid_database_connections_most")


def test_the_site_is_ready_when_database_and_redis_answer(client: TestClient):
    answer = client.get("/readyz").json()
    checks = {"database": True, "redis": True, "secret": True}
    assert (answer["ready"], answer["checks"]) == (True, checks)


def test_the_site_is_not_ready_on_a_database_with_another_secret(client: TestClient, core: Core):
    with core.sessions.begin() as session:
        session.execute(update(KeyCheck).values(value=b"of another secret"))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": True, "redis": True, "secret": False}


def test_a_register_that_is_away_is_told_and_keeps_the_pages(client: TestClient, core: Core):
    assert client.get("/readyz").json()["register"] == "invented"

    core.register_calls.state = RegisterState.AWAY
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert (answer.json()["register"], answer.json()["status"]) == ("away", "degraded")
    assert "mawid_register_away 1.0" in client.get("/metrics", headers=METRICS).text


def test_files_that_are_away_are_told_with_no_word_of_why_and_keep_the_pages(client: TestClient, core: Core):
    core.files.look()
    assert client.get("/readyz").json()["files"] == "answers"

    core.files.calls.failed(Cause.REFUSED)
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert (answer.json()["files"], answer.json()["status"]) == ("away", "degraded")
    assert "mawid_files_away 1.0" in client.get("/metrics", headers=METRICS).text
    assert 'mawid_files_calls_total{call="look",outcome="answered"} 1.0' in client.get("/metrics", headers=METRICS).text


def test_a_proxy_that_nobody_named_is_told_to_those_inside_alone(client: TestClient, caplog):
    forwarding = client.app.state.budgets.forwarding
    for number in range(2 * CALLS):
        forwarding.note(unread=number % 4 != 0)

    stranger, inside = client.get("/readyz").json(), client.get("/readyz", headers=METRICS).json()

    assert "proxy_not_trusted" not in stranger
    assert (inside["status"], inside["proxy_not_trusted"]) == ("degraded", True)
    assert "mawid_door_proxy_not_trusted 1.0" in client.get("/metrics", headers=METRICS).text
    assert [one.msg["event"] for one in caplog.records if one.name == "mawid.door"] == ["proxy_not_trusted"], "once"
    for _ in range(CALLS):
        forwarding.note(unread=False)
    assert client.get("/readyz", headers=METRICS).json()["proxy_not_trusted"] is False


def test_metrics_show_seconds_and_failures_of_the_register(client: TestClient, core: Core):
    core.register_calls.observe("match", "answered", 0.04)
    core.register_calls.observe("match", "slow", 5.02)
    core.register_calls.observe("match", "resting", None)

    text = client.get("/metrics", headers=METRICS).text

    assert 'mawid_register_calls_total{call="match",outcome="resting"} 1.0' in text
    assert 'mawid_register_calls_total{call="match",outcome="slow"} 1.0' in text
    assert 'mawid_register_seconds_bucket{call="match",le="0.05"} 1.0' in text
    assert 'mawid_register_seconds_count{call="match"} 2.0' in text
    assert "mawid_register_away 0.0" in text


def test_metrics_count_requests_by_handler_and_not_by_address(client: TestClient):
    client.get("/static/secret-name.css?phone=0933123456")
    text = client.get("/metrics", headers=METRICS).text
    assert 'handler="api.pages.shared.static.static",method="GET",status="404"' in text
    assert "secret-name" not in text
    assert "0933123456" not in text


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("demonstration", "token", "shown", "status"),
    [
        (True, None, None, 200),
        (False, None, None, 404),
        (False, "a token of the metrics", "Bearer a token of the metrics", 200),
        (False, "a token of the metrics", "Bearer another token", 404),
        (True, "a token of the metrics", None, 404),
    ],
)
def test_metrics_need_the_token_outside_a_demonstration(core, demonstration, token, shown, status):
    changes = {"show_outbox": demonstration, "metrics_token": token and SecretStr(token)}
    client = TestClient(create_app(replace(core, settings=core.settings.model_copy(update=changes))))
    headers = {"authorization": shown} if shown else {}

    answer, ready = client.get("/metrics", headers=headers), client.get("/readyz", headers=headers).json()

    assert answer.status_code == status
    assert ("mawid_limiter_total" in answer.text) is (status == 200)
    assert ("converter_lacks" in ready) is (status == 200)  # which guards this machine has is nobody else's business


def test_metrics_count_limits_and_gate_without_naming_anybody(client: TestClient, core):
    core.limiter.attempt("signin", {"account": "amal.fictional"})
    core.gate_times.observe({"rules": 0.00004})

    text = client.get("/metrics", headers=METRICS).text

    assert 'mawid_limiter_attempts_total{action="signin",outcome="admitted"} 1.0' in text
    assert 'mawid_limiter_total{kind="failures"}' in text
    assert 'mawid_gate_seconds_bucket{le="5e-05",stage="rules"} 1.0' in text
    assert 'mawid_gate_seconds_count{stage="rules"} 1.0' in text
    assert "amal" not in text


def test_metrics_show_what_the_process_runs_and_its_connections(core: Core, client: TestClient):
    with core.sessions() as one, core.sessions() as other:
        one.connection()
        other.connection()
        text = client.get("/metrics", headers=METRICS).text

    assert 'mawid_build_info{mawid="' in text
    used, most = (re.search(rf"^{name} ([0-9.]+)$", text, re.MULTILINE) for name in CONNECTIONS)
    assert used
    assert float(used[1]) >= 2
    pool = core.sessions.kw["bind"].pool
    assert most
    assert float(most[1]) == pool.size() + pool._max_overflow
    assert "process_resident_memory_bytes " in text


def test_each_measure_is_told_in_one_place(client: TestClient):
    text = client.get("/metrics", headers=METRICS).text

    told = re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)
    plain = [re.sub("_(info|total)$", "", name) for name in told]
    assert sorted(name for name in plain if plain.count(name) > 1) == []
    series = re.findall(r"^([a-z_]+(?:\{.*\})?) ", text, re.MULTILINE)
    assert len(series) == len(set(series))


def test_metrics_with_an_address_of_their_own_are_not_on_the_site(core: Core):
    elsewhere = core.settings.model_copy(update={"metrics_address": "127.0.0.1:9464"})
    with TestClient(create_app(replace(core, settings=elsewhere))) as client:
        assert client.get("/metrics", headers=METRICS).status_code == 404
