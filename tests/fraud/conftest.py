from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis

from booking.platform.embedded import EmbeddedValkey
from fraud.facts import Facts, HardFacts
from fraud.limiting.limiter import Limit, Limiter, make_client
from fraud.limiting.redis_client import connect
from fraud.scoring.artifact import Artifact
from fraud.scoring.model import fit
from fraud.scoring.simulate import simulate
from tests.support.redis_cluster import RunningCluster

KEY = b"a key for tests only, 32 bytes.."


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory, _cluster: RunningCluster | None) -> Iterator[str]:
    if _cluster is not None:
        yield _cluster.url
        return
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey"), durable=False) as server:
        yield server.url


@pytest.fixture
def client(valkey_url: str) -> Iterator[redis.Redis]:
    # A patient client: on a busy machine a slow answer must not turn a test of the script into one of the outage.
    with connect(valkey_url, socket_timeout=20) as client:
        client.flushall()
        yield client


@pytest.fixture
def limiter(client):
    def make(*limits: tuple[str, int], workers: int = 1, hours: float = 1) -> Limiter:
        policy = {"ask": tuple(Limit(subject, timedelta(hours=hours), count) for subject, count in limits)}
        return Limiter(client, KEY, policy, workers=workers)

    return make


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def unreachable(tmp_path) -> redis.Redis:
    return make_client(f"unix://{tmp_path}/nobody.sock")


@pytest.fixture
def cut_off_limiter(unreachable, clock):
    def make(*limits: tuple[str, int], workers: int = 1) -> Limiter:
        policy = {"ask": tuple(Limit(subject, timedelta(hours=1), count) for subject, count in limits)}
        return Limiter(unreachable, KEY, policy, workers=workers, monotonic=clock)

    return make


INNOCENT = Facts(
    requests_from_device_1h=0,
    requests_from_device_24h=0,
    requests_from_device_30d=1,
    requests_from_network_1h=12,
    requests_from_network_24h=90,
    requests_from_network_30d=600,
    requests_with_phone_1h=0,
    requests_with_phone_24h=0,
    requests_with_phone_30d=0,
    requests_by_account_1h=0,
    requests_by_account_24h=0,
    requests_by_account_30d=0,
    requests_for_person_1h=0,
    requests_for_person_24h=0,
    requests_for_person_30d=0,
    people_on_device_30d=1,
    people_on_phone_30d=1,
    people_by_account=1,
    accounts_on_device_30d=1,
    accounts_on_phone_30d=1,
    account_age_hours=700.0,
    form_seconds=200.0,
    hour_of_day=11,
    cancellations_90d=0,
    no_shows_365d=0,
    lapsed_offers_365d=0,
    rebookings_30d=0,
    given_up_on_device_90d=0,
    given_up_on_phone_90d=0,
    odd_names=0,
    odd_numbers=0,
    people_with_one_birth_date=1,
    party_size=1,
    offices_ranked=2,
    km_to_nearest_office=8.0,
    asks_from_abroad=False,
    phone_is_registered_helper=False,
    reason_given=False,
    passport_days_left=30,
    identity_level=2,
    unproven_by_account=0,
    claims_ended_365d=0,
    asks_by_telephone=False,
    passed_on_by_account_30d=0,
    passed_on_with_phone_30d=0,
    handed_back_for_person_90d=0,
)


@pytest.fixture
def facts():
    def make(**changes: object) -> Facts:
        return Facts.from_mapping(INNOCENT.as_dict() | changes)

    return make


@pytest.fixture
def hard():
    def make(**changes: bool) -> HardFacts:
        sound = {
            "has_live_request": False,
            "registry_knows_person": True,
            "passport_valid_long": False,
            "reason_given": False,
            "application_pending": False,
            "age_eligible": True,
        }
        return HardFacts(**(sound | changes))

    return make


@pytest.fixture(scope="session")
def history():
    return simulate(seed=3, rows=8_000)


@pytest.fixture(scope="session")
def model(history) -> Artifact:
    return fit(history, seed=3)
