"""What must hold between a service and the rest of its pack. Each function finds the breaches and stops at none."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath

from booking.country.packs.answers import check_answers
from booking.country.packs.fields import AgencySpec, GroupSpec, Words
from booking.country.packs.quotas import QuotaSpec
from booking.country.packs.reading import Placed, Problem
from booking.country.packs.schema import CountrySpec, ReasonSpec
from booking.country.packs.service import (
    ABOUT_THE_HOLDER,
    AppointmentSpec,
    DocumentSpec,
    FeeSpec,
    PrerequisiteSpec,
    ServiceSpec,
    WhenSpec,
)
from booking.country.packs.service_form import FieldSpec


def stands_in_its_place(service: Placed[ServiceSpec]) -> Iterator[Problem]:
    """Anyone who looks for a service finds it: its file has its name, in the folder of its group."""
    path = PurePosixPath(service.source.file)
    if path.stem != service.spec.code:
        yield service.problem(f'the file is called {path.name}: write code = "{path.stem}", or rename the file', "code")
    if len(path.parts) > 2 and path.parent.name != service.spec.group:  # noqa: PLR2004 - services/<group>/<file>
        folder = path.parent.name
        yield service.problem(
            f'the file is in the folder {folder}: write group = "{folder}", or move the file', "group"
        )


def services_are_sound(
    services: Iterable[Placed[ServiceSpec]],
    groups: Iterable[Placed[GroupSpec]],
    agencies: Iterable[Placed[AgencySpec]],
    reasons: Iterable[Placed[ReasonSpec]],
    country: CountrySpec,
    quotas: QuotaSpec | None,
) -> Iterator[Problem]:
    """Each service belongs to a known group and agency, fits into one slot, and tells its audience what to pay."""
    known = {reason.spec.code for reason in reasons}
    group_codes = [group.spec.code for group in groups]
    by_code = {agency.spec.code: agency.spec for agency in agencies}
    for service in services:
        spec = service.spec
        if spec.group not in group_codes:
            yield service.problem(unknown("group", spec.group, group_codes), "group")
        if spec.agency not in by_code:
            yield service.problem(unknown("agency", spec.agency, by_code), "agency")
        elif spec.at_an_office:
            yield from _agency_receives(service, by_code[spec.agency])
        if spec.appointment is not None:
            yield from _fits_an_office(service, spec.appointment, country, quotas)
        for index, code in enumerate(spec.eligibility.reasons):
            if code not in known:
                yield service.problem(unknown("reason", code, known), "eligibility", "reasons", index)
        yield from _papers_and_prices_are_clear(service)


def unknown(kind: str, code: str, known: Collection[str]) -> str:
    """Return a message that a code is unknown, and which known one is nearest."""
    nearest = get_close_matches(code, known, n=1)
    return f"unknown {kind} {code}" + (f'; did you mean "{nearest[0]}"?' if nearest else "")


def _agency_receives(service: Placed[ServiceSpec], agency: AgencySpec) -> Iterator[Problem]:
    needed = {"resident": ["branch"], "expatriate": ["consulate"]}.get(service.spec.audience, ["branch", "consulate"])
    for kind in needed:
        if kind not in agency.offices:
            yield service.problem(
                f'{agency.code} receives nobody at a {kind}: write delivery = "online", or add it to offices in '
                "catalogue.toml",
                "delivery",
            )


def _fits_an_office(
    service: Placed[ServiceSpec], rule: AppointmentSpec, country: CountrySpec, quotas: QuotaSpec | None
) -> Iterator[Problem]:
    if rule.units > country.units_per_slot:
        message = f"{rule.units} units do not fit into a slot of {country.units_per_slot}"
        yield service.problem(message, "appointment", "units")
    if quotas is not None and rule.max_party > quotas.limits.party:
        yield service.problem(f"max_party is above the limit of {quotas.limits.party}", "appointment", "max_party")


def _papers_and_prices_are_clear(service: Placed[ServiceSpec]) -> Iterator[Problem]:
    spec = service.spec
    for residence in ("resident", "expatriate"):
        pays = any(fee.residence == residence for fee in spec.fees)
        if pays != (spec.audience in (residence, "both")):
            yield service.problem(f"fees and audience disagree about a {residence}", "fees")
    yield from _repeated(service, "documents", spec.documents)
    yield from _repeated(service, "fees", spec.fees)


def _repeated(service: Placed[ServiceSpec], field: str, items: Sequence[DocumentSpec | FeeSpec]) -> Iterator[Problem]:
    seen = set()
    for index, item in enumerate(items):
        key = (item.code, item.residence, item.when)
        if key in seen:
            yield service.problem(f"{item.code} is listed twice", field, index, "code")
        seen.add(key)


def form_is_sound(service: Placed[ServiceSpec]) -> Iterator[Problem]:
    """Questions differ, and none asks for what is known; whatever names a question names one that is there."""
    spec = service.spec
    fields = {field.code: field for field in reversed(spec.fields)}
    for index, field in enumerate(spec.fields):
        if fields[field.code] is not field:
            yield service.problem(f"{field.code} is asked twice", "fields", index, "code")
        if field.code in ABOUT_THE_HOLDER:
            yield service.problem(f"{field.code} is known already: leave this question out", "fields", index, "code")
    parts: tuple[tuple[str, Sequence[DocumentSpec | FeeSpec | PrerequisiteSpec]], ...] = (
        ("documents", spec.documents),
        ("fees", spec.fees),
        ("prerequisites", spec.prerequisites),
    )
    for part, items in parts:
        for index, item in enumerate(items):
            if item.when is not None:
                yield from _when_is_sound(service, item.when, part, index)
    for index, fee in enumerate(spec.fees):
        if fee.each is not None:
            yield from _each_is_sound(service, fee.each, fields, index)
    yield from _result_is_sound(service, fields)
    yield from _document_states(service, fields)


def _result_is_sound(service: Placed[ServiceSpec], fields: Mapping[str, FieldSpec]) -> Iterator[Problem]:
    result = service.spec.result
    for name, codes in (("shown", result.shown), ("once_for", result.once_for)):
        for index, code in enumerate(codes):
            if code not in fields and not (name == "shown" and code in ABOUT_THE_HOLDER):
                yield service.problem(unknown("question", code, fields), "result", name, index)
    for name, named, wanted in (("starts", result.starts, "date"), ("months", result.months, "integer")):
        if named is None:
            continue
        field = fields.get(named)
        if field is None:
            yield service.problem(unknown("question", named, fields), "result", name)
        elif wanted not in (field.answer.format, field.answer.type) or not field.required:
            yield service.problem(f"{name} must name a required question whose answer is a {wanted}", "result", name)


def _document_states(service: Placed[ServiceSpec], fields: Mapping[str, FieldSpec]) -> Iterator[Problem]:
    """Find documents that state nothing, or print a question."""
    result = service.spec.result
    if service.spec.issues and result.statement is None:
        yield service.problem("a document states something: write it as statement, one sentence", "result")
    for index, code in enumerate(result.shown):
        if code in fields and fields[code].label is None and _asks(fields[code].name):
            yield service.problem(f"{code} is a question: give it a label for the document", "result", "shown", index)


def _asks(name: Words) -> bool:
    return any(words.endswith(("?", "؟")) for words in name.root.values())


def _each_is_sound(
    service: Placed[ServiceSpec], each: str, fields: Mapping[str, FieldSpec], index: int
) -> Iterator[Problem]:
    field = fields.get(each)
    if field is None:
        yield service.problem(unknown("question", each, fields), "fees", index, "each")
    elif field.answer.type != "integer" or not field.required or (field.answer.minimum or 0) < 0:
        message = "each must name a required question whose answer is an integer, at least 0"
        yield service.problem(message, "fees", index, "each")


def _when_is_sound(service: Placed[ServiceSpec], when: WhenSpec, *inside: str | int) -> Iterator[Problem]:
    choices = {field.code: [choice.code for choice in field.choices] for field in service.spec.fields if field.choices}
    if when.field not in choices:
        message = unknown("question with choices", when.field, choices)
        yield service.problem(message, *inside, "when", "field")
        return
    for index, code in enumerate(when.answers):
        if code not in choices[when.field]:
            message = unknown("answer", code, choices[when.field])
            yield service.problem(message, *inside, "when", "answers", index)


def originals_are_known(service: Placed[ServiceSpec], consulates: Collection[str]) -> Iterator[Problem]:
    """No original is listed twice, and what differs, differs at a known consulate."""
    rule = service.spec.originals
    if rule is None:
        return
    codes = [one.code for one in rule.papers]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield service.problem(f"{code} is listed twice", "originals", "papers", index, "code")
    for index, one in enumerate(rule.except_at):
        if one.consulate not in consulates:
            message = unknown("consulate", one.consulate, consulates)
            yield service.problem(message, "originals", "except_at", index, "consulate")


def example_is_accepted(service: Placed[ServiceSpec]) -> Iterator[Problem]:
    """Nobody learns from a citizen that a form cannot be filled in: it accepts the file's own example."""
    for error in check_answers(service.spec.fields, service.spec.example):
        message = f"the form does not accept the example: {error.field} is {error.reason.replace('_', ' ')}"
        yield service.problem(message, "example", error.field)


def prerequisites_are_known(services: Sequence[Placed[ServiceSpec]], known: Collection[str]) -> Iterator[Problem]:
    """Each prerequisite names a service that is there, or left out for a mistake of its own, and gives something."""
    specs = {service.spec.code: service.spec for service in services}
    for service in services:
        seen = set()
        for index, one in enumerate(service.spec.prerequisites):
            if one.code in seen:
                yield service.problem(f"{one.code} is listed twice", "prerequisites", index, "code")
            seen.add(one.code)
            if one.valid == "on-the-day" and not service.spec.at_an_office:
                message = 'there is no appointment: write valid = "when-asking"'
                yield service.problem(message, "prerequisites", index, "valid")
            if one.service is None:
                continue
            if one.service not in known:
                yield service.problem(unknown("service", one.service, known), "prerequisites", index, "service")
            elif one.service in specs and specs[one.service].result.kind not in ("certificate", "policy"):
                message = f"{one.service} issues nothing that could be checked; write it as a condition in words"
                yield service.problem(message, "prerequisites", index, "service")


def prerequisites_are_no_circle(services: Sequence[Placed[ServiceSpec]]) -> Iterator[Problem]:
    """No service needs itself, however long the way round; each circle is reported once, with its path."""
    placed = {service.spec.code: service for service in services}
    needs = {
        code: [one.service for one in service.spec.prerequisites if one.service in placed]
        for code, service in placed.items()
    }
    told: set[frozenset[str]] = set()
    for start in sorted(needs):
        path = way_back(needs, start)
        if path is not None and frozenset(path) not in told:
            told.add(frozenset(path))
            index = next(i for i, one in enumerate(placed[start].spec.prerequisites) if one.service == path[1])
            message = f"prerequisites go in a circle: {' -> '.join(path)}; take one of them out"
            yield placed[start].problem(message, "prerequisites", index)


def way_back(needs: Mapping[str, Sequence[str]], start: str) -> list[str] | None:
    """Find the shortest way from ``start`` to itself; None where there is none."""
    came_from: dict[str, str] = {}
    line = [start]
    for code in line:
        for following in needs.get(code, ()):
            if following == start:
                back = [code]
                while back[-1] != start:
                    back.append(came_from[back[-1]])
                return [*reversed(back), start]
            if following not in came_from:
                came_from[following] = code
                line.append(following)
    return None
