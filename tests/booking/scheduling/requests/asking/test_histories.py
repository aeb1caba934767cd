"""The statement of the live gate and the frames of an analyst count the same."""

from dataclasses import dataclass
from uuid import UUID, uuid5

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from booking.scheduling.requests.asking.histories import Attempt, histories
from fraud.features import window_facts
from tests.fraud.histories import DAY, INSTANT, NOON, a_history, drops, entries, outcome, passings, request
from tests.support.country import an_account
from tests.support.effort import examples

SPACE = UUID("00000000-0000-0000-0000-00000000abcd")
ASKS = [
    request("ask", 0 * DAY, account=account, people=people, device=device, network="n", phone=phone)
    for account, people, device, phone in (("a", ("one", "two"), "d", "p"), ("b", ("three",), "", "q"))
]


def an_id(kind: str, name: object) -> UUID:
    return uuid5(SPACE, f"{kind} {name}")


@dataclass
class Written:
    """Writes a drawn history into the tables, as bare as the constraints allow."""

    core: object
    template: UUID
    clerk: UUID

    def write(self, session, found):
        for entry in found:
            if "ended" in entry:
                self._put_right(session, entry)
                continue
            if "kind" in entry:
                self._end(session, entry)
                continue
            self._request(session, entry)

    def account(self, session, name):
        session.execute(
            text(
                "INSERT INTO account SELECT (jsonb_populate_record(a, jsonb_build_object('id', CAST(:id AS uuid),"
                " 'username', CAST(:name AS text)))).* FROM account a WHERE id = :template ON CONFLICT DO NOTHING"
            ),
            {"id": an_id("account", name), "name": f"drawn-{name}", "template": self.template},
        )
        return an_id("account", name)

    def person(self, session, name):
        session.execute(
            text(
                "INSERT INTO person VALUES (:id, :hash, :hash, '1990-05-17', now()) ON CONFLICT DO NOTHING"
            ).bindparams(id=an_id("person", name), hash=name.encode())
        )
        return an_id("person", name)

    def draw(self, session):
        session.execute(
            text(
                """
                INSERT INTO draw (id, reference, state, opens_at, closes_at, horizon_first, horizon_last,
                    confirm_seconds, seed_commitment, seed_ciphertext, figures, announced_at)
                VALUES (:id, 'drawn', 'drawn', now(), now() + interval '1 hour', now(), now(), 1, '', '', '{}', now())
                ON CONFLICT DO NOTHING
                """
            ),
            {"id": an_id("draw", "drawn")},
        )
        return an_id("draw", "drawn")

    def _request(self, session, entry):
        number = entry["request"]
        session.execute(
            text(
                """
                INSERT INTO request (id, reference, account_id, service_id, door, state, party_size, units, first_day,
                    weekdays, bands, accessible, lost_draws, reschedules, nonce, receipt, device_hash, network_hash,
                    phone_hash, created_at)
                SELECT :id, CAST(:reference AS text), :account, min(id), 'home', 'withdrawn', 1, 1, '2026-03-02',
                    127, 'morning', false, 0, :moves, ''::bytea, CAST(:reference AS text)::bytea, :device, :network,
                    :phone, :at
                FROM service
                """
            ),
            {
                "id": an_id("request", number),
                "reference": f"R{number}",
                "account": self.account(session, entry["account"]),
                **{name: entry[name].encode() for name in ("device", "network", "phone")},
                "at": entry["at"],
                "moves": entry["moves"],
            },
        )
        for position, name in enumerate(entry["people"]):
            session.execute(
                text(
                    "INSERT INTO request_member (request_id, person_id, position, exclusive_group, units, live, proven)"
                    " VALUES (:request, :person, :position, 'group', 1, false, :stayed)"
                ),
                {
                    "request": an_id("request", number),
                    "person": self.person(session, name),
                    "position": position,
                    "stayed": name not in entry["gone"],
                },
            )

    def _end(self, session, entry):
        number, of = an_id("request", entry["request"]), an_id("request", entry.get("was", entry["request"]))
        appointment = an_id("appointment", str(entry))
        session.execute(
            text(
                """
                INSERT INTO appointment (id, reference, request_id, office_id, state, starts_at, ends_at, confirm_by,
                    created_at, ended_at, draw_id)
                SELECT :id, :reference, :request, min(id), :kind, at, at, at, at, at, CAST(:draw AS uuid)
                FROM office, (SELECT CAST(:at AS timestamptz) AS at) AS moment GROUP BY at
                ON CONFLICT DO NOTHING
                """
            ),
            {
                "id": appointment,
                "reference": appointment.hex[:16],
                "request": of,
                "draw": self.draw(session) if entry["drawn"] and not entry.get("changed") else None,
                **entry_of(entry),
            },
        )
        if entry.get("changed"):
            took_along = "UPDATE request SET link_draw = 'd1', link_list = 'line', link_row = 1 WHERE id = :request"
            session.execute(text(took_along), {"request": of})
        session.execute(
            text(
                """
                INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at)
                SELECT :id, id, account_id, device_hash, phone_hash, :kind, :at FROM request WHERE id = :request
                ON CONFLICT DO NOTHING
                """
            ),
            {"id": appointment, "request": number, **entry_of(entry)},
        )

    def _put_right(self, session, entry):
        session.execute(
            text(
                """
                INSERT INTO outcome_correction (id, appointment_id, kind, at, account_id, reason)
                SELECT gen_random_uuid(), appointment_id, :kind, :at, :clerk, 'seen' FROM outcome
                WHERE request_id = :request AND at = :ended
                """
            ),
            {
                "request": an_id("request", entry["request"]),
                "ended": entry["ended"],
                "clerk": self.clerk,
                **entry_of(entry),
            },
        )


def entry_of(entry):
    return {"kind": entry["kind"], "at": entry["at"]}


NOBODY = Attempt(account=an_id("account", "nobody"), device=b"", network=b"", phones=[], people=[])
"""Comes together with the others, and has no history."""


@pytest.fixture
def written(country):
    return Written(country, an_account(country), an_account(country))


def test_the_sql_statement_agrees_with_the_data_frames(country, written):
    @settings(max_examples=examples(15, nightly=40), suppress_health_check=list(HealthCheck))
    @given(entries() | passings() | drops())
    def agree(found):
        found = [entry for place, entry in enumerate(found) if "account" in entry or entry not in found[:place]]
        asks = a_history(*ASKS[:1])
        with country.sessions() as session:
            written.write(session, found)
            for ask, phones in ((ASKS[0], ["p"]), (ASKS[1], ["q"]), (ASKS[1], ["p", "q"])):
                asks = a_history(ask)
                attempt = Attempt(
                    account=an_id("account", ask["account"]),
                    device=ask["device"].encode(),
                    network=ask["network"].encode(),
                    phones=[phone.encode() for phone in phones],
                    people=[an_id("person", name) for name in ask["people"]],
                )
                _, seen = histories(session, [NOBODY, attempt], NOON)
                one_phone = asks.requests.assign(phone=min(phones))
                expected = window_facts(a_history(*found).with_one_phone(phones), one_phone, asks.people)
                assert seen.counts == expected.iloc[0].to_dict()
                assert pd.Series(seen.counts).ge(0).all()
            session.rollback()

    agree()


def test_a_history_is_read_only_to_its_latest_thousand_requests(country, written):
    with country.sessions() as session:
        written.write(session, [request("first", DAY, account="a", device="d")])
        session.execute(
            text(
                """
                INSERT INTO request (id, reference, account_id, service_id, door, state, party_size, units, first_day,
                    weekdays, bands, accessible, lost_draws, reschedules, nonce, receipt, device_hash, network_hash,
                    phone_hash, created_at)
                SELECT gen_random_uuid(), 'M' || n, account_id, service_id, door, state, party_size, units, first_day,
                    weekdays, bands, accessible, 0, 0, nonce, ('M' || n)::bytea, device_hash, network_hash, phone_hash,
                    created_at
                FROM request, generate_series(1, 1200) AS n WHERE reference = 'Rfirst'
                """
            )
        )
        attempt = Attempt(account=an_id("account", "a"), device=b"d", network=b"", phones=[b""], people=[])
        [seen] = histories(session, [attempt], NOON)
        session.rollback()

    assert seen.counts["requests_from_device_30d"] == 1_000
    assert seen.counts["requests_by_account_24h"] == 1_000
    assert seen.counts["requests_from_network_30d"] == 0


class Explains:
    """Stands in the place of a session: lets PostgreSQL run what is asked, and keeps how it did."""

    def __init__(self, session):
        self.session, self.plan = session, None

    def execute(self, statement, values):
        explained = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}")
        self.plan = self.session.execute(explained, values).scalar_one()[0]["Plan"]
        return []


def looked_up(plan, table):
    """How often the rows of a table were looked for."""
    here = plan["Actual Loops"] if plan.get("Relation Name") == table else 0
    return here + sum(looked_up(each, table) for each in plan.get("Plans", []))


def test_who_cancels_and_asks_for_one_person_all_day_costs_no_pair_of_them(country, written):
    asked = [request(number, DAY - number * 3 * INSTANT, account="a", phone="p") for number in range(120)]
    ends = [outcome(one["request"], DAY - one["request"] * 3 * INSTANT - INSTANT, "cancelled") for one in asked]
    person = an_id("person", "person")
    attempt = Attempt(account=an_id("account", "a"), device=b"", network=b"", phones=[b"p"], people=[person])
    with country.sessions() as session:
        written.write(session, asked + ends)
        session.execute(text("ANALYZE request, request_member, request_left, appointment, outcome"))
        explains = Explains(session)
        histories(explains, [attempt], NOON)
        session.rollback()

    assert looked_up(explains.plan, "request_member") < 20 * len(asked)


def read_whole(plan):
    """Which tables are read from end to end."""
    here = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return here.union(*(read_whole(each) for each in plan.get("Plans", [])))


def test_the_plan_that_is_kept_looks_everything_up_even_if_made_for_empty_tables(country):
    attempt = Attempt(an_id("account", "a"), b"d", b"n", [b"p"], [an_id("person", "person")])
    with country.sessions() as session:
        explains = Explains(session)
        histories(explains, [attempt], NOON)
        assert session.scalar(text("SHOW plan_cache_mode")) == "auto"

    assert read_whole(explains.plan) == set()
