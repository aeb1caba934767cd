"""What the keeping of evidence can refuse."""

from booking.platform.base.errors import BusyError, MawidError


class EvidenceUnavailableError(MawidError):
    """The folder with the evidence does not give a file, or take one."""

    code = "evidence_unavailable"


class UploadRunningError(BusyError):
    """Another file of this account is being looked at: an account has one at a time."""

    code = "upload_running"
