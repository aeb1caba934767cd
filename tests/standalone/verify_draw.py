# ruff: noqa: T201
"""Check a published draw of Mawid, without Mawid.

    python verify_draw.py FOLDER [RECEIPT] [--log FOLDER] [--before FOLDER...]

FOLDER holds the files of a draw: of format 2 or 3 those for everyone, or with the three for observers. RECEIPT is a
draw receipt (64 digits) or your own file, mawid-receipt-....json. Folders of earlier draws show that whoever stands
ahead lost them; a copy of the whole log, such as a witness's, shows what was replaced. Where FOLDER holds a night of
the exchange, RECEIPT is mawid-wish-....json. Needs Python 3.11, the files of this folder that it imports, and `pip
install numpy cryptography py_ecc`; no network and no secret. What can be computed is not believed. Prints what was
checked; the exit status is 0 if all of it is right.
"""

import sys
from pathlib import Path

from earlier_draws import check_before
from first_draw import FirstDraw
from log_copy import LogCopy
from night_wish import NIGHT, Night
from second_draw import SecondDraw
from strict_reading import WrongError, need


def draw_in(folder):
    """Read the draw in a folder; what is there says which format it has."""
    if (folder / NIGHT).exists():
        return Night(folder)
    first, second = ((folder / name).exists() for name in ("draw.json", "statement.json"))
    need(not (first and second), "draw.json and statement.json are of two formats")
    return SecondDraw(folder) if second else FirstDraw(folder)


def checked(folder, receipt=None, before=(), log=None):
    """Give a sentence for each thing that is right; WrongError at the first that is not."""
    draw = draw_in(folder)
    if isinstance(draw, Night):
        yield from draw.checked(receipt, log)
        return
    for check in draw.checks():
        yield f"passed: {check()}"
    earlier = [draw_in(each) for each in before]
    if earlier:
        yield f"passed: {check_before(draw, earlier)}"
    if log is not None:
        need(isinstance(draw, SecondDraw), "--log: the draw is of format 1, which no log holds")
        copy = LogCopy(log)
        yield f"passed: {copy.check_draw(draw)}"
        if receipt is not None:
            yield f"passed: {copy.check_receipt(draw, receipt)}"
    if receipt is not None:
        yield f"passed: {draw.check_own(receipt)}"
    yield draw.compare()


def main(folder, receipt=None, before=(), log=None):
    try:
        for line in checked(folder, receipt, before, log):
            print(line.encode("ascii", "backslashreplace").decode())
    except Exception as error:  # noqa: BLE001 - whatever a file makes this program stumble over is wrong with the file
        reason = str(error) if isinstance(error, WrongError) else f"something is missing or damaged: {error!a}"
        print(f"FAILED: {reason.encode('ascii', 'backslashreplace').decode()}")
        return 1
    return 0


if __name__ == "__main__":
    given = sys.argv[1:]
    earlier = given[given.index("--before") + 1 :] if "--before" in given else []
    own = given[: given.index("--before")] if "--before" in given else given
    copy = None
    if "--log" in own[:-1]:
        copy = own.pop(own.index("--log") + 1)
        own.remove("--log")
    sys.exit(main(Path(own[0]), *own[1:], before=map(Path, earlier), log=copy) if len(own) in (1, 2) else __doc__)
