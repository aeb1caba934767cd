"""Propose other lines for a trained model: the same scores, a challenge and a review from other values on."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from booking.antifraud.gate.versions import propose_model, usable
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.base.fields import latin_digits
from booking.platform.models import ModelVersion
from fraud.scoring.artifact import Artifact, Thresholds


def propose_lines(core: Core, *, version: int, challenge: str, review: str, by: UUID, reason: str) -> int:
    """Keep a model with other lines as a new draft version; return its number.

    Parameters
    ----------
    challenge, review
        Scores between 0 and 1 as they were typed, in digits of any script.

    Raises
    ------
    InvalidInputError
        A line is not a score, or a review would come before a challenge.
    ForbiddenError
        ``by`` is not an analyst.
    NotFoundError
        There is no such version.
    ModelUnusableError
        The version's file is damaged, or for another schema of facts.
    """
    lines, errors = {}, []
    for name, typed in (("challenge", challenge), ("review", review)):
        try:
            lines[name] = _score(name, typed)
        except FieldError as error:
            errors.append(error)
    if not errors and lines["review"] < lines["challenge"]:
        errors.append(FieldError("review", "review_before_challenge"))
    if errors:
        raise InvalidInputError(errors)
    model = model_of(core, version)
    measured = {
        name: value
        for name, value in model.about.get("metrics", {}).items()
        if not name.endswith(("_challenged", "_reviewed"))  # those were measured with the old lines
    }
    about = {**model.about, "metrics": measured, "lines_of": version}
    changed = replace(model, thresholds=Thresholds(lines["challenge"], lines["review"]), about=about)
    return propose_model(core, data=changed.to_bytes(), by=by, reason=reason)


def model_of(core: Core, version: int) -> Artifact:
    """Unpack a version of the gate's model; raises NotFoundError, ModelUnusableError."""
    with core.sessions() as session:
        data = session.scalar(select(ModelVersion.artifact).where(ModelVersion.version == version))
    if data is None:
        raise NotFoundError
    return usable(data)


def _score(name: str, typed: str) -> float:
    text = latin_digits(typed.strip()).replace("٫", ".").replace(",", ".")
    if not text:
        raise FieldError(name, "missing")
    try:
        score = float(text)
    except ValueError:
        raise FieldError(name, "no_score") from None
    if not 0 < score <= 1:
        raise FieldError(name, "no_score")
    return score
