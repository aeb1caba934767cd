"""What the gate does to each kind of asker, on simulated histories that the model has never seen.

Run with ``python benchmarks/fraud_gate.py``. Trains with one
seed, judges with ten others. The histories come from the same assumptions as the training
(`fraud/scoring/simulate.py`), so the shares say that the parts work together, not how real people would fare.
"""

import time

import pandas as pd

import fraud
from fraud.facts import FEATURES, Facts, HardFacts
from fraud.gate import Decision, judge
from fraud.rules.rule_set import default_rules
from fraud.scoring.simulate import simulate

TRAIN_SEED, TRAIN_ROWS = 1, 50_000
JUDGE_SEEDS, JUDGE_ROWS = range(100, 110), 5_000
SOUND = HardFacts(
    has_live_request=False,
    registry_knows_person=True,
    passport_valid_long=False,
    reason_given=False,
    application_pending=False,
    age_eligible=True,
)


def main() -> None:
    """Print the shares for each kind, mean and worst seed."""
    start = time.perf_counter()
    model, rules = fraud.train(TRAIN_SEED, TRAIN_ROWS), default_rules()
    print(f"trained on {TRAIN_ROWS:,} rows in {time.perf_counter() - start:.1f} s; metrics {model.about['metrics']}")
    rows = []
    for seed in JUDGE_SEEDS:
        history = simulate(seed, JUDGE_ROWS)
        for kind, record in zip(history["kind"], history[list(FEATURES)].to_dict("records"), strict=True):
            facts = Facts.from_mapping(record)
            verdict = judge(hard=SOUND, facts=facts, limits=None, rules=rules, model=model)
            rows.append((kind, seed, verdict.decision))
    judged = pd.DataFrame(rows, columns=["kind", "seed", "decision"])
    print(f"{'kind':<14}{'challenged':>12}{'worst seed':>12}{'reviewed':>12}{'worst seed':>12}  (percent)")
    honest = ~judged["kind"].isin({"broker", "bot", "rotating bot"})
    groups = {str(kind): part for kind, part in judged.groupby("kind")} | {"all honest": judged[honest]}
    for kind, part in groups.items():
        shares = [
            100 * (part["decision"] == decision).groupby(part["seed"]).mean()
            for decision in (Decision.CHALLENGE, Decision.REVIEW)
        ]
        print(f"{kind:<14}" + "".join(f"{share.mean():>12.2f}{share.max():>12.2f}" for share in shares))


if __name__ == "__main__":
    main()
