"""Shows the steps of the play while they run, and how long the rest will take."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from time import perf_counter
from typing import Final
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text
from sqlalchemy import update
from typing_extensions import override

from booking.country.core.core import Core
from booking.country.core.register import Identity, seal_grant
from booking.entrypoints.demo.people import Applicant, Person
from booking.people.accounts.household import add_member
from booking.people.registers.choose import book_of
from booking.people.registers.synthetic import Enrolled, serial_of
from booking.platform.base.settings import Settings
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel, ProofKind

COMPILING: Final = "Compiling what draws"
SET_UP: Final = "Setting up the country"
SECONDS: Final[Mapping[str, tuple[float, float]]] = {
    "Making up people": (0.0, 0.05),
    COMPILING: (1.5, 0.0),
    SET_UP: (6.2, 0.0),
    "Weeks before: accounts": (0.4, 3.1),
    "First day: people ask": (0.6, 3.0),
    "Officers decide reviews": (0.0, 0.2),
    "Draw day-1: close, draw, publish": (0.4, 1.3),
    "Draw day-1: verify its files": (0.2, 1.8),
    "Second day: offers are answered": (0.2, 0.5),
    "A night of the exchange": (0.3, 0.3),
    "Second day: others ask": (0.1, 0.5),
    "Draw day-2: close, draw, publish": (0.5, 1.0),
    "Draw day-2: verify its files": (0.1, 1.0),
    "The same day, first come first served": (0.0, 0.05),
    "People known twice, and rings": (0.1, 0.1),
}
"""Seconds on two free processors, in the order of the play: at least, and for each thousand people more."""
LATER: Final[Mapping[str, tuple[float, float]]] = {
    "Slots for the weeks ahead": (1.2, 0.0),
    "People of today": (0.7, 0.0),
    "Urgent cases": (1.0, 0.0),
    "Approvals of the weeks before": (0.5, 0.0),
    "Requests of the weeks before": (1.5, 0.0),
    "Notices are sent": (0.1, 0.2),
}
"""The steps where the pages are used afterwards."""
FIRST_TIME: Final = 46.0
"""Seconds of compiling on a machine that has drawn nothing yet."""
_TRUSTED: Final = 8.0
"""Seconds for which the measured machine is believed as much as this one."""
_ALMOST: Final = 0.95
_STEPS_OF_WORDS: Final = (10, 60, 90)
_RISE: Final = 1.2


def plan_for(people: int, *, later: bool, compiled: bool) -> dict[str, float]:
    """Return the seconds that each step took where it was measured, with so many people."""
    steps = {**SECONDS, **(LATER if later else {})}
    plan = {name: least + each * people / 1000 for name, (least, each) in steps.items()}
    return plan if compiled else plan | {COMPILING: FIRST_TIME}


class Estimate:
    """Seconds that are left, told so that they fall: they rise only where the machine turns out to be much slower.

    Parameters
    ----------
    plan
        Seconds by step where they were measured. What is not in it is taken to be over at once.
    """

    def __init__(self, plan: Mapping[str, float]) -> None:
        self._left = dict(plan)
        self._pace_of, self._spent = _TRUSTED, _TRUSTED
        self._step = ""
        self._told = float("inf")

    @property
    def pace(self) -> float:
        """How many times longer than measured things take here."""
        return self._spent / self._pace_of

    def of_step(self, name: str) -> float:
        """Return how long a step that has not begun will take here."""
        return self._left.get(name, 0.0) * self.pace

    def begin(self, name: str) -> None:
        """Begin a step."""
        self._step = name

    def end(self, name: str, seconds: float) -> None:
        """Take what a step took here as a measure of this machine."""
        self._pace_of += self._left.pop(name, 0.0)
        self._spent += seconds

    def left(self, seconds: float, share: float | None) -> float:
        """Return the seconds that are left.

        Parameters
        ----------
        seconds
            Since the step began.
        share
            Of the step that is done, 0 to 1; None where that is not known.
        """
        planned = self._left.get(self._step, 0.0)
        if share is None:
            share = min(_ALMOST, seconds / (planned * self.pace)) if planned else 1.0
        done = planned * share
        pace = (self._spent + seconds) / (self._pace_of + done) if share else self.pace
        rest = pace * (sum(self._left.values()) - done)
        if rest < self._told or rest > _RISE * self._told:
            self._told = rest
        return self._told


def in_words(seconds: float) -> str:
    """Return a time as roughly as it is known: seconds by tens, then minutes."""
    ten, most, minute = _STEPS_OF_WORDS
    if seconds < ten:
        return "a few seconds"
    if seconds < most + ten:
        return f"{round(seconds / ten) * ten} s"
    return f"{max(seconds, minute) / 60:.0f} min"


_MOST_WORDS: Final = 5
_WORTH_A_WORD: Final = 15.0  # seconds: where nobody sees a bar, a longer step is announced

Tell = Callable[[int, Mapping[str, int]], None]
"""Called with how many steps were made since the last call, and what they led to."""


class Steps:
    """One line for each step: what is done, how far it is, what it led to, and how long all the rest will take."""

    def __init__(self, console: Console, plan: Mapping[str, float]) -> None:
        self._console = console
        self._estimate = Estimate(plan)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Tell]:
        """Show a step while the block runs; call what it yields with steps made and words to count."""
        began = perf_counter()
        counts: Counter[str] = Counter()
        self._estimate.begin(name)
        self._announce(name)
        progress = Progress(
            TextColumn("{task.description:<33}"),
            BarColumn(16),
            TextColumn("{task.fields[made]:>11}"),
            TimeElapsedColumn(),
            _Rest(self._estimate),
            TextColumn("{task.fields[words]}", style="dim"),
            console=self._console,
        )
        with progress:
            task = progress.add_task(name, total=total, words="", made="")

            def tell(made: int, words: Mapping[str, int]) -> None:
                counts.update(words)
                most = counts.most_common(_MOST_WORDS)
                told = " · ".join(f"{word.replace('_', ' ')} {count}" for word, count in most)
                progress.update(task, advance=made, words=told)
                if total:
                    progress.update(task, made=f"{progress.tasks[task].completed:.0f}/{total}")

            yield tell
            progress.update(task, total=total or 1, completed=total or 1)
        seconds = perf_counter() - began
        self._estimate.end(name, seconds)
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def note(self, text: str) -> None:
        """Print lines between two steps."""
        self._console.print(text, style="dim", highlight=False)

    def _announce(self, name: str) -> None:
        """Say that a long step begins where its bar is shown at its end alone, as in a file."""
        seconds = self._estimate.of_step(name)
        if not self._console.is_terminal and seconds > _WORTH_A_WORD:
            self.note(f"{name}: about {in_words(seconds)}")


class _Rest(ProgressColumn):
    """How long all that is not done will take; nothing once a step is over."""

    max_refresh = 1.0

    def __init__(self, estimate: Estimate) -> None:
        super().__init__()
        self._estimate = estimate

    @override
    def render(self, task: Task) -> Text:
        """Return the time in words."""
        if task.finished:
            return Text("")
        share = task.completed / task.total if task.total else None
        return Text(f"{in_words(self._estimate.left(task.elapsed or 0.0, share))} to go", style="cyan")


def enrol(settings: Settings, applicants: Iterable[Applicant]) -> None:
    """Tell the register of invented people about everyone who is not made up by a hoarder, children with parents."""
    people: dict[str, Enrolled] = {}
    for applicant in applicants:
        parents = tuple(one.number for one in applicant.people if one.relation in {"self", "spouse"})
        for person in applicant.people:
            if not person.invented:
                guardians = parents if person.relation == "child" else ()
                people[person.number] = Enrolled(person.name, person.born, guardians=guardians)
    book_of(settings).add(people)


def prove(core: Core, household: Sequence[tuple[int, Person]]) -> int:
    """Prove the people of one account whose cards are at hand, and children by a parent; return how many.

    ``household`` are member ids and who they are. Written as rows, as if each had been typed on the page: ten thousand
    people would take minutes there. The register judges each of them all the same.
    """
    grants: dict[int, tuple[ProofKind, str]] = {}
    parent: tuple[str, str] | None = None
    for member, person in household:
        identity = Identity(person.number, person.name, person.born)
        kind, grant = ProofKind.CARD, None
        if person.relation == "child" and parent is not None:
            kind = ProofKind.GUARDIAN
            grant = core.register.prove_guardian(identity, guardian=parent[0], grant=parent[1])
        elif person.card_at_hand:
            grant = core.register.prove(identity, ProofKind.CARD, serial_of(person.number, ProofKind.CARD))
        if grant is not None:
            grants[member] = kind, grant
            parent = parent or (person.number, grant)
    _write(core, grants)
    return len(grants)


def add_proven(core: Core, *, account_id: UUID, name: str, number: str, born: date, relation: str) -> int:
    """Let an account act for a person whom the register knows and who showed their card; return the member's id."""
    book_of(core.settings).add({number: Enrolled(name, born)})
    member = add_member(
        core, account_id=account_id, name=name, national_number=number, birth_date=born, relation=relation
    )
    prove(core, [(member, Person(number, name, born, "other"))])
    return member


def _write(core: Core, grants: dict[int, tuple[ProofKind, str]]) -> None:
    now = core.clock.now()
    with core.sessions.begin() as session:
        for member, (kind, grant) in grants.items():
            session.execute(
                update(HouseholdMember)
                .where(HouseholdMember.id == member)
                .values(
                    level=IdentityLevel.PROVEN,
                    proved_by=kind,
                    proved_at=now,
                    grant_ciphertext=seal_grant(core.vault, member, grant),
                )
            )
