"""What breaks is told in words, logged without people, and keeps the headers of every answer."""

import io
import json
import logging

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from booking.country.catalogue import views as catalogue
from booking.platform.base import logs
from tests.support.roles import past_the_roles

NO_ROOM = """
    CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE '{condition}' USING ERRCODE = '{condition}'; END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION no_room()
"""


@pytest.fixture
def log():
    stream = io.StringIO()
    logs.configure(stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_internal_error_shows_a_number_that_is_in_the_log(client, monkeypatch, log):
    def break_down(_):
        raise RuntimeError("the phone +963 944 123 456 broke it")

    monkeypatch.setattr(catalogue, "coming_draw", break_down)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "حدث خطأ عندنا" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    [line] = [line for line in log() if line["event"] == "broken"]
    assert line["request_id"] in answer.text
    assert "RuntimeError" in line["exception"]
    assert "944" not in line["exception"]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_an_unreachable_database_shows_an_explanation(client, monkeypatch, error):
    def be_dead(_):
        raise error("select", {}, Exception("gone"))

    monkeypatch.setattr(catalogue, "coming_draw", be_dead)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "جزء من نظامنا لا يعمل الآن" in answer.text


@pytest.mark.parametrize("condition", ["disk_full", "out_of_memory", "read_only_sql_transaction"])
def test_a_database_that_has_no_room_is_said_and_keeps_nothing(client, core, condition):
    """As PostgreSQL itself says it: on a full disk, without memory, and where it was made read-only for that."""
    body = {"username": "amal", "password": "a long walk to the sea", "phone": "0933123456"}
    with past_the_roles(core) as mighty:
        mighty.execute(text(NO_ROOM.replace("{condition}", condition)))

    answer = client.post("/api/v1/accounts", json=body, headers={"Idempotency-Key": condition})

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert condition not in answer.text
    with past_the_roles(core) as mighty:
        mighty.execute(text("DROP TRIGGER no_room ON account"))
    assert client.post("/api/v1/accounts", json=body, headers={"Idempotency-Key": condition}).status_code == 201


def test_a_request_is_logged_without_its_address_query_or_sender(client, log):
    client.get("/offices?phone=0944123456", headers={"user-agent": "somebody's phone"})
    [line] = [line for line in log() if line["event"] == "request"]
    assert line["handler"] == "api.pages.public.offices.offices"
    assert line["status"] == 200
    assert set(line) == {"event", "handler", "level", "method", "ms", "request_id", "status", "timestamp"}


def test_personal_values_and_long_numbers_never_reach_the_log(log):
    structlog.get_logger("x").info("met +49 151 23456789", phone="0944", national_number="01234567890", reference="7K2")
    logging.getLogger("library").warning("number 01234567890 failed")
    first, second = log()
    assert first["phone"] == first["national_number"] == logs.HIDDEN
    assert first["event"] == f"met {logs.HIDDEN}"
    assert first["reference"] == "7K2"
    assert second["event"] == f"number {logs.HIDDEN} failed"
