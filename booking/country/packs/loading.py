"""Load a country pack: read every file, check everything, and report all mistakes at once."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

from booking.country.packs import checks, service_checks
from booking.country.packs.dialogue import DialogueSpec, dialogue_is_sound
from booking.country.packs.fields import AgencySpec, GroupSpec, HolidaySpec, emblem_problems
from booking.country.packs.quotas import QuotaSpec
from booking.country.packs.reading import PackError, Placed, Problem, Reader
from booking.country.packs.schema import (
    CountrySpec,
    OfficeSpec,
    Pack,
    ReasonSpec,
    RegionSpec,
    ServiceLevelSpec,
    UrgentReasonSpec,
)
from booking.country.packs.service import ServiceSpec

BUILT_IN: Final = Path(__file__).parent
_FILES: Final = frozenset(
    {
        *("pack.toml", "regions.toml", "catalogue.toml", "reasons.toml", "urgency.toml", "holidays.toml"),
        *("quotas.toml", "dialogue.toml"),
    }
)
_SERVICE_FILES: Final = "services/"
_DEEPEST_SERVICE: Final = 3
"""services/<group>/<service>.toml"""


class Reading(NamedTuple):
    """A pack without the services whose files have mistakes (``pack.left_out``), and those mistakes.

    Two services with one position are a mistake, but nobody can say whose: both stay, in the order of their files.
    """

    pack: Pack
    problems: tuple[Problem, ...]


def load_pack(name_or_path: str | Path) -> Pack:
    """Load and check a whole country.

    Parameters
    ----------
    name_or_path
        The name of a built-in pack ("syria"), or a folder, as a path.

    Returns
    -------
    Pack
        Services are in the order of their position; offices in the order of the files.

    Raises
    ------
    PackError
        Something is wrong; ``problems`` has every mistake with its file and line. Rules that need ``pack.toml``
        (languages, slots, bands) are only checked once that file itself is right.
    """
    pack, problems = read_pack(name_or_path)
    if problems:
        raise PackError(Path(name_or_path).name, problems)
    return pack


def read_pack(name_or_path: str | Path) -> Reading:
    """Load a country for a system that runs: one service with a mistake never takes down the others.

    Raises
    ------
    PackError
        Something else than a service is wrong.
    """
    if isinstance(name_or_path, str) and name_or_path in built_in_packs():
        return _built_in(name_or_path)
    return _Loader(Reader(pack_folder(name_or_path))).load()


@cache
def _built_in(name: str) -> Reading:
    """Load a pack that comes with the project once in a process: its files do not change."""
    return _Loader(Reader(BUILT_IN / name)).load()


def built_in_packs() -> list[str]:
    """Return the names of the packs that come with the project."""
    return sorted(head.parent.name for head in BUILT_IN.glob("*/pack.toml"))


def pack_folder(name_or_path: str | Path) -> Path:
    """Find the folder of a pack; raises PackError where there is none."""
    if isinstance(name_or_path, str) and name_or_path in built_in_packs():
        return BUILT_IN / name_or_path
    folder = Path(name_or_path)
    if not folder.is_dir():
        known = ", ".join(built_in_packs())
        raise PackError(str(name_or_path), [Problem(str(name_or_path), 1, f"no such pack or folder; known: {known}")])
    return folder


class _Loader:
    """One load. Reads first, each file for itself; then checks what holds between them."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.country = self._country()
        self.emblem = self._emblem()
        self.regions = self._listed("regions.toml", "regions", RegionSpec)
        self.reasons = self._listed("reasons.toml", "reasons", ReasonSpec)
        self.urgent_reasons, self.service_levels = self._urgency()
        self.offices = self._offices()
        self.groups, self.agencies = self._catalogue()
        self.services = self._services()
        self.holidays, self.holiday_years = self._holidays()
        self.quotas = self._quotas()
        self.dialogue = self._dialogue()

    def load(self) -> Reading:
        ties = list(checks.codes_are_unique(self.services, "position"))
        found = [*self.reader.problems, *self._strangers(), *self._checks()]
        problems = [*found, *ties]
        of_services = [problem for problem in found if problem.file.startswith(_SERVICE_FILES)]
        if len(of_services) < len(found) or self.country is None or self.quotas is None:
            raise PackError(self.reader.root.name, problems)
        wrong = {problem.file for problem in of_services}
        services = (entry.spec for entry in self.services if entry.source.file not in wrong)
        pack = Pack(
            country=self.country.spec,
            emblem=self.emblem,
            regions=tuple(entry.spec for entry in self.regions),
            offices=tuple(entry.spec for entry in self.offices),
            reasons=tuple(entry.spec for entry in self.reasons),
            urgent_reasons=tuple(entry.spec for entry in self.urgent_reasons),
            service_levels=tuple(entry.spec for entry in self.service_levels),
            groups=tuple(entry.spec for entry in self.groups),
            agencies=tuple(entry.spec for entry in self.agencies),
            services=tuple(sorted(services, key=lambda spec: spec.position)),
            left_out=tuple(sorted(PurePosixPath(file).stem for file in wrong)),
            holidays=tuple(entry.spec for entry in self.holidays),
            holiday_years=tuple(self.holiday_years),
            quotas=self.quotas.spec,
            dialogue=self.dialogue.spec if self.dialogue else None,
        )
        return Reading(pack, tuple(sorted(problems)))

    def _country(self) -> Placed[CountrySpec] | None:
        source = self.reader.file("pack.toml")
        return self.reader.entry(source, CountrySpec) if source else None

    def _emblem(self) -> str:
        """Read the state's drawing: SVG that is only shapes, because it goes into pages and papers as it is."""
        if self.country is None:
            return ""
        place = ("state", "emblem")
        path = self.reader.root / self.country.spec.state.emblem
        try:
            drawing = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            self.reader.problems.append(self.country.problem(f"{path.name} is missing or is not UTF-8 text", *place))
            return ""
        for problem in emblem_problems(drawing):
            self.reader.problems.append(self.country.problem(f"{path.name}: {problem}", *place))
        return drawing

    def _listed(self, file: str, key: str, model: type[Any]) -> list[Placed[Any]]:
        source = self.reader.file(file)
        if source is None:
            return []
        self.reader.only(source, key)
        return self.reader.entries(source, key, model)

    def _urgency(self) -> tuple[list[Placed[UrgentReasonSpec]], list[Placed[ServiceLevelSpec]]]:
        source = self.reader.file("urgency.toml")
        if source is None:
            return [], []
        self.reader.only(source, "reasons", "levels")
        reasons = self.reader.entries(source, "reasons", UrgentReasonSpec)
        return reasons, self.reader.entries(source, "levels", ServiceLevelSpec)

    def _offices(self) -> list[Placed[OfficeSpec]]:
        defaults = (
            {"time_zone": self.country.spec.time_zone, "weekend": self.country.spec.weekend} if self.country else {}
        )
        offices = []
        for source in self.reader.folder("offices"):
            self.reader.only(source, "offices")
            offices += self.reader.entries(source, "offices", OfficeSpec, defaults=defaults)
        return offices

    def _catalogue(self) -> tuple[list[Placed[GroupSpec]], list[Placed[AgencySpec]]]:
        source = self.reader.file("catalogue.toml")
        if source is None:
            return [], []
        self.reader.only(source, "groups", "agencies")
        return self.reader.entries(source, "groups", GroupSpec), self.reader.entries(source, "agencies", AgencySpec)

    def _services(self) -> list[Placed[ServiceSpec]]:
        sources = self.reader.folder("services", "**/*.toml")
        placed = [self.reader.entry(source, ServiceSpec) for source in sources]
        return [entry for entry in placed if entry is not None]

    def _holidays(self) -> tuple[list[Placed[HolidaySpec]], Sequence[int]]:
        source = self.reader.file("holidays.toml")
        if source is None:
            return [], ()
        self.reader.only(source, "years", "holidays")
        years = source.values.get("years")
        if not isinstance(years, list) or not years or not all(type(year) is int for year in years):
            self.reader.problems.append(source.problem(("years",), "years must list the years that the file covers"))
            years = []
        return self.reader.entries(source, "holidays", HolidaySpec), years

    def _quotas(self) -> Placed[QuotaSpec] | None:
        source = self.reader.file("quotas.toml")
        return self.reader.entry(source, QuotaSpec) if source else None

    def _dialogue(self) -> Placed[DialogueSpec] | None:
        """Read what a phone with keys says; a country without the file offers none."""
        if not (self.reader.root / "dialogue.toml").exists():
            return None
        source = self.reader.file("dialogue.toml")
        return self.reader.entry(source, DialogueSpec) if source else None

    def _strangers(self) -> Iterator[Problem]:
        """Files that nobody reads, such as a service in a folder whose name is misspelt."""
        for path in sorted(self.reader.root.rglob("*.toml")):
            name = path.relative_to(self.reader.root)
            a_service = name.parts[0] == "services" and len(name.parts) <= _DEEPEST_SERVICE
            if name.as_posix() not in _FILES and name.parent.as_posix() != "offices" and not a_service:
                yield Problem(name.as_posix(), 1, "this file is not part of a pack")

    def _checks(self) -> Iterator[Problem]:
        lists = (
            self.regions,
            self.reasons,
            self.urgent_reasons,
            self.service_levels,
            self.offices,
            self.groups,
            self.agencies,
            self.services,
            self.holidays,
        )
        for entries in lists:
            yield from checks.codes_are_unique(entries)
        yield from self._checks_of_services()
        yield from checks.both_levels_are_there(self.service_levels)
        yield from checks.regions_are_known(self.regions)
        yield from checks.offices_are_told_apart(self.offices)
        if self.holiday_years:
            yield from checks.holidays_are_dated(self.holidays, self.holiday_years)
            yield from checks.holidays_follow_their_calendar(self.holidays, self.holiday_years)
        if self.quotas is not None:
            yield from checks.quotas_cover_each_kind(self.quotas)
        if self.country is None:
            return
        country = self.country.spec
        yield from checks.country_is_sound(self.country)
        yield from checks.languages_are_written(self.country)
        for entry in (self.country, *(entry for entries in lists for entry in entries)):
            yield from checks.words_are_complete(entry, country.languages)
        yield from checks.offices_are_placed(self.offices, self.regions, country)
        yield from checks.hours_are_sound(self.offices, country)
        if self.dialogue is not None:
            yield from checks.words_are_complete(self.dialogue, country.languages)
            yield from dialogue_is_sound(self.dialogue)
        quotas = self.quotas.spec if self.quotas else None
        yield from service_checks.services_are_sound(
            self.services, self.groups, self.agencies, self.reasons, country, quotas
        )

    def _checks_of_services(self) -> Iterator[Problem]:
        consulates = [one.spec.code for one in self.offices if one.spec.kind == "consulate"]
        for service in self.services:
            yield from service_checks.stands_in_its_place(service)
            yield from service_checks.form_is_sound(service)
            yield from service_checks.example_is_accepted(service)
            yield from service_checks.originals_are_known(service, consulates)
        files = self.reader.root.glob("services/**/*.toml")
        yield from service_checks.prerequisites_are_known(self.services, {path.stem for path in files})
        yield from service_checks.prerequisites_are_no_circle(self.services)
