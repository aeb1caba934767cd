"""``python -m booking`` is the command ``mawid``."""

from booking.cli import main

main()
