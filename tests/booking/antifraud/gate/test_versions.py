from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from booking.antifraud.gate.versions import (
    MODEL,
    RULES,
    propose_model,
    propose_rules,
    publish_default_rules,
    publish_model,
)
from booking.country.core import audit
from booking.country.versions.steps import activate, retire, roll_back, start_shadow
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, NotFoundError, SecondPersonNeededError
from booking.platform.models import AuditEntry, ModelVersion, RuleSetVersion, ShadowVerdict, Verdict
from booking.platform.models.states import VersionState
from fraud import train
from fraud.rules.rule_set import RuleError
from tests.booking.antifraud.gate.versions_in_force import TEXT, active, judged_by
from tests.support.country import a_request, an_account, an_analyst


def test_rules_are_proposed_by_one_analyst_and_activated_by_another(country, analysts):
    author, colleague = analysts
    version = propose_rules(country, source=TEXT.format(name="everyone"), by=author)
    assert active(country, RuleSetVersion) == 1

    with pytest.raises(SecondPersonNeededError):
        activate(country, RULES, version=version, by=author)
    assert active(country, RuleSetVersion) == 1

    activate(country, RULES, version=version, by=colleague, anyway=True)
    assert active(country, RuleSetVersion) == version
    assert judged_by(country)["rule_set"] == str(version)


def test_a_model_is_seen_in_shadow_before_another_analyst_activates_it(country, analysts, another_model):
    author, colleague = analysts
    version = propose_model(country, data=another_model.to_bytes(), by=author)
    with pytest.raises(IllegalMoveError):
        activate(country, MODEL, version=version, by=colleague)

    start_shadow(country, MODEL, version=version, by=author)
    assert active(country, ModelVersion) == 1
    with pytest.raises(SecondPersonNeededError):
        activate(country, MODEL, version=version, by=author)
    activate(country, MODEL, version=version, by=colleague)

    assert judged_by(country)["model"].startswith(f"{version}:")


def test_a_rollback_restores_the_version_before_with_a_second_person(country, analysts):
    author, colleague = analysts
    for name in ("first", "second"):
        version = propose_rules(country, source=TEXT.format(name=name), by=author)
        country.clock.advance(timedelta(hours=1))
        activate(country, RULES, version=version, by=colleague, anyway=True)

    with pytest.raises(SecondPersonNeededError):
        roll_back(country, RULES, by=author)
    assert roll_back(country, RULES, by=colleague).version == 2
    assert active(country, RuleSetVersion) == 2
    # Going back once more goes further back, and never forth to what was just taken away.
    assert roll_back(country, RULES, by=colleague).version == 1
    with pytest.raises(NotFoundError):
        roll_back(country, RULES, by=colleague)
    assert roll_back(country, RULES, by=colleague, to=3).version == 3
    assert roll_back(country, RULES, by=colleague).version == 2
    with pytest.raises(NotFoundError):
        roll_back(country, RULES, by=colleague, to=99)


@pytest.mark.neighbours
def test_a_rollback_never_returns_to_a_draft_that_was_not_active(country, analysts):
    propose_rules(country, source=TEXT.format(name="draft"), by=analysts[0])

    with pytest.raises(NotFoundError):
        roll_back(country, RULES, by=analysts[1])


def test_each_step_is_logged(country, analysts, another_model):
    author, colleague = analysts
    version = propose_model(country, data=another_model.to_bytes(), by=author)
    start_shadow(country, MODEL, version=version, by=author)
    activate(country, MODEL, version=version, by=colleague)
    roll_back(country, MODEL, by=colleague)

    with country.sessions() as session:
        assert audit.verify(session)
        steps = session.execute(
            select(AuditEntry.action, AuditEntry.account_id)
            .where(AuditEntry.action.startswith("model."))
            .order_by(AuditEntry.sequence)
        ).all()
    assert [tuple(step) for step in steps] == [
        ("model.activated", None),
        ("model.proposed", author),
        ("model.shadow", author),
        ("model.activated", colleague),
        ("model.rolled_back", colleague),
    ]


@pytest.mark.neighbours
def test_only_analysts_propose_and_activate(country, analysts, another_model):
    citizen = an_account(country)
    with pytest.raises(ForbiddenError):
        propose_rules(country, source=TEXT.format(name="mine"), by=citizen)
    version = propose_rules(country, source=TEXT.format(name="ours"), by=analysts[0])
    for act in (
        lambda: activate(country, RULES, version=version, by=citizen, anyway=True),
        lambda: roll_back(country, RULES, by=citizen),
        lambda: start_shadow(country, MODEL, version=1, by=citizen),
    ):
        with pytest.raises(ForbiddenError):
            act()
    with pytest.raises(NotFoundError):
        activate(country, RULES, version=99, by=analysts[1], anyway=True)


def test_the_system_activates_only_the_very_first_version(core, another_model):
    assert publish_default_rules(core) == 1
    assert publish_model(core, artifact=another_model) == 1
    # Again is the same as once: what is active stays.
    assert publish_default_rules(core) == 1
    assert publish_model(core, artifact=train(seed=3, rows=4_000)) == 1


def test_the_system_never_activates_a_draft(core):
    propose_rules(core, source=TEXT.format(name="draft"), by=an_analyst(core))

    with pytest.raises(SecondPersonNeededError):
        publish_default_rules(core)


@pytest.mark.neighbours
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rule_set_version SET state = 'active', active = true, activated_at = now(), activated_by = created_by",
        "UPDATE rule_set_version SET state = 'active', active = true, activated_at = now()",
        "UPDATE rule_set_version SET state = 'active', active = true",
        "UPDATE rule_set_version SET active = true",
        "UPDATE rule_set_version SET bootstrap = true",
        "UPDATE rule_set_version SET created_by = NULL",
        "UPDATE rule_set_version SET source = ''",
        "DELETE FROM rule_set_version",
    ],
)
def test_the_database_enforces_the_rule_of_two_people(country, analysts, statement):
    """Even whoever can write SQL with the application's role cannot slip a draft in."""
    version = propose_rules(country, source=TEXT.format(name="alone"), by=analysts[0])
    with country.sessions() as session:
        session.execute(text("UPDATE rule_set_version SET state = 'retired', active = false WHERE version = 1"))
        with pytest.raises(DBAPIError):
            session.execute(text(f"{statement} WHERE version = {version}"))

    assert active(country, RuleSetVersion) == 1


@pytest.mark.neighbours
def test_a_version_cannot_be_inserted_as_active(country, analysts):
    for extra in (
        {"bootstrap": True},
        {"bootstrap": False, "activated_by": analysts[1]},
        {"bootstrap": False, "state": VersionState.DRAFT, "activated_at": None, "created_by": None},
    ):
        row = RuleSetVersion(
            version=50,
            source="",
            active=False,
            created_at=country.clock.now(),
            **{
                "state": VersionState.RETIRED,
                "created_by": analysts[0],
                "activated_at": country.clock.now(),
                **extra,
            },
        )
        with pytest.raises(DBAPIError), country.sessions.begin() as session:
            session.add(row)


@pytest.mark.neighbours
def test_faulty_rules_are_refused_and_the_old_ones_stay(country, analysts):
    with pytest.raises(RuleError):
        propose_rules(country, source=TEXT.format(name="x").replace("party_size", "party_sise"), by=analysts[0])

    assert judged_by(country)["rule_set"] == "1"


def test_rules_in_shadow_judge_every_request_without_deciding(country, analysts):
    version = propose_rules(country, source=TEXT.format(name="everyone"), by=analysts[0])
    start_shadow(country, RULES, version=version, by=analysts[0], reason="To see")

    assert judged_by(country)["rule_set"] == "1"
    with country.sessions() as session:
        decided = session.scalars(select(Verdict.decision)).all()
        beside = session.execute(select(ShadowVerdict.rules_version, ShadowVerdict.decision, ShadowVerdict.fired)).all()
    assert decided == ["accept"]
    assert [tuple(row) for row in beside] == [(version, "challenge", ["everyone"])]


def test_a_shadow_can_be_ended_but_the_active_version_cannot(country, analysts):
    version = propose_rules(country, source=TEXT.format(name="everyone"), by=analysts[0])
    start_shadow(country, RULES, version=version, by=analysts[0])
    retire(country, RULES, version=version, by=analysts[1])

    a_request(country)
    with country.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ShadowVerdict)) == 0
    with pytest.raises(IllegalMoveError):
        retire(country, RULES, version=1, by=analysts[1])
