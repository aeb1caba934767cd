"""Check that whoever stands ahead lost the earlier draws that their link names; for `verify_draw.py`.

A line row has as many lost draws as what its link leads to hands on; a row of turns.csv has one more.
"""

from second_draw import SecondDraw
from strict_reading import need


def check_before(draw, earlier):
    """See that every link that leads to a draw given here leads to a row that hands on this priority."""
    draws = {each.reference: each for each in earlier if isinstance(each, SecondDraw)}
    need(len(draws) == len(earlier) and draw.reference not in draws, "--before: a draw twice, or not of format 2")
    needed = [draw, *draws.values()]
    need(
        all(isinstance(each, SecondDraw) and each.opened for each in needed),
        "--before: the observers' files are needed",
    )
    for each in draws.values():
        check_earlier(draw, each)
    old = any(row["reason"] == "before-format-2" for row in draw.turns)
    need(not old, f"{draw.reference}: a turn from before this format, although there are earlier draws of it")
    taken, proven, missing = set(), 0, set()
    for each in needed:
        for row, link, turn, where in links_of(each):
            named = link["draw"], link["list"], link["row"]
            need(named not in taken, f"{where}: {link['list']} row {link['row']} of {link['draw']} is counted twice")
            taken.add(named)
            if link["draw"] not in draws or link["draw"] == each.reference:
                missing |= {link["draw"]} - {each.reference}
                continue
            due = handed_on(draws[link["draw"]], link, where) + turn
            need(row["priority"] == due, f"{where}: a priority of {row['priority']}, but {due} by {link['draw']}")
            proven += 1
    rest = f"; not given: {', '.join(sorted(missing))}" if missing else ""
    return f"{proven} priorities follow from draws that were lost before, and none was counted twice{rest}"


def check_earlier(draw, each):
    """An earlier draw is right itself, and was over when this one closed."""
    for check in each.checks():
        check()
    need(each.log == draw.log, f"{each.reference} stands in another log than {draw.reference}")
    before = each.proofs[2].index < draw.proofs[1].index
    need(before, f"the result of {each.reference} came after the closing of {draw.reference}")


def links_of(draw):
    """Give each row that has a link, the link, what a turn adds, and where it stands."""
    for number, (row, opened) in enumerate(zip(draw.rows, draw.requests, strict=True)):
        if opened["link"]:
            yield row, opened["link"], 0, f"{draw.reference}, line.csv, row {number}"
    for number, (row, opened) in enumerate(zip(draw.turns, draw.opened_turns, strict=True)):
        if opened["link"]:
            yield row, opened["link"], 1, f"{draw.reference}, turns.csv, row {number}"


def handed_on(draw, link, where):
    rows = draw.rows if link["list"] == "line" else draw.turns
    need(link["row"] < len(rows), f"{where}: no row {link['row']} in {link['list']} of {draw.reference}")
    row = rows[link["row"]]
    return row["priority"] + (row.get("served") == "0")
