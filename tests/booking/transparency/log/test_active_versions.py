"""The versions that decide are in the public log, also where they became active before there was one."""

from hashlib import sha256

from sqlalchemy import select

from booking.antifraud.gate.versions import publish_default_rules
from booking.platform.models import LogPending, RuleSetVersion
from booking.platform.models.states import VersionState
from booking.transparency.log.entries import read_entry
from booking.transparency.log.log import sequence
from booking.transparency.log.views import VERSION, log_unsaid
from fraud.rules.rule_set import default_rules_source


def said(core):
    with core.sessions() as session:
        found = session.scalars(select(LogPending.body).where(LogPending.kind == VERSION))
        return [read_entry(one) for one in found]


def test_version_from_before_the_log_is_said_once(core):
    now, source = core.clock.now(), default_rules_source()
    active = {"state": VersionState.ACTIVE, "active": True, "bootstrap": True, "created_at": now, "activated_at": now}
    with core.sessions.begin() as session:
        session.add(RuleSetVersion(version=1, source=source, **active))
    log_unsaid(core)
    log_unsaid(core)
    (entry,) = said(core)
    assert (entry["kind"], entry["version"]) == ("rules", 1)
    assert entry["sha256"] == sha256(source.encode()).hexdigest()
    sequence(core)
    log_unsaid(core)
    assert said(core) == []


def test_version_that_the_log_has_is_not_said_again(core):
    publish_default_rules(core)
    log_unsaid(core)
    assert len(said(core)) == 1
