"""``python -m booking`` is the command ``mawid``; a witness has nothing of the rest of it in its process."""

import sys


def main() -> None:
    """Run ``mawid``: the command of a witness by itself, everything else with all that it needs."""
    if sys.argv[1:2] == ["witness"]:
        from booking.entrypoints.commands.witness import main as witness_main  # noqa: PLC0415 - so that it needs nothing else

        witness_main(sys.argv[2:])
        return
    from booking.cli import main as whole_main  # noqa: PLC0415 - it loads everything

    whole_main()


if __name__ == "__main__":
    main()
