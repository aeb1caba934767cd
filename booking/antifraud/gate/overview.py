"""What decides at present: the active versions of every policy, and the last draw."""

from dataclasses import dataclass

from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import Draw, ModelVersion, QuotaPolicy, RuleSetVersion
from booking.platform.models.states import DrawState


@dataclass(frozen=True, slots=True)
class Policies:
    """The active versions; None where none is active."""

    quota: QuotaPolicy | None
    rules: RuleSetVersion | None
    model: ModelVersion | None
    last_draw: Draw | None


def active_policies(core: Core) -> Policies:
    """Return what decides at present, and the draw that was published last."""
    with core.sessions() as session:
        return Policies(
            quota=session.scalar(select(QuotaPolicy).where(QuotaPolicy.active)),
            rules=session.scalar(select(RuleSetVersion).where(RuleSetVersion.active)),
            model=session.scalar(select(ModelVersion).where(ModelVersion.active)),
            last_draw=session.scalar(
                select(Draw).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.published_at.desc()).limit(1)
            ),
        )
