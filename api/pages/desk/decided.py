"""An officer's answer to a review case as its form sends it."""

from typing import TypedDict

from api.pages.shared.forms import Form


class Decided(TypedDict):
    """What was decided of a case as it was when the officer read it, and why."""

    revision: int
    decision: str
    note: str


def decided(form: Form) -> Decided:
    """Read an answer."""
    return Decided(revision=form.number("revision"), decision=form.text("decision"), note=form.text("note"))
