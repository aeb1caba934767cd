"""What the active policy says of urgent cases."""

from sqlalchemy.orm import Session

from booking.catalogue.load import active_quota_policy
from booking.packs.quotas import UrgentLimits


def urgent_limits(session: Session) -> UrgentLimits:
    """Read the limits; what the policy does not say is as by default. Raises PolicyMissingError."""
    limits = active_quota_policy(session).limits
    return UrgentLimits.model_validate({k: v for k, v in limits.items() if k in UrgentLimits.model_fields})
