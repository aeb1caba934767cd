"""Check what everyone may read of the wishes once the days are over: coarse.jsonl.gz; for `second_draw.py`.

Common wishes are exact, rare ones only so exact as five lines share them. Needs Python 3.11 and the files it imports.
"""

from collections import Counter
from hashlib import sha256

from published_files import PSEUDONYM, REQUEST, SEVERAL, check_wish, read_lines
from strict_reading import ANYTHING, CODE, exact_json, need, shaped

NAME, FEWEST, MIXED = "coarse.jsonl.gz", 5, 3
PARTIES = ([1, 1], [2, 4], [5, 127])
BESIDE = ("nonce", "receipt", "person", "priority", "holds", "together")
PLAIN = {key: shape for key, shape in REQUEST.items() if key.removesuffix("?") not in BESIDE}
DOOR, SERVED, PARTY = {"door": REQUEST["door"]}, {"service": CODE}, {"party": REQUEST["party"]}
RUNGS = (
    DOOR | SERVED | PARTY | {"offices": [CODE]},
    DOOR | SERVED | PARTY | {"office": CODE},
    DOOR | SERVED | {"party": [range(1, 128)]},
    DOOR,
    {},
)


def read_coarse(content, rows):
    """Read a line for each row: an exact wish that gives the row's receipt, or the form of a rung."""
    lines = []
    for where, line in read_lines(content, NAME, ANYTHING):
        need(len(lines) < len(rows) and isinstance(line, dict), f"{where}: not the line of a row")
        if "coarse" in line:
            shaped(line, {"coarse": ANYTHING}, where)
            check_form(line["coarse"], where)
        else:
            shaped(line, PLAIN | SEVERAL | {"nonce": PSEUDONYM}, where)
            check_wish(line, where)
            right = sha256(exact_json(line)).hexdigest() == rows[len(lines)]["receipt"]
            need(right, f"{where}: not the wish of its receipt")
        lines.append(line)
    need(len(lines) == len(rows), f"{NAME} has {len(lines)} lines, not {len(rows)}")
    return lines


def check_form(form, where):
    need(isinstance(form, dict), f"{where}: a form is not an object")
    few = isinstance(form.get("party"), list)
    shapes = [each for each in RUNGS if each.keys() == form.keys() and isinstance(each.get("party"), list) is few]
    need(shapes, f"{where}: a form of no rung")
    shaped(form, shapes[0], where)
    offices = form.get("offices", ["one"])
    need(1 <= len(offices) <= 128 and len(set(offices)) == len(offices), f"{where}: an office twice, or none")
    need(not few or form["party"] in PARTIES, f"{where}: no size of parties")


def form_of(wish, rung):
    """What a rung says of a wish; nothing of its nonce."""
    if rung == 0:
        return wish
    size = next(size for size in PARTIES if size[0] <= wish["party"] <= size[1])
    known = wish | {"office": wish["offices"][0]} | ({"party": size} if rung == MIXED else {})
    return {key: known[key] for key in RUNGS[rung - 1]}


def forms_of(rows, wishes):
    """Give the form of each line: rung by rung, those stand that enough others share; the rest says nothing."""
    delicate = [wish["accessible"] or "holds" in wish or "together" in wish for wish in wishes]
    persons = Counter(row["person"] for row in rows)
    left = [leaf for leaf, row in enumerate(rows) if persons[row["person"]] == 1]
    rest = [leaf for leaf, row in enumerate(rows) if persons[row["person"]] > 1]
    classes = []
    for rung in range(MIXED + 2):
        groups = {}
        for leaf in left:
            row = rows[leaf]
            shown = row["priority"], row["before"] is not None, row["served"]
            if rung >= MIXED or not delicate[leaf]:
                groups.setdefault((exact_json(form_of(wishes[leaf], rung)), shown), []).append(leaf)
        safe = [(len(group), -rung, *key, group) for key, group in groups.items() if is_safe(group, delicate)]
        stand = {leaf for each in safe for leaf in each[-1]}
        classes, left = classes + safe, [leaf for leaf in left if leaf not in stand]
    rest += left
    classes.sort(reverse=True)
    while classes and rest and not is_safe(rest, delicate):
        rest += classes.pop()[-1]
    rungs = {leaf: -each[1] for each in classes for leaf in each[-1]}
    return [form_of(wish, rungs.get(leaf, len(RUNGS))) for leaf, wish in enumerate(wishes)], rungs


def is_safe(group, delicate):
    return len(group) >= FEWEST and 2 * sum(delicate[leaf] for leaf in group) <= len(group)


def check_coarse(lines, rows, wishes, nonces):
    """See that each line is exactly so exact as the rule says; for whoever has the wishes."""
    forms, rungs = forms_of(rows, wishes)
    for leaf, (line, form) in enumerate(zip(lines, forms, strict=True)):
        due = form | {"nonce": nonces[leaf]} if rungs.get(leaf) == 0 else {"coarse": form}
        need(line == due, f"{NAME}, line {leaf + 1}: more exact than the rule allows, or less")
    exact = sum(rung == 0 for rung in rungs.values())
    return f"{exact} wishes are published exactly, the others only as exactly as the rule says"
