"""Time the whole gate but for the database: limits on a real Valkey, hard facts, 50 rules and the model.

Run with ``python benchmarks/gate_crowd.py [CLIENTS] [PROCESSES]``: that many clients, spread over web processes. First
one client alone; then all, each asking ``PACE`` times a second; then all, each asking again as soon as it is judged, so
that processes and server share the cores at full load and every client waits for every other. Facts come from a
simulated history; what reading them costs is the database's and not here.
"""

import multiprocessing
import random
import statistics
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import fraud
from booking.platform.embedded import EmbeddedValkey
from fraud.facts import FEATURES, Facts, HardFacts
from fraud.gate import judge
from fraud.limiting.limiter import Limit, Limiter, make_client
from fraud.rules.rule_set import default_rules_source, parse_rules
from fraud.scoring.artifact import Artifact
from fraud.scoring.simulate import simulate

VERDICTS = 6_000
PACE = 10
RULES = 50
SUBJECTS = ("network", "device", "account", "person", "phone", "office")
POLICY = {"ask": tuple(Limit(subject, timedelta(hours=1), 100_000) for subject in SUBJECTS)}
SOUND = HardFacts(
    has_live_request=False,
    registry_knows_person=True,
    passport_valid_long=False,
    reason_given=False,
    application_pending=False,
    age_eligible=True,
)
STAGES = ("limits", "hard", "rules", "score", "whole")
Times = dict[str, list[float]]


def fifty_rules() -> str:
    """Write the default rules and more like them, until there are fifty."""
    source = default_rules_source()
    for number in range(RULES - len(parse_rules(source).rules)):
        source += f"""
[[rule]]
name = "more-{number}"
when = "people_on_phone_30d > {20 + number} and not phone_is_registered_helper and party_size > {number % 7}"
then = "challenge"
say.ar = "نطلب خطوة تأكيد قصيرة."
say.en = "We ask for one short check."
"""
    return source


def client(
    limiter: Limiter, model: Artifact, rows: list[Facts], verdicts: int, pace: float, name: str, times: Times
) -> None:
    """Ask as one client does, and note the seconds of each stage."""
    rules = parse_rules(fifty_rules())
    chance = random.Random(name)  # noqa: S311 -- it only spreads requests over time
    mine: Times = {stage: [] for stage in STAGES}
    for number in range(verdicts):
        if pace:
            time.sleep(chance.expovariate(pace))
        subjects = {subject: f"{subject} {name} {number % 50}" for subject in SUBJECTS}
        facts = rows[number % len(rows)]
        start = time.perf_counter()
        limits = limiter.attempt("ask", subjects)
        charged = time.perf_counter()
        verdict = judge(hard=SOUND, facts=facts, limits=limits, rules=rules, model=model)
        whole = time.perf_counter() - start
        for stage, seconds in {"limits": charged - start, **verdict.seconds, "whole": whole}.items():
            mine[stage].append(seconds)
    for stage, seconds in mine.items():
        times[stage] += seconds


def process(
    url: str, artifact: bytes, clients: int, verdicts: int, pace: float, start: object, answers: object
) -> None:
    """Be one web process with some clients."""
    model, limiter = (
        Artifact.from_bytes(artifact),
        Limiter(make_client(url), b"a benchmark's key, 32 bytes long", POLICY),
    )
    rows = [Facts.from_mapping(one) for one in simulate(7, 2_000)[list(FEATURES)].to_dict("records")]
    client(limiter, model, rows, 200, 0, "warm up", {stage: [] for stage in STAGES})
    start.wait()
    times: Times = {stage: [] for stage in STAGES}
    names = [f"{multiprocessing.current_process().name} {number}" for number in range(clients)]
    threads = [
        threading.Thread(target=client, args=(limiter, model, rows, verdicts, pace, name, times)) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put((times, limiter.counts()["degraded"]))


def crowd(url: str, artifact: bytes, clients: int, processes: int, pace: float = 0) -> None:
    """Print what each stage took, in one run with so many clients."""
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(processes + 1), context.Queue()
    each = clients // processes
    verdicts = VERDICTS // clients
    given = (url, artifact, each, verdicts, pace, start, answers)
    workers = [context.Process(target=process, args=given) for _ in range(processes)]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.perf_counter()
    found = [answers.get() for _ in workers]
    took = time.perf_counter() - began
    for worker in workers:
        worker.join()
    how = f"{pace:.0f} requests a second each" if pace else "never resting"
    degraded = sum(degraded for _, degraded in found)
    print(f"\n{clients} clients, {processes} processes, {how}")
    print(f"{clients * verdicts / took:,.0f} verdicts a second, {degraded} degraded")
    print(f"{'stage':<10}{'p50 us':>10}{'p99 us':>10}")
    for stage in STAGES:
        cuts = statistics.quantiles([seconds for times, _ in found for seconds in times[stage]], n=100)
        print(f"{stage:<10}{cuts[49] * 1e6:>10,.0f}{cuts[98] * 1e6:>10,.0f}")


def main() -> None:
    """Print a table for one client, one for a crowd, and one for a crowd that never rests."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    artifact = fraud.train(1, 8_000).to_bytes()
    with tempfile.TemporaryDirectory() as folder, EmbeddedValkey(Path(folder)) as server:
        crowd(server.url, artifact, 1, 1)
        crowd(server.url, artifact, clients, processes, PACE)
        crowd(server.url, artifact, clients, processes)


if __name__ == "__main__":
    main()
