"""Refusals of the computation by which a device passes a check."""

from booking.platform.base.errors import MawidError


class WrongProofError(MawidError):
    """The device's computation is not a solution of ours: mistaken, altered, or made for something else."""

    code = "wrong_proof"


class ProofExpiredError(MawidError):
    """The computation was asked for too long ago."""

    code = "proof_expired"


class ProofSpentError(MawidError):
    """The solution was used before; each counts once."""

    code = "proof_spent"


class ProofNotEnoughError(MawidError):
    """Only the code from the phone passes this request."""

    code = "proof_not_enough"


class ProofUnavailableError(MawidError):
    """Whether a solution was used before cannot be known now, so none is accepted; the code still is."""

    code = "proof_unavailable"
