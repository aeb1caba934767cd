"""Rate limits as versions of policy: published, followed by running processes, named by verdicts."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from booking.antifraud.gate.versions import publish_rate_limits
from booking.country.core import audit
from booking.country.core.attempts import charge
from booking.country.core.live_limits import LOOK_EVERY_SECONDS, LiveLimits
from booking.entrypoints.commands.fraud_limits import active_limits
from booking.platform.base.errors import TooManyAttemptsError
from booking.platform.models import Account, AuditEntry, LimitSetVersion, Verdict
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.withdraw import withdraw
from fraud.limiting.limiter import Limiter, make_client
from fraud.limiting.limits import PolicyError
from fraud.limiting.text import default_limits, default_limits_source, parse_limits
from tests.support.country import a_member, a_request, a_wish, an_account, an_origin

STRICT = default_limits_source().replace('device = ["30 per hour", "60 per day"]', 'device = "2 per hour"')


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def process(core, redis_url, seconds):
    """A core as another process has it: with a limiter and a look at the limits of its own."""
    limiter = Limiter(make_client(redis_url), core.vault.key("limiter"))
    return replace(core, limiter=limiter, live_limits=LiveLimits(limiter, seconds))


def test_published_limits_reach_running_processes_within_seconds(core, process, seconds):
    charge(process, "ask", {"device": "d"})
    publish_rate_limits(core, source=STRICT)
    charge(process, "ask", {"device": "d"})

    seconds.now += LOOK_EVERY_SECONDS
    charge(process, "ask", {"device": "d"})

    with pytest.raises(TooManyAttemptsError) as refused:
        charge(process, "ask", {"device": "d"})
    assert refused.value.limit.count == 2
    assert process.limiter.version == parse_limits(STRICT).version


def test_a_faulty_set_of_limits_changes_nothing(core, process):
    version = publish_rate_limits(core, source=STRICT)

    with pytest.raises(PolicyError, match="line"):
        publish_rate_limits(core, source=STRICT.replace("device =", "devise =", 1))

    charge(process, "ask", {"device": "d"})
    assert process.limiter.version == parse_limits(STRICT).version
    with core.sessions() as session:
        assert session.scalar(select(LimitSetVersion.version).where(LimitSetVersion.active)) == version


def test_each_new_text_of_limits_is_kept_as_a_logged_version(core):
    versions = [publish_rate_limits(core, source=text) for text in (STRICT, STRICT, default_limits_source(), STRICT)]

    assert versions == [1, 1, 2, 3]
    with core.sessions() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
        assert actions == ["rate_limits.activated"] * 3
        assert audit.verify(session) == 3


def test_an_unreadable_stored_set_leaves_the_earlier_limits(core, process, seconds):
    publish_rate_limits(core, source=STRICT)
    charge(process, "ask", {"device": "d"})
    with core.sessions.begin() as session:
        session.execute(update(LimitSetVersion).values(source="[dance]", digest="of tomorrow"))

    seconds.now += LOOK_EVERY_SECONDS
    charge(process, "ask", {"device": "d"})

    assert process.limiter.version == parse_limits(STRICT).version


def test_a_verdict_names_the_limits_that_judged(country):
    account, asked = a_request(country)
    withdraw(country, account_id=account, reference=asked.reference)

    with country.sessions() as session:
        assert session.scalars(select(Verdict)).one().versions["limits"] == default_limits().version
    assert set(country.gate_times.read()) == {"limits", "facts", "hard", "rules", "score"}


def test_a_registered_helper_has_the_limits_of_helpers(country):
    text = default_limits_source().replace('person = "8 per hour"', 'person = "100 per hour"', 1)
    text = text.replace('account = "30 per hour"', 'account = "1 per hour"', 1)
    publish_rate_limits(country, source=text)
    account = an_account(country)
    members = [a_member(country, account, name=f"شخص خيالي {n}") for n in range(3)]
    ask(country, account_id=account, wish=a_wish((members[0],)), origin=an_origin())
    with pytest.raises(TooManyAttemptsError):
        ask(country, account_id=account, wish=a_wish((members[1],)), origin=an_origin())

    with country.sessions.begin() as session:
        session.get_one(Account, account).registered_helper = True

    for member in members[1:]:
        ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())


def test_the_command_checks_and_shows_limits(core, tmp_path):
    from booking.entrypoints.commands.fraud import app  # noqa: PLC0415 - the command line is this test's alone

    sound, faulty = tmp_path / "sound.toml", tmp_path / "faulty.toml"
    sound.write_text(STRICT, encoding="utf-8")
    faulty.write_text(STRICT.replace('"5000 per hour"', '"5000 per huor"', 1), encoding="utf-8")

    good = CliRunner().invoke(app, ["limits", str(sound), "--check"])
    bad = CliRunner().invoke(app, ["limits", str(faulty)])
    publish_rate_limits(core, source=STRICT)

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "did you mean hour" in bad.output
    assert "line" in bad.output
    assert active_limits(core) == STRICT
