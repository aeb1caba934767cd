"""The dialogue of a phone with keys, as a pack writes it: steps, what they say, and where each key leads."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from string import Formatter
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, StringConstraints

from booking.country.packs.fields import Code, Spec, Words
from booking.country.packs.reading import Placed, Problem

LISTS: Final = frozenset({"requests", "services", "reasons", "people", "offices", "weekdays", "bands"})
"""What a step can let somebody choose from."""
ACTS: Final[Mapping[str, frozenset[str]]] = {
    "send-code": frozenset({"sent", "too-many"}),
    "check-code": frozenset({"right", "second", "page", "wrong", "too-many"}),
    "check-second": frozenset({"right", "wrong", "too-many"}),
    "find-draft": frozenset({"some", "none"}),
    "take-up": frozenset({"gone"}),
    "drop-draft": frozenset({"done"}),
    "find-requests": frozenset({"some", "none"}),
    "tell": frozenset({"offered", "ends", "over", "gone"}),
    "confirm": frozenset({"told"}),
    "give-up": frozenset({"told"}),
    "begin": frozenset({"done"}),
    "need-reason": frozenset({"yes", "no"}),
    "check-people": frozenset({"fine", "unproven", "live", "refused"}),
    "review": frozenset({"fine", "refused"}),
    "ask": frozenset({"told", "challenged", "unproven", "live", "refused", "too-many"}),
    "answer": frozenset({"told", "wrong"}),
}
"""What a step can do, each with all that can come of it."""
BLANKS: Final = frozenset({"told", "reference", "service_name", "people_names", "office_names", "when"})
"""What fills the blanks of a text."""
_PHRASE_BLANKS: Final[Mapping[str, frozenset[str]]] = {
    "press": frozenset({"label", "key"}),
    "from_day": frozenset({"day"}),
}
READS: Final = frozenset({"number", "code", "day"})
"""What a step can have typed: a national number, a one-time code, a day and month."""

Letter: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[1-7]$")]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]
Field_: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$", max_length=40)]


class KeySpec(Spec):
    """A key of a menu: what is said of it, the step that it leads to, and the answers that it gives."""

    key: Letter
    say: Words
    to: Name
    sets: Mapping[Field_, str] = {}


class StepSpec(Spec):
    """One step. Which of the fields it has follows from its ``kind``.

    Attributes
    ----------
    kind
        "language" and "menu" offer keys; "list" lets choose one ``of`` something, "several" up to ``most``; "typed"
        takes what is typed; "act" does something and says nothing; "end" says something and ends the call.
    into
        The answer that is given by a choice or by what was typed.
    to
        The next step.
    any
        What is said of the choice of all of them, in a step of several.
    outcomes
        The next step by what came of an act.
    kept
        Somebody whose call broke off here goes on here, once they have shown again who they are.
    """

    name: Name
    kind: Literal["language", "menu", "list", "several", "typed", "act", "end"]
    say: Words | None = None
    keys: tuple[KeySpec, ...] = Field(strict=False, default=())
    of: str | None = None
    into: Field_ | None = None
    reads: str | None = None
    most: int = Field(default=7, ge=1, le=7)
    any: Words | None = None
    to: Name | None = None
    do: str | None = None
    outcomes: Mapping[str, Name] = {}
    kept: bool = False

    def leads_to(self) -> Iterator[str]:
        """Yield the names of the steps that can follow."""
        yield from (key.to for key in self.keys)
        yield from self.outcomes.values()
        if self.to is not None:
            yield self.to


class PhrasesSpec(Spec):
    """What is said around steps: a key in speech, the keys of every step, and why a call ends."""

    press: Words
    typed: Words
    more: Words
    menu: Words
    enough: Words
    none: Words
    misread: Words
    soon: Words
    from_day: Words
    hidden_number: Words
    too_many: Words
    over: Words
    nobody_there: Words
    too_late: Words
    draw_running: Words
    not_possible: Words
    code_follows: Words


class DialogueSpec(Spec):
    """The whole dialogue. ``languages`` are spoken, in the order of their keys; each text is there in each of them."""

    code: Code = "dialogue"
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], ...] = Field(
        strict=False, min_length=1, max_length=7
    )
    first: Name
    main: Name
    phrases: PhrasesSpec
    steps: tuple[StepSpec, ...] = Field(strict=False, min_length=2, max_length=99)

    @cached_property
    def by_name(self) -> Mapping[str, StepSpec]:
        """The steps by name."""
        return {step.name: step for step in self.steps}

    def step(self, name: str) -> StepSpec:
        """Return a step; KeyError where there is none."""
        return self.by_name[name]


def dialogue_is_sound(dialogue: Placed[DialogueSpec]) -> Iterator[Problem]:
    """Every step is reached and has what its kind needs, every key leads somewhere, every text is there in full."""
    spec = dialogue.spec
    names = [step.name for step in spec.steps]
    for key, name in (("first", spec.first), ("main", spec.main)):
        if name not in names:
            yield dialogue.problem(f"there is no step {name}", key)
    reached = {spec.first, spec.main}.union(*(step.leads_to() for step in spec.steps))
    for index, step in enumerate(spec.steps):
        for fault in _faults(step, names, twice=names.index(step.name) != index, reached=step.name in reached):
            yield dialogue.problem(f"{step.name}: {fault}", "steps", index)
    for place, text, blanks in _texts(spec):
        for fault in _faults_of_text(text, spec.languages, blanks):
            yield dialogue.problem(f"{place[-1]}: {fault}", *place)


_NEEDS: Final[Mapping[str, frozenset[str]]] = {
    "language": frozenset({"say", "to"}),
    "menu": frozenset({"say", "keys"}),
    "list": frozenset({"say", "of", "into", "to"}),
    "several": frozenset({"say", "of", "into", "to"}),
    "typed": frozenset({"say", "reads", "into", "to"}),
    "act": frozenset({"do", "outcomes"}),
    "end": frozenset({"say"}),
}
_MAY: Final[Mapping[str, frozenset[str]]] = {"several": frozenset({"most", "any"})}
_ALWAYS: Final = frozenset({"name", "kind", "kept"})


def _faults(step: StepSpec, names: list[str], *, twice: bool, reached: bool) -> Iterator[str]:
    needs = _NEEDS[step.kind]
    has = step.model_fields_set - _ALWAYS
    yield from (f"a step of the kind {step.kind} needs {one}" for one in sorted(needs - has))
    yield from (
        f"a step of the kind {step.kind} has no {one}" for one in sorted(has - needs - _MAY.get(step.kind, frozenset()))
    )
    yield from (f"there is no step {one}" for one in sorted(set(step.leads_to()) - set(names)))
    if twice:
        yield "two steps have this name"
    if not reached:
        yield "no step leads here"
    if len({key.key for key in step.keys}) != len(step.keys):
        yield "two entries have one key"
    if step.of is not None and step.of not in LISTS:
        yield f"{step.of} is nothing to choose from; known are {', '.join(sorted(LISTS))}"
    if step.reads is not None and step.reads not in READS:
        yield f"{step.reads} cannot be typed; known are {', '.join(sorted(READS))}"
    if step.do is not None and step.do not in ACTS:
        yield f"{step.do} is no act; known are {', '.join(sorted(ACTS))}"
    elif step.do is not None and ACTS[step.do] != set(step.outcomes):
        yield f"the outcomes of {step.do} are {', '.join(sorted(ACTS[step.do]))}"


def _texts(spec: DialogueSpec) -> Iterator[tuple[tuple[str | int, ...], Words, frozenset[str]]]:
    """Yield each text with its place and the blanks that it may have."""
    for name, text in spec.phrases:
        yield ("phrases", name), text, _PHRASE_BLANKS.get(name, frozenset())
    for index, step in enumerate(spec.steps):
        own = {"say": step.say, "any": step.any}
        yield from ((("steps", index, name), text, BLANKS) for name, text in own.items() if text is not None)
        yield from ((("steps", index, "keys", n, "say"), key.say, BLANKS) for n, key in enumerate(step.keys))


def _faults_of_text(text: Words, languages: tuple[str, ...], known: frozenset[str]) -> Iterator[str]:
    missing = [one for one in languages if one not in text.root]
    if missing:
        yield f"there is no text in {', '.join(missing)}"
    try:
        blanks = [
            frozenset(name for _, name, _, _ in Formatter().parse(said) if name is not None)
            for said in text.root.values()
        ]
    except ValueError as error:
        yield f"its braces are wrong: {error}"
        return
    if len(set(blanks)) > 1:
        yield "its languages have different blanks"
    for name in sorted(frozenset().union(*blanks) - known):
        yield f"{{{name}}} is no blank here; known are {', '.join(sorted(known)) or 'none'}"
