"""Ask every verifier about the same files: Mawid's own, the independent program, and the browser page under node."""

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from booking.scheduling.draws.format2.tables import AUDIT, FOR_EVERYONE
from booking.scheduling.draws.verification import verify_files
from tests.standalone.fuzzing import fuzzed
from tests.standalone.program import Folder, part
from tests.standalone.republishing import Publisher
from tests.support.draw_files import invented_draw

CHECK = Path(__file__).with_name("page") / "check.mjs"
NODE = which("node")
ALONE = "drawing again gives another plan"
"""What only Mawid can find: another plan that is as good as its own."""


class NoVerdictError(Exception):
    """A verifier ended in something else than a verdict, or gave no reason."""


def by_mawid(files):
    """Return Mawid's reason to refuse files, one that others can have too if any; None where it passes them."""
    wrong = [words for right, words in verify_files(files).checks if not right]
    if any(words.startswith("a check could not be made") for words in wrong):
        raise NoVerdictError(f"mawid: {wrong}")
    return min(wrong, key=lambda words: words.startswith(ALONE), default=None)


def by_program(files):
    """Return the program's reason to refuse files; None where it passes them."""
    try:
        list(part("verify_draw").checked(Folder(files)))
    except part("strict_reading").WrongError as error:
        return str(error)
    except Exception as error:
        raise NoVerdictError(f"the program: {error!r}") from error
    return None


class Page:
    """The page's own checks in a process that goes on; it sees what everyone may see."""

    def __init__(self, folder, node):
        self.folder, self.files, self.node = folder, {}, node

    def reason(self, files):
        for name in (*FOR_EVERYONE, AUDIT):
            if name not in files:
                (self.folder / name).unlink(missing_ok=True)
            elif files[name] != self.files.get(name):
                (self.folder / name).write_bytes(files[name])
            self.files[name] = files.get(name)
        self.node.stdin.write(json.dumps({"folder": str(self.folder)}) + "\n")
        self.node.stdin.flush()
        answer = self.node.stdout.readline()
        if not answer:
            raise NoVerdictError("the page: nothing")
        found = json.loads(answer)
        wrong = [check["words"] for check in found["checks"] if not check["ok"]]
        if found["ok"] is bool(wrong) or not all(wrong):
            raise NoVerdictError(f"the page: {answer}")
        return wrong[0] if wrong else None


@contextmanager
def page(folder):
    """Start the page's checks under node; files are written into the folder."""
    with subprocess.Popen([NODE, CHECK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        yield Page(folder, node)
        node.stdin.close()


def compared(publisher, number, pages=None):
    """Return what the verifiers say of one random forgery, as one line where they disagree, and whether it passed.

    Mawid and the program see all files and then those for everyone; the page sees the latter.
    """
    kind, name, files = fuzzed(publisher, number)
    public = {each: files[each] for each in (*FOR_EVERYONE, AUDIT) if each in files}
    said = {"mawid": by_mawid(files), "the program": by_program(files)}
    also = {"mawid": by_mawid(public), "the program": by_program(public)}
    if pages is not None:
        also["the page"] = pages.reason(public)
    if (said["mawid"] or "").startswith(ALONE):
        del said["mawid"]
    differ = [each for each in (said, also) if len({reason is None for reason in each.values()}) > 1]
    return [f"{number}, {kind}, {name}: {each}" for each in differ], said["the program"] is None


def published():
    """Return whoever can publish two draws of the vectors again: by witnesses with links, and by drand."""
    drawn = invented_draw(12, seed=1)
    return [Publisher(invented_draw(14, seed=2, before=drawn)), Publisher(invented_draw(12, seed=3, drand=True))]
