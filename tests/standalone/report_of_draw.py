"""Sum a draw up again from its requests, its places and its plan, as report.json does; for `verify_draw.py`."""


def report_of(draw):
    """The report holds what the other files give, and nothing else; shares have four digits."""
    requests, plan = draw.requests, draw.certificate["plan"]
    served = {row: draw.bins[b] for row, b in enumerate(draw.bin.tolist()) if b >= 0}
    everyone = counts(draw, range(len(requests)))
    first = sum(requests[row]["offices"][0] == each["office"] for row, each in served.items())
    come = sorted(each["day"] for each in served.values())
    due = [row for row, one in enumerate(requests) if (one["needed_by"] or "z") <= draw.facts["horizon_last"]]
    few, told = 0 < len(due) < draw.least, len(come) >= draw.least > 1 or draw.least == 1
    exchange, missing = draw.mechanism == "exchange", plan["bound"] - plan["objective"]
    people = missing * everyone["served_people"] / plan["objective"] if plan["objective"] else 0.0
    found = {name: plan[name] for name in ("mechanism", "status", "objective", "bound", "served_people")}
    found |= {
        "format": "mawid-report-1" if draw.least == 1 else "mawid-report-2",
        "reference": draw.facts["reference"],
        "places": int(draw.places.sum()),
        "asked_requests": everyone["asked"],
        "served_requests": everyone["served"],
        "first_choice": first if told else None,
        "asked_people": everyone["asked_people"],
        "used": plan["served_units"],
        "first_choice_share": round(first / len(served), 4) if served and told else None,
        "half_served_by": come[(len(come) - 1) // 2] if len(come) >= draw.least else None,
        "gap": (missing / plan["bound"] if plan["bound"] else 0.0) if exchange else None,
        "gap_people": people if exchange else None,
        "deadlines": None if few else counts(draw, due),
        "groups": {name: {} for name in ("service", "party", "door", "priority", "accessible")},
    }
    for name, groups in found["groups"].items():
        for row, one in enumerate(requests):
            groups.setdefault(
                {True: "yes", False: "no"}[one[name]] if name == "accessible" else str(one[name]), []
            ).append(row)
        found["groups"][name] = {
            value: counts(draw, rows) for value, rows in together_with_fewer(groups, draw.least).items()
        }
    households = {one["together"]: [] for one in requests if "together" in one}
    for row, each in served.items():
        households.get(requests[row].get("together"), []).append((each["office"], each["day"]))
    several = [visits for visits in households.values() if len(visits) > 1]
    asked, visits = sum(map(len, several)), sum(len(set(each)) for each in several)
    saved = {"households": len(several), "requests": asked, "visits": visits, "saved": asked - visits}
    wished = sum("together" in one for one in requests)
    found |= {"together": saved} if wished >= draw.least else {}
    return found


def together_with_fewer(groups, least):
    """Put the groups together that too few are in, and the smallest of the others until they are enough."""
    kept = sorted(groups, key=lambda value: (-len(groups[value]), value))
    few = []
    while kept and (len(groups[kept[-1]]) < least or 0 < len(few) < least):
        few += groups[kept.pop()]
    return {value: groups[value] for value in kept} | ({"fewer": few} if few else {})


def counts(draw, rows):
    got = [row for row in rows if draw.bin[row] >= 0]
    people = [sum(draw.requests[row]["party"] for row in each) for each in (rows, got)]
    share = round(len(got) / len(rows), 4) if rows else None
    people = {"asked_people": people[0], "served_people": people[1]}
    return {"asked": len(rows), "served": len(got), "share": share} | people
