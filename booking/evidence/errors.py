"""What the keeping of evidence can refuse."""

from booking.errors import MawidError


class EvidenceUnavailableError(MawidError):
    """The folder with the evidence does not give a file, or take one."""

    code = "evidence_unavailable"
