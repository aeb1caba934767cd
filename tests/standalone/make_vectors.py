"""Make the test vectors of tests/standalone/vectors: `python -m tests.standalone.make_vectors`. The same on every run.

What the vectors state was worked out by the independent program, from the sample draws that Mawid's own writers made;
both had to agree before anything was written here.
"""

import base64
import json
import re
import sys
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory

from booking.scheduling.draws.format2.tables import FOR_EVERYONE
from booking.transparency.log.checkpoints import bundle_path, write_bundle
from tests.standalone.audits import audit_cases
from tests.standalone.forgeries import ALL, forged
from tests.standalone.invented_night import invented_night
from tests.standalone.program import Folder, part
from tests.standalone.republishing import Publisher
from tests.standalone.vector_parts import QUICKNET, RECORDED, RECORDED_AT, beacons, hashes, notes
from tests.support.draw_files import Recorded, invented_draw

FOLDER = Path(__file__).with_name("vectors")
TOKENS = re.compile(rb"[0-9A-Za-z+/=]+|[^0-9A-Za-z+/=]")


def made():
    """Return all vectors by path, but the README."""
    first = invented_draw(12, seed=1)
    following = invented_draw(14, seed=2, before=first)
    recorded = Recorded(QUICKNET, RECORDED)
    drand = invented_draw(12, seed=3, start=RECORDED_AT, recorded=recorded, format="mawid-draw-2")
    draws = {"draw": first, "next": following, "drand": drand}
    files = {f"{name}/{file}": content for name, each in draws.items() for file, content in each.files.items()}
    files |= {f"receipts/{name}.json": content for name, content in own_receipts(first, following).items()}
    files |= {f"log/{bundle_path(0, len(first.log.entries))}": write_bundle(first.log.entries)}
    files |= night_files(invented_night())
    files |= {
        "hashes.json": written(hashes(following)),
        "notes.json": written(notes(following)),
        "beacons.json": written(beacons()),
        "corruptions.json": listed(corruptions(following)),
        "audits.json": listed(audit_cases(draws, reason)),
    }
    return files


def own_receipts(first, drawn):
    """Return somebody's own file with a place, somebody's without one, one from before the result, and an old one."""
    told = [json.loads(entry) for entry in drawn.log.entries]
    replaced = {each["receipt"] for each in told if each["type"] == "replaced"}
    old = next(leaf for leaf, each in enumerate(first.closed.entrants) if each.asked().hex() in replaced)
    rows = drawn.files["line.csv"].decode().splitlines()[1:]
    served, waiting = (next(n for n, row in enumerate(rows) if row.endswith(end)) for end in (",1", ",0"))
    return {
        "served": drawn.own_receipt(served),
        "waiting": drawn.own_receipt(waiting),
        "before-the-result": drawn.own_receipt(served, decided=False),
        "replaced": first.own_receipt(old),
    }


def night_files(night):
    """Return a night with each wish's own file, a copy of its log, and what becomes of each with that and without."""
    files = {f"night/{name}": content for name, content in night.files.items()}
    files |= {f"wishes/{name.replace(' ', '-')}.json": content for name, content in night.wishes.items()}
    files |= {f"night-log/{bundle_path(0, len(night.log.entries))}": write_bundle(night.log.entries)}
    with TemporaryDirectory() as made_in:
        folder = Path(made_in)
        write(folder, files)
        cases = [
            {
                "wish": own.name,
                "alone": wish_found(folder / "night", own),
                "with the log": wish_found(folder / "night", own, folder / "night-log"),
            }
            for own in sorted((folder / "wishes").iterdir())
        ]
    return files | {"wishes.json": written(cases)}


def wish_found(night, own, log=None):
    """Return what the program says of a wish, and with "refused" ahead why it refuses it."""
    program = part("verify_draw")
    try:
        return next(line for line in program.checked(night, own, log=log) if "your wish" in line)
    except program.WrongError as error:
        return f"refused: {error}"


def corruptions(drawn):
    """Return each forgery as patches of the files of ``next``, with the reason that the independent program gives."""
    publisher, found = Publisher(drawn), []
    for kind, name in ALL:
        files = forged(publisher, kind, name)
        changed = {file: patches(drawn.files[file], content) for file, content in files.items()}
        found.append(
            {
                "name": name,
                "by": {"raw": "anybody", "republished": "the office", "closed": "the office, before closing"}[kind],
                "reason": reason(files),
                "everyone": reason({file: files[file] for file in FOR_EVERYONE}),
                "patches": {file: each for file, each in changed.items() if each},
            }
        )
    return found


def reason(files):
    """Return why the program refuses files; null where it passes them."""
    program = part("verify_draw")
    try:
        list(program.checked(Folder(files)))
    except program.WrongError as error:
        return str(error)
    return None


def patches(old, new):
    """Return what turns some bytes into others: [offset in the old ones, how many go, base64 of what comes instead]."""
    if old == new:
        return []
    one, other = (TOKENS.findall(content) for content in (old, new))
    begins = [0]
    for token in one:
        begins.append(begins[-1] + len(token))
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return [
        [begins[a], begins[b] - begins[a], base64.b64encode(b"".join(other[c:d])).decode()]
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    ]


def patched(content, changes):
    """Apply patches to a file."""
    for offset, gone, instead in reversed(changes):
        content = content[:offset] + base64.b64decode(instead) + content[offset + gone :]
    return content


def written(value):
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def listed(values):
    """Write a list with each value in a line of its own."""
    lines = (json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for value in values)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main():
    write(FOLDER, made())


if __name__ == "__main__":
    sys.exit(main())
