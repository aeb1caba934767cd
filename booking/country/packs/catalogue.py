"""The head of the catalogue: groups that services are shown in, and agencies that deliver them."""

from pydantic import Field

from booking.country.packs.fields import Code, OfficeKindCode, Sentence, Spec, Words


class GroupSpec(Spec):
    """Services that are shown together; ``code`` is also their folder, and groups come in the order of the file."""

    code: Code
    name: Words


class AgencySpec(Spec):
    """Who delivers a service. ``offices`` are the kinds of this pack's offices that receive people for it."""

    code: Code
    name: Words
    offices: tuple[OfficeKindCode, ...] = Field(strict=False, default=())
    source: Sentence
