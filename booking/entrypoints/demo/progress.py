"""Shows the steps of the play while they run, and how long the rest will take."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text
from typing_extensions import override

from booking.entrypoints.demo.estimate import Estimate, in_words

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
