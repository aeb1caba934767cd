"""Two people at once: the versions stay in order, and whoever comes second is told why."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select

from booking.antifraud.gate.drafts import begin_draft, propose_draft
from booking.antifraud.gate.versions import RULES, propose_rules, publish_default_rules
from booking.country.core import audit
from booking.country.versions.steps import Done, activate, change_versions, roll_back
from booking.platform.base.errors import IllegalMoveError, MawidError
from booking.platform.models import RuleSetVersion
from tests.support.country import an_analyst
from tests.support.meanwhile import refused_after
from tests.support.waiting import PATIENCE

ROUNDS = 6
TEXT = """
[[rule]]
name = "rule-{name}"
when = "party_size >= 1"
then = "challenge"
say.ar = "نتحقق من الجميع اليوم."
say.en = "Everyone is checked today."
"""


def at_once(*acts):
    """Run all acts in the same moment; give what each returned, or the error that it told of."""
    gate = Barrier(len(acts), timeout=PATIENCE)

    def run(act):
        gate.wait()
        try:
            return act()
        except MawidError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def draft(country):
    author, numbers = an_analyst(country), iter(range(1_000))
    return lambda: propose_rules(country, source=TEXT.format(name=next(numbers)), by=author)


def active(core):
    with core.sessions() as session:
        assert audit.verify(session)
        return session.scalars(select(RuleSetVersion.version).where(RuleSetVersion.active)).all()


def test_two_drafts_activated_at_once_become_active_in_turn(country, draft):
    colleagues = an_analyst(country), an_analyst(country)
    for _ in range(ROUNDS):
        drafts = draft(), draft()
        answers = at_once(
            *(
                partial(activate, country, RULES, version=version, by=by, anyway=True)
                for version, by in zip(drafts, colleagues, strict=True)
            )
        )
        assert sorted(answer.version for answer in answers) == sorted(drafts)
        (now,) = active(country)
        assert now in drafts


def test_only_one_of_two_simultaneous_activations_of_a_draft_succeeds(country, draft):
    colleagues = an_analyst(country), an_analyst(country)
    for _ in range(ROUNDS):
        version = draft()
        answers = at_once(
            *(partial(activate, country, RULES, version=version, by=by, anyway=True) for by in colleagues)
        )
        assert [type(answer) for answer in answers if not isinstance(answer, Done)] == [IllegalMoveError]
        assert active(country) == [version]


def test_a_simultaneous_activation_and_rollback_leave_one_active_version(country, draft):
    one, other = an_analyst(country), an_analyst(country)
    activate(country, RULES, version=draft(), by=one, anyway=True)
    for _ in range(ROUNDS):
        version = draft()
        at_once(
            partial(activate, country, RULES, version=version, by=one, anyway=True),
            partial(roll_back, country, RULES, by=other),
        )
        assert len(active(country)) == 1


def test_simultaneous_proposals_get_different_numbers(country, draft):
    numbers = at_once(*[draft] * 6)

    assert sorted(numbers) == list(range(2, 8))


def test_two_processes_that_start_an_installation_make_one_first_version(core):
    assert at_once(*[lambda: publish_default_rules(core)] * 4) == [1, 1, 1, 1]
    assert active(core) == [1]


def test_proposing_a_draft_never_blocks_a_colleague_who_activates(country):
    by, source = an_analyst(country), TEXT.format(name="late")
    draft_id = begin_draft(country, by=by, title="Late")

    def propose():
        propose_draft(country, by=by, draft_id=draft_id, revision=1, title="Late", source=source, reason="It is time")

    refused = refused_after(
        country,
        change_versions,
        propose,
        then=lambda session: audit.append(session, at=country.clock.now(), actor="a", action="b", subject="c"),
    )
    assert refused is None
    assert active(country) == [1]
