"""Check that whoever stands ahead lost the earlier draws that their link names; for `verify_draw.py`.

A line row has as many lost draws as what its link leads to hands on; a row of turns.csv has one more. Of a request that
was changed to ask for more than before, those draws count alone that last: in which some place fitted its wish.
"""

import numpy as np
from second_draw import SecondDraw
from second_files import FORMATS
from strict_reading import need, numbers


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
    for row, opened, turn, where in links_of(draw):
        link = opened["link"]
        if link["draw"] != draw.reference:
            need(link["draw"] in draws, f"{where}: it leads to the draw {link['draw']}, which was not given")
            check_priority(row["priority"] - turn, opened, handed_on(draws[link["draw"]], link, where), where)
            proven += 1
    taken = set()
    for each in (draw, *earlier):
        for _, opened, _, where in links_of(each):
            link = opened["link"]
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
    """Give each row that has a link, its line, what a turn adds, and where it stands; none where nobody may see it."""
    if not draw.opened:
        return
    for number, (row, opened) in enumerate(zip(draw.rows, draw.requests, strict=True)):
        if opened["link"]:
            yield row, opened, 0, f"{draw.reference}, line.csv, row {number}"
    for number, (row, opened) in enumerate(zip(draw.turns, draw.opened_turns, strict=True)):
        if opened["link"]:
            yield row, opened, 1, f"{draw.reference}, turns.csv, row {number}"


def handed_on(draw, link, where):
    """Draws lost after a row, how many of them last, and the row as observers see it."""
    in_line = link["list"] == "line"
    rows = draw.rows if in_line else draw.turns
    need(link["row"] < len(rows), f"{where}: no row {link['row']} in {link['list']} of {draw.reference}")
    row, opened = rows[link["row"]], None
    lost = row.get("served") == "0"
    every = row["priority"] + lost
    if draw.opened:
        opened = (draw.requests if in_line else draw.opened_turns)[link["row"]]
    if draw.facts["format"] == FORMATS[0]:
        return every, every, opened
    need(opened, f"{where}: the observers' files of {draw.reference} are needed")
    return every, opened["lasting"] + int(lost and link["row"] in fitting(draw)), opened


def fitting(draw):
    """Rows of the line that accept a bin with room for all of them, whoever else does."""
    if not hasattr(draw, "fitting"):
        request, place, _ = draw.acceptable_pairs()
        units = np.array([each["units"] for each in draw.requests], np.int64)
        places = np.array([sum(numbers(each["free"])) for each in draw.bins], np.int64)
        draw.fitting = set(request[units[request] <= places[place]].tolist())
    return draw.fitting


def check_priority(priority, opened, handed, where):
    every, lasting, before = handed
    turn, own, by = "offices" not in opened, opened.get("lasting"), opened["link"]["draw"]
    if own is None or (before and before["base"] == opened["base"]):
        due = [every]
    elif turn or before is None or "offices" not in before or asks_for_no_more(opened, before):
        due = [every, lasting]  # a turn outside the line shows no wish, and a wish may have changed twice
    else:
        due = [lasting]
    need(priority in due, f"{where}: {priority} draws were lost before, but {due[0]} by {by}")
    need(own is None or own - lasting in range(1 + turn), f"{where}: {own} draws last, but {lasting} by {by}")


def services_of(wish):
    return {wish["service"], *wish.get("also", [])}


def asks_for_no_more(wish, before):
    """Whether all that fits a wish fitted the one before."""
    same = all(wish[name] == before[name] for name in ("door", "accessible"))
    same = same and services_of(wish) == services_of(before)
    fewer = all(set(wish[name]) <= set(before[name]) for name in ("offices", "bands"))
    ends = [min(each[name] or "9999-12-31" for name in ("last_day", "needed_by")) for each in (wish, before)]
    days = wish["first_day"] >= before["first_day"] and ends[0] <= ends[1]
    times = days and wish["weekdays"] | before["weekdays"] == before["weekdays"]
    own = wish.get("windows", {})
    for office, (first, last) in before.get("windows", {}).items():
        begins, ends = own.get(office, ("0000", "9999-12-31"))
        times = times and (office not in wish["offices"] or first <= begins <= ends <= last)
    return same and fewer and times and wish["units"] >= before["units"]
