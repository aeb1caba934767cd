"""Shows the steps of the play while they run."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_MOST_WORDS: Final = 5

Tell = Callable[[int, Counter[str]], None]


class Steps:
    """One line for each step: what is done, how far it is, what it led to."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Tell]:
        """Show a step while the block runs; call what it gives with steps made and words to count."""
        began = perf_counter()
        counts: Counter[str] = Counter()
        progress = Progress(
            TextColumn("{task.description:<34}"),
            BarColumn(24),
            MofNCompleteColumn() if total else TextColumn(""),
            TimeElapsedColumn(),
            TextColumn("{task.fields[words]}", style="dim"),
            console=self._console,
        )
        with progress:
            task = progress.add_task(name, total=total or 1, words="")

            def tell(made: int, words: Counter[str]) -> None:
                counts.update(words)
                told = " · ".join(
                    f"{word.replace('_', ' ')} {count}" for word, count in counts.most_common(_MOST_WORDS)
                )
                progress.update(task, advance=made, words=told)

            yield tell
            progress.update(task, completed=total or 1)
        self.seconds[name] = perf_counter() - began
