"""The short check that a challenged request has to pass: the device computes; where that fails, a code comes."""

import math

import numpy as np

from fraud.attackers.agents import Ask
from fraud.attackers.gatehouse import SeasonLimits, code_subjects
from fraud.attackers.parameters import CODE_FROM
from fraud.challenges.proof_of_work import Risk, tries_for

BASE_TRIES, MOST_TRIES, SECONDS_A_TRY = 160, 2_560, 0.000_8
"""Of a computation, as in the first quota policy; a try on one core of a rented machine (docs/checks.md)."""


def answer_check(ask: Ask, limits: SeasonLimits, chance: np.random.Generator, at: float) -> tuple[bool, float]:
    """Take the check ``at``; return whether it is passed, else the seconds until a code can be sent, 0 for never."""
    habits, subjects = ask.kind.habits, code_subjects(ask)
    if not ask.check and not ask.score >= CODE_FROM and not limits.attempt("proof", at, subjects):
        ask.check = "proof"
        score = 0.0 if math.isnan(ask.score) else ask.score
        ask.proof_seconds += tries_for(Risk(score=score), base=BASE_TRIES, most=MOST_TRIES) / 2 * SECONDS_A_TRY
        if chance.random() < habits.passes_proof:
            return True, 0.0
    ask.check = "code"
    if wait := limits.attempt("code", at, subjects):
        return False, wait
    ask.codes += 1
    return chance.random() < habits.passes_code, 0.0
