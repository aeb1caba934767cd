"""Check that whoever stands ahead lost the earlier draws that their link names; for `verify_draw.py`.

A line row has as many lost draws as what its link leads to hands on; a row of turns.csv has one more.
"""

from second_draw import SecondDraw
from strict_reading import need


def check_before(draw, earlier):
    """See that every link to an earlier draw leads to a row that hands on this priority, and no two to the same."""
    need(all(isinstance(each, SecondDraw) for each in (draw, *earlier)), "--before: a draw is not of format 2")
    need(draw.opened, "--before: the observers' files of this draw are needed")
    draws = {each.reference: each for each in earlier}
    need(len(draws) == len(earlier) and draw.reference not in draws, "--before: a draw is there twice")
    for each in earlier:
        check_earlier(draw, each)
    old = any(row["reason"] == "before-format-2" for row in draw.turns)
    need(not old, "turns.csv: a turn from before this format, although there are earlier draws of it")
    proven = 0
    for row, link, turn, where in links_of(draw):
        if link["draw"] != draw.reference:
            need(link["draw"] in draws, f"{where}: it leads to the draw {link['draw']}, which was not given")
            due = handed_on(draws[link["draw"]], link, where) + turn
            need(row["priority"] == due, f"{where}: a priority of {row['priority']}, but {due} by {link['draw']}")
            proven += 1
    taken = set()
    for each in (draw, *earlier):
        for _, link, _, where in links_of(each):
            named = link["draw"], link["list"], link["row"]
            need(named not in taken, f"{where}: {link['list']} row {link['row']} of {link['draw']} is counted twice")
            taken.add(named)
    return f"{proven} priorities follow from draws that were lost before, and none was counted twice"


def check_earlier(draw, each):
    """An earlier draw is right for everyone, and its list was closed before this one's."""
    for check in each.checks_for_everyone():
        check()
    need(each.log == draw.log, f"{each.reference} stands in another log than {draw.reference}")
    sizes = [one.facts["receipts"]["size"] for one in (each, draw)]
    need(sizes[0] < sizes[1], f"{each.reference} was not closed before {draw.reference}")


def links_of(draw):
    """Give each row that has a link, the link, what a turn adds, and where it stands; none where nobody may see it."""
    if not draw.opened:
        return
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
