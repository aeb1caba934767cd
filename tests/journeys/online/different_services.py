"""Few services that between them have all that makes a service's pages look different: a set cover of their traits."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from booking.country.packs.fields import Spec
from booking.country.packs.service import ServiceSpec
from booking.country.packs.service_form import FieldSpec, form_parts

ONLY_READ = {
    *("code", "name", "label", "description", "search", "agency", "group", "position"),
    *("legal", "source", "example"),
}
"""What pages say or do not show at all, and what makes none of them look different."""
NAMED = {"audience", "delivery", "kind", "type", "format", "by", "gender", "passport", "reason", "valid", "residence"}
"""Words of which a file has a choice; any other text or number is only there, or not."""


def different(services: Sequence[ServiceSpec]) -> list[ServiceSpec]:
    """Return services, each after those that must be there first, that have every trait that any service has."""
    ways = [with_firsts(one, services) for one in services]
    traits = {one.code: traits_of(one) for one in services}
    found, missing = dict[str, ServiceSpec](), set().union(*traits.values())

    def new(way: Mapping[str, ServiceSpec]) -> float:
        """Return how many missing traits a service brings, for each service that comes with it."""
        added = way.keys() - found.keys()
        return len(missing & set().union(*(traits[code] for code in added))) / max(len(added), 1)

    while missing:
        best = max(ways, key=new)
        missing -= set().union(*(traits[code] for code in best))
        found |= best
    return list(found.values())


def in_order(services: Sequence[ServiceSpec]) -> list[ServiceSpec]:
    """Return all services, each after those that must be there first."""
    found = dict[str, ServiceSpec]()
    for one in services:
        found |= with_firsts(one, services)
    return list(found.values())


def with_firsts(service: ServiceSpec, services: Sequence[ServiceSpec]) -> dict[str, ServiceSpec]:
    """Return a service by its code, after those that must be there first."""
    found = dict[str, ServiceSpec]()
    for first in service.prerequisites:
        for one in services:
            if one.code == first.service:
                found |= with_firsts(one, services)
    return found | {service.code: service}


def traits_of(service: ServiceSpec) -> set[str]:
    """Return what is there and what is not, how often, and how each question is asked."""
    traits = {*_traits("", service), f"{len(form_parts(service.fields))} parts", f"at once: {service.issued_at_once}"}
    for one in service.fields:
        asked = _asked_by(one)
        traits |= {f"{asked}, required: {one.required}", f"{asked}, hint: {one.hint is not None}"}
    return traits


def _traits(path: str, value: object) -> Iterator[str]:
    name = path.rpartition(".")[2]
    if isinstance(value, Spec):
        for field in set(type(value).model_fields) - ONLY_READ:
            yield from _traits(f"{path}.{field}", getattr(value, field))
    elif isinstance(value, tuple):
        yield f"{path}: {min(len(value), 2)}"
        for one in value:
            yield from _traits(path, one)
    elif value is None or isinstance(value, bool | Enum) or name in NAMED:
        yield f"{path}: {value}"
    else:
        yield f"{path} is there"


def _asked_by(field: FieldSpec) -> str:
    answer = field.answer
    told = (answer.type, answer.format, answer.const, answer.pattern is not None, (answer.max_length or 0) > 200)
    return f"{told} {min(len(field.choices), 10) // 10 if field.choices else None}"
