"""Passing a check by programs: the computation, what is refused, and how it is said."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from booking.antifraud.gate.versions import publish_limits, publish_rate_limits
from booking.platform.models import Account, Verdict
from fraud.limiting.text import default_limits_source
from tests.support.country import METRICS
from tests.support.proofs import packed, solution_of


@pytest.fixture
def checked(citizen, core, suspicious):
    """Make a citizen's program with a request that needs a check; give it and the request's path."""
    publish_limits(core, changes={"proof_tries": 3})

    def make():
        program = citizen()
        path = f"/requests/{program.ask().json()['reference']}"
        judged(core, score=0.0)
        return program, path

    return make


def judged(core, **verdict):
    with core.sessions.begin() as session:
        session.execute(update(Verdict).values(**verdict))


def prove(program, path, solution):
    return program.post(f"{path}/challenge-proof", {"solution": solution}, key="")


def test_a_program_computes_and_its_request_is_accepted(checked):
    amal, path = checked()
    offered = amal.get(f"{path}/challenge").json()
    assert offered["code_sent"] is False
    answer = prove(amal, path, solution_of(offered["proof"]))
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert answer.headers["ratelimit"].startswith('"account";r=9')
    assert amal.get(f"{path}/challenge").json()["code"] == "illegal_move"


def test_a_wrong_computation_is_explained_in_both_languages(checked, core, clock):
    amal, path = checked()
    other, elsewhere = checked()
    judged(core, score=0.0)
    late = solution_of(amal.get(f"{path}/challenge").json()["proof"])
    foreign = solution_of(other.get(f"{elsewhere}/challenge").json()["proof"])
    clock.advance(timedelta(hours=1))
    for sent, code, status in [
        (late, "proof_expired", 422),
        (foreign, "wrong_proof", 422),
        (packed({}, []), "wrong_proof", 422),
        ("x", "wrong_proof", 422),
    ]:
        titles = set()
        for language in ("ar", "en"):
            amal.language = language
            answer = prove(amal, path, sent)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert answer.headers["content-type"] == "application/problem+json"
            titles.add(answer.json()["title"])
        assert len(titles) == 2
    assert amal.get(path).json()["state"] == "challenged"


@pytest.mark.parametrize("body", [None, [], {}, {"solution": None}, {"solution": 7}, {"solution": {"counter": 1}}])
def test_a_body_that_is_not_a_solution_names_its_field(checked, body):
    amal, path = checked()
    answer = amal.post(f"{path}/challenge-proof", body, key="")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert amal.get(path).json()["state"] == "challenged"


@pytest.mark.parametrize(("size", "status"), [(2_001, 422), (60_000, 422), (70_000, 413)])
def test_a_huge_solution_is_refused_before_it_is_read(checked, size, status):
    amal, path = checked()
    assert prove(amal, path, "A" * size).status_code == status


def test_with_a_high_score_only_the_code_is_offered(checked, core):
    amal, path = checked()
    solution = solution_of(amal.get(f"{path}/challenge").json()["proof"])
    judged(core, score=0.9)
    assert amal.get(f"{path}/challenge").json()["proof"] is None
    answer = prove(amal, path, solution)
    assert (answer.status_code, answer.json()["code"]) == (409, "proof_not_enough")


def test_a_computation_belongs_to_the_session_that_asked_for_it(checked):
    amal, path = checked()
    solution = solution_of(amal.get(f"{path}/challenge").json()["proof"])
    amal.sign_in_again()
    assert prove(amal, path, solution).json()["code"] == "wrong_proof"


def test_a_fifth_code_in_a_quarter_hour_is_refused_and_the_last_still_works(checked, core):
    amal, path = checked()  # the code that confirmed the phone was counted apart, as strangers' are
    answers = [amal.post(f"{path}/challenge-codes") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 202, 429]
    problem = answers[-1].json()
    assert problem["code"] == "too_many_codes"
    assert "another way" in problem["detail"]
    assert 0 < problem["retry_after"] <= 15 * 60
    assert answers[-1].headers["retry-after"] == str(problem["retry_after"])


def test_codes_sent_and_held_back_are_counted_in_metrics(checked, client):
    amal, path = checked()
    for _ in range(5):
        amal.post(f"{path}/challenge-codes")
    text = client.get("/metrics", headers=METRICS).text
    assert 'mawid_codes_total{limit="",outcome="sent"} 4.0' in text
    assert 'mawid_codes_total{limit="phone",outcome="held_back"} 1.0' in text
    assert "mawid_code_budget_alerts_total 0.0" in text


def test_headers_of_a_reset_reveal_nothing_about_the_phone(citizen, core):
    amal = citizen()
    with core.sessions() as session:
        username = session.get(Account, amal.account_id).username
    tight = default_limits_source().replace('prefix = ["60 per hour", "200 per day"]', 'prefix = "1 per hour"')
    assert "1 per hour" in tight
    publish_rate_limits(core, source=tight)
    core.live_limits.refresh(core.sessions)

    known, unknown = ([program_headers(amal, name) for _ in range(3)] for name in (username, "no.one"))
    assert known == unknown


def program_headers(program, name):
    answer = program.post("/password-resets", {"username": name}, key="")
    told = {header: value.partition(";t=")[0] for header, value in answer.headers.items() if "ratelimit" in header}
    return answer.status_code, told
