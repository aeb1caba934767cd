"""What the check of a draw finds wrong."""

from booking.scheduling.draws.format2.tables import FOR_EVERYONE
from booking.scheduling.draws.verification import verify_files


def failures(files, **options):
    report = verify_files(files, **options)
    assert "could not be made" not in report.words(), report.words()
    return [words for right, words in report.checks if not right]


def for_everyone(drawn):
    return {name: drawn.files[name] for name in FOR_EVERYONE}
