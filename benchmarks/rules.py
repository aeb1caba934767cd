"""The cost of a rule set: 50 rules of an analyst's usual length, beside the same conditions as plain Python.

Run with ``./run bench rules``. Two floors stand beside it in the same run: the conditions typed as Python functions by
a trusted hand, and Python's own compiled ``eval`` over a dictionary, which is not safe.
"""

import statistics
import time
from collections.abc import Callable
from types import CodeType

from fraud.facts import SCHEMA, Facts
from fraud.rules.rule_set import parse_rules

RULES, ROUNDS, TIMES = 50, 7, 2_000
WHEN = (
    "people_on_phone_30d > {n} and not phone_is_registered_helper",
    "requests_from_device_1h > {n} and form_seconds < 5 or requests_from_device_24h > {n} * 3",
    "cancellations_90d + lapsed_offers_365d > {n} and people_by_account > 3 and not phone_is_registered_helper",
    "requests_from_network_1h > 400 and account_age_hours < 2 and form_seconds < {n}",
    "rebookings_30d > {n} or (given_up_on_device_90d > {n} and accounts_on_device_30d >= 3)",
)
SAY = 'say = {ar = "سبب", en = "A reason"}'


def main() -> None:
    """Print the time of judging one request by all rules, median of the rounds, in microseconds."""
    conditions = [WHEN[number % len(WHEN)].format(n=100 + number) for number in range(RULES)]
    text = "\n".join(
        f'[[rule]]\nname = "rule-{number}"\nwhen = "{when}"\nthen = "challenge"\n{SAY}\n'
        for number, when in enumerate(conditions)
    )
    facts = Facts.from_mapping(
        {fact.name: False if fact.kind == "flag" else max(fact.low, 1) for fact in SCHEMA} | {"form_seconds": 100.0}
    )
    rules = parse_rules(text)
    began = time.perf_counter()
    parse_rules(text)
    parsing = time.perf_counter() - began
    names = {fact.name for fact in SCHEMA}
    typed = [_typed(when, names) for when in conditions]
    codes = [compile(when, "rule", "eval") for when in conditions]
    values = facts.as_dict()
    costs = _together(
        {
            f"{RULES} rules, the gate's": lambda: rules.judge(facts),
            f"{RULES} conditions as typed Python functions": lambda: [test for test in typed if test(facts)],
            f"{RULES} conditions by compiled eval (unsafe)": lambda: [code for code in codes if _eval(code, values)],
        }
    )
    print(f"{'':<48}{'p50 us':>10}{'p99 us':>10}")
    for name, (median, worst) in costs.items():
        print(f"{name:<48}{median:>10.1f}{worst:>10.1f}")
    print(f"reading and checking {RULES} rules: {parsing * 1000:.1f} ms; the target is 200 us a request")


def _typed(when: str, names: set[str]) -> Callable[[Facts], bool]:
    source = " ".join(
        f"facts.{word}" if word in names else word for word in when.replace("(", "( ").replace(")", " )").split()
    )
    return eval(f"lambda facts: {source}")  # noqa: S307 - this file's own text


def _eval(code: CodeType, values: dict[str, int | float | bool]) -> bool:
    return bool(eval(code, {"__builtins__": {}}, values))  # noqa: S307 - this file's own text


def _together(jobs: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """Time the jobs in turns, so that a busy machine is busy for all of them."""
    medians: dict[str, list[float]] = {name: [] for name in jobs}
    worst: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            spent = []
            for _ in range(TIMES):
                began = time.perf_counter_ns()
                job()
                spent.append((time.perf_counter_ns() - began) / 1000)
            cuts = statistics.quantiles(spent, n=100)
            medians[name].append(cuts[49])
            worst[name].append(cuts[98])
    return {name: (statistics.median(medians[name]), statistics.median(worst[name])) for name in jobs}


if __name__ == "__main__":
    main()
