"""Everything that can be refused, as plain exceptions; the web layer gives each a status and words."""

from typing import ClassVar

from fraud.limiting.limits import Limit


class MawidError(Exception):
    """Something the caller asked for is refused; nothing has changed."""

    code: ClassVar[str] = "refused"


class IllegalMoveError(MawidError):
    """A life cycle has no such move."""

    code = "illegal_move"

    def __init__(self, now: str, to: str) -> None:
        super().__init__(f"no move from {now} to {to}")


class NotFoundError(MawidError):
    """No such thing, or it belongs to someone else: the answer is the same on purpose."""

    code = "not_found"


class ForbiddenError(MawidError):
    """The account's role does not allow this."""

    code = "forbidden"


class OwnCaseError(ForbiddenError):
    """The case is about the officer's own person, household or phone; a colleague decides it."""

    code = "own_case"


class FieldError(MawidError):
    """One field of the input is unusable.

    ``field`` is the input's name, ``reason`` a stable word that the web layer translates,
    ``values`` what the sentence needs (a limit, a date).
    """

    code = "invalid_field"

    def __init__(self, field: str, reason: str, **values: str | int) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason, self.values = field, reason, values


class InvalidInputError(MawidError):
    """Several fields are unusable; all are listed, so that the person corrects once."""

    code = "invalid_input"

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(str(e) for e in errors))
        self.errors = errors


class AccountLeftError(MawidError):
    """The account was closed by its owner, perhaps at this moment: nothing begins in it any more."""

    code = "account_left"


class UsernameTakenError(MawidError):
    """Another account has this user name."""

    code = "username_taken"


class WrongCredentialsError(MawidError):
    """User name and password do not match; which one is wrong is not said."""

    code = "wrong_credentials"


class WrongCodeError(MawidError):
    """The one-time code is wrong, used, too old, or was tried too often."""

    code = "wrong_code"


class PhoneNotConfirmedError(MawidError):
    """The account must confirm its phone number first."""

    code = "phone_not_confirmed"


class HouseholdFullError(MawidError):
    """The account already acts for as many people as policy allows."""

    code = "household_full"


class PersonInUseError(MawidError):
    """The person is part of a live request, so the household cannot drop them now."""

    code = "person_in_use"


class AlreadyLiveError(MawidError):
    """One of the people already has a live request or appointment for this kind of service."""

    code = "already_live"


class SessionsUnavailableError(MawidError):
    """The session store does not answer, so nobody can be signed in or recognised now; trying again is safe."""

    code = "sessions_unavailable"


class TooManyAttemptsError(MawidError):
    """A rate limit was reached. ``retry_after`` is in whole seconds, ``limit`` the one to wait longest for."""

    code = "too_many_attempts"

    def __init__(self, retry_after: int, limit: Limit | None = None) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after, self.limit = retry_after, limit


class BusyError(MawidError):
    """So much of this work is under way already that no more is taken now. ``retry_after`` is in whole seconds."""

    code = "busy"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class TooManyCodesError(TooManyAttemptsError):
    """No code is sent now, to anyone: a limit on this phone, its range or network, or the day's budget, is reached.

    Which limit it was is not said, and the answer is the same whether or not anybody has the phone.
    """

    code = "too_many_codes"


class TooManyHoldsError(TooManyAttemptsError):
    """As many places as may be in a day were held for this account or phone and not confirmed."""

    code = "too_many_holds"


class DrawRunningError(MawidError):
    """The draw that holds this request is closed and not yet published; try again in a few minutes."""

    code = "draw_running"


class OfferLapsedError(MawidError):
    """The time to confirm the offered place is over."""

    code = "offer_lapsed"


class TooLateToCancelError(MawidError):
    """The appointment has begun or is over."""

    code = "too_late_to_cancel"


class SlotFullError(MawidError):
    """No place is left in this slot."""

    code = "slot_full"


class NotBookableError(MawidError):
    """The slot is not open for instant booking."""

    code = "not_bookable"


class HoldExpiredError(MawidError):
    """The hold on an instant place is over."""

    code = "hold_expired"


class AppealExistsError(MawidError):
    """The verdict was already appealed."""

    code = "appeal_exists"


class NothingToAppealError(MawidError):
    """Only a refusal can be appealed."""

    code = "nothing_to_appeal"


class CaseClosedError(MawidError):
    """The review case is decided, or went into another one."""

    code = "case_closed"


class CaseChangedError(MawidError):
    """The review case holds more than its reader saw: it must be read again before it is decided."""

    code = "case_changed"


class DrawNotReadyError(MawidError):
    """The draw is not in the state that this step needs, or its time has not come."""

    code = "draw_not_ready"


class LoggedOtherwiseError(MawidError):
    """The public log, which only grows, already says something else of this: once said, it is not said otherwise."""

    code = "logged_otherwise"


class IdempotencyConflictError(MawidError):
    """The same idempotency key came with different content."""

    code = "idempotency_conflict"


class PolicyMissingError(MawidError):
    """No quota policy, rule set or model is active; load the country pack and train first."""

    code = "policy_missing"


class SecondPersonNeededError(MawidError):
    """The person who proposed a version cannot make it active, and the system activates only the very first."""

    code = "second_person_needed"


class OtherOfficerNeededError(MawidError):
    """The officer made the decision that is appealed; an appeal is for someone else."""

    code = "other_officer_needed"


class FairnessBoundError(MawidError):
    """The model would trouble honest people of one group much more than others; ``group`` names it."""

    code = "fairness_bound"

    def __init__(self, group: str, explanation: str) -> None:
        super().__init__(explanation)
        self.group = group


class CapacityChangedError(MawidError):
    """Places that a closed draw counted on are gone; the draw changed nothing and must be repaired by staff."""

    code = "capacity_changed"


class TooManyMovesError(MawidError):
    """The appointment was moved as often as policy allows."""

    code = "too_many_moves"

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} moves")
        self.most = most


class VerdictError(MawidError):
    """The gate refused what registers and the database rule out; ``reasons`` have Arabic and English sentences."""

    code = "not_accepted"

    def __init__(self, reasons: list[dict[str, str]]) -> None:
        super().__init__(", ".join(reason["code"] for reason in reasons))
        self.reasons = reasons


class ReviewNeededError(VerdictError):
    """An officer must look at the request first, which takes longer than a place can be kept; the draw is open."""

    code = "review_needed"
