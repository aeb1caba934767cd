"""What a dialogue can do: each act by its name in the pack, returning what came of it."""

from collections.abc import Callable, Mapping
from typing import Final

from booking.desk.telephone import asking, following, proof
from booking.desk.telephone.turn import Turn

ACTS: Final[Mapping[str, Callable[[Turn], str]]] = {
    "send-code": proof.send_code,
    "check-code": proof.check_code,
    "check-second": proof.check_second,
    "find-draft": asking.find_draft,
    "take-up": asking.take_up,
    "drop-draft": asking.drop_draft,
    "find-requests": following.find_requests,
    "tell": following.tell_status,
    "confirm": following.confirm,
    "give-up": following.give_up_one,
    "begin": asking.begin,
    "need-reason": asking.need_reason,
    "check-people": asking.check_people,
    "review": asking.review,
    "ask": asking.send,
    "answer": asking.answer,
}
