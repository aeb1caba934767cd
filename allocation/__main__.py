"""Compile ahead what a draw runs: ``python -m allocation``, once where Mawid is installed."""

import sys

from allocation.ahead import STEPS, compile_ahead


def main() -> None:
    """Compile, and say how far it is on one line."""
    compile_ahead(lambda done: _tell(f"\rcompiling what draws: {done} of {STEPS}"))
    _tell("\n")


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    main()
