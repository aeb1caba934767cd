"""What is judged and kept under a key happens once; who repeats it gets the answer of the first, whenever they come."""

import pytest
from sqlalchemy import func, select

from booking.country.core.idempotency import fingerprint_of, judged_once
from booking.platform.base.errors import IdempotencyConflictError, SlotFullError
from booking.platform.models import IdempotencyKey
from tests.support.country import an_account
from tests.support.meanwhile import right_after


class Work:
    """Some work of one account under one key, with all that was done of it in order."""

    def __init__(self, core, key="key"):
        self.core, self.account, self.key, self.done = core, an_account(core), key, []

    def act(self, name, *, content="the same", refuse=None):
        """Do it in the name of one of several who do the same; ``refuse`` is where it is refused."""

        def step(what):
            self.done.append((what, name))
            if refuse == what:
                raise SlotFullError
            return name

        return judged_once(
            self.core,
            account_id=self.account,
            key=self.key,
            fingerprint=fingerprint_of({"content": content}),
            judge=lambda _: step("judged"),
            result=lambda judged: judged,
            keep=lambda _, judged: step("kept") and f"{judged} did it",
            again=lambda _, result: f"{result} did it before",
        )

    @property
    def keys(self):
        """How many keys are claimed."""
        with self.core.sessions() as session:
            return session.scalar(select(func.count()).select_from(IdempotencyKey))


@pytest.fixture
def work(core):
    return Work(core)


def test_a_repetition_is_neither_judged_nor_kept_again(work):
    assert [work.act("amal"), work.act("karim")] == ["amal did it", "amal did it before"]
    assert work.done == [("judged", "amal"), ("kept", "amal")]
    with pytest.raises(IdempotencyConflictError):
        work.act("amal", content="another")


@pytest.mark.parametrize("refuse", [None, "judged"])
def test_a_twin_that_comes_before_the_key_is_claimed_gets_the_first_ones_answer(work, refuse):
    first = []
    with right_after(work.core, "FROM idempotency_key", lambda: first.append(work.act("amal"))):
        assert work.act("karim", refuse=refuse) == "amal did it before"
    assert first == ["amal did it"]
    assert ("kept", "karim") not in work.done


@pytest.mark.parametrize("refuse", ["judged", "kept"])
def test_what_is_refused_claims_no_key_and_may_be_tried_again(work, refuse):
    with pytest.raises(SlotFullError):
        work.act("amal", refuse=refuse)
    assert work.keys == 0
    assert work.act("amal") == "amal did it"
    assert work.keys == 1


def test_without_a_key_nothing_is_a_repetition(core):
    work = Work(core, key=None)
    assert [work.act("amal"), work.act("karim")] == ["amal did it", "karim did it"]
    assert work.keys == 0
