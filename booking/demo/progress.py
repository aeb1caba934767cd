"""Shows the steps of the play while they run."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

_MOST_WORDS: Final = 5

Tell = Callable[[int, Mapping[str, int]], None]
"""Called with how many steps were made since the last call, and what they led to."""


class Steps:
    """One line for each step: what is done, how far it is, what it led to."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Tell]:
        """Show a step while the block runs; call what it yields with steps made and words to count."""
        began = perf_counter()
        counts: Counter[str] = Counter()
        progress = Progress(
            TextColumn("{task.description:<33}"),
            BarColumn(16),
            TextColumn("{task.fields[made]:>11}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[words]}", style="dim"),
            console=self._console,
        )
        with progress:
            task = progress.add_task(name, total=total or 1, words="", made="")

            def tell(made: int, words: Mapping[str, int]) -> None:
                counts.update(words)
                most = counts.most_common(_MOST_WORDS)
                told = " · ".join(f"{word.replace('_', ' ')} {count}" for word, count in most)
                progress.update(task, advance=made, words=told)
                if total:
                    progress.update(task, made=f"{progress.tasks[task].completed:.0f}/{total}")

            yield tell
            progress.update(task, completed=total or 1)
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - began

    def note(self, text: str) -> None:
        """Print lines between two steps."""
        self._console.print(text, style="dim", highlight=False)
