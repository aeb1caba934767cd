"""The one-page report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table

from booking.country.packs.loading import load_pack
from booking.entrypoints.demo.day import Findings
from booking.entrypoints.demo.findings import Drawn, Judged
from booking.entrypoints.demo.progress import COMPILING, SET_UP
from booking.entrypoints.demo.stage import Stage
from booking.people.registers.choose import invented
from booking.people.registers.synthetic import lines_of, visitors
from booking.platform.base.clock import SystemClock


def print_report(console: Console, findings: Findings) -> None:
    """Print what happened on one page."""
    head = (
        f"{findings.people:,} citizens and expatriates and {findings.accounts.get('account', 0):,} accounts in "
        f"{findings.offices} offices, seed {findings.seed}; "
        f"{sum(findings.demand.asked.values()):,} quarters of an hour asked for on the first day"
    )
    console.print()
    console.print(
        Panel(
            Group(
                head,
                _gate(findings),
                _draws(findings.draws),
                _market(findings),
                _chances(findings.draws[0]),
                *_lines(findings),
            ),
            title="A booking day",
            width=min(console.width, 110),
        )
    )


def print_accounts(console: Console, stage: Stage, findings: Findings) -> None:
    """Print the addresses, and the accounts with which the pages can be tried."""
    table = Table(title="Ready accounts", title_justify="left", box=None, pad_edge=False)
    for column in ("user name", "password", "page", "finds there"):
        table.add_column(column)
    for account in findings.kept.accounts:
        table.add_row(account.username, account.password, stage.settings.base_url + account.page, account.finds)
    console.print(table)
    if findings.kept.open_today:
        zone = ZoneInfo(load_pack(stage.settings.country).country.time_zone)
        hours = " to ".join(f"{one.astimezone(zone):%H:%M}" for one in findings.kept.open_today)
        console.print(
            f"Offices are closed at this hour; the counter in Damascus is open {hours} for the demonstration."
        )
    console.print(f"Enter by one button, or take the tour of five minutes: {stage.settings.base_url}/demo")
    console.print("Here staff sign in by a password alone; elsewhere they need a second step (docs/security.md).")
    console.print(f"Everybody's notices and codes: {stage.settings.base_url}/outbox")
    console.print(f"The draws and their files:     {stage.settings.base_url}/draws")


def print_visitors(console: Console, stage: Stage) -> None:
    """Print people who are nobody's yet, with the papers by which proving can be tried."""
    pack = load_pack(stage.settings.country)
    console.print("\nPeople who are nobody's yet, with their papers, to try proving who one is")
    for line in lines_of(visitors(invented(stage.settings, pack, SystemClock()))):
        console.print(line, soft_wrap=True, highlight=False)
    console.print("The same list: mawid register people. Ctrl-C ends.")


def write_report(path: Path, findings: Findings) -> None:
    """Keep the figures beside the demonstration's data, for anyone who wants to compute with them; no passwords."""
    content: dict[str, Any] = {
        "people": findings.people,
        "seed": findings.seed,
        "honest": asdict(findings.honest),
        "hoarders": asdict(findings.hoarders),
        "draws": [asdict(draw) | {"figures": dict(draw.figures)} for draw in findings.draws],
        "answers": dict(findings.answers),
        "night": dict(findings.night),
        "accounts": dict(findings.accounts),
        "reviews": {name: {"hoarders": by[True], "honest": by[False]} for name, by in _reviewed(findings).items()},
        "freed": asdict(findings.freed),
        "first_come": [asdict(market) for market in findings.markets],
        "linked": asdict(findings.linked),
        "witnesses": {"contradictions": findings.contradictions, "caught": [asdict(one) for one in findings.caught]},
        "oversold": findings.oversold,
        "audit_entries": findings.audited,
        "seconds": dict(findings.seconds),
    }
    path.write_text(json.dumps(content, indent=1))


def _reviewed(findings: Findings) -> dict[str, dict[bool, int]]:
    return {"accepted": findings.reviews.accepted, "refused": findings.reviews.refused}


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(columns[0])
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _gate(findings: Findings) -> Table:
    words = ("asked", "accepted", "challenged", "answered", "to an officer", "refused", "stopped", "booked at once")
    table = _table("\nThe gate", "", *words)
    for name, group in (("honest people", findings.honest), ("brokers and bots", findings.hoarders)):
        table.add_row(name, *(f"{count:,}" for count in _gate_row(group)))
    return table


def _gate_row(group: Judged) -> tuple[int, ...]:
    verdicts = [group.words.get(word, 0) for word in ("accept", "challenge", "review", "refuse", "stopped", "instant")]
    return (group.asked, verdicts[0], verdicts[1], group.answered, *verdicts[2:])


def _draws(drawn: Sequence[Drawn]) -> Table:
    table = _table("\nThe draws", "", *(draw.reference for draw in drawn))
    rows: list[tuple[str, list[str]]] = [
        (
            "requests in the draw (people)",
            [_two(d.figures["asked_requests"], d.figures["asked_people"]) for d in drawn],
        ),
        ("free places, quarters of an hour", [f"{d.figures['places']:,}" for d in drawn]),
        ("requests served (people)", [_two(d.figures["served_requests"], d.figures["served_people"]) for d in drawn]),
        ("places used", [_share(d.figures["used"], d.figures["places"]) for d in drawn]),
        ("first choice of office", [_first_choice(d.figures) for d in drawn]),
        ("needed by a day of the horizon, served in time", [_of(*d.deadlines) for d in drawn]),
        ("lost before, served now", [_of(*d.carried) for d in drawn]),
        ("proven gap to the best plan", [f"{d.figures['gap']:.3%}" for d in drawn]),
        ("close, draw and publish", [f"{d.seconds:.1f} s" for d in drawn]),
        ("checks of the published files passed", [_of(*d.checks) for d in drawn]),
    ]
    for name, cells in rows:
        table.add_row(name, *cells)
    return table


def _market(findings: Findings) -> Table:
    first = findings.draws[0]
    table = _table(
        f"\nWhat brokers and bots got of the {first.figures['places']:,} places",
        "",
        "first come, first served",
        "the same behind the gate",
        "gate and draw",
    )
    open_market, gated = findings.markets
    served = first.figures["served_requests"] - first.hoarders[0]
    table.add_row(
        "places they held", *(_share(market.units[0], sum(market.units)) for market in findings.markets),
        _share(first.hoarded_units, first.figures["used"]),
    )  # fmt: skip
    table.add_row(
        "their requests served", *(_of(market.served[0], market.asked[0]) for market in findings.markets),
        _of(*first.hoarders),
    )  # fmt: skip
    table.add_row(
        "of those in nobody's name, to be sold later",
        *(f"{market.invented:,}" for market in findings.markets),
        f"{first.invented:,}, bound to that name",
    )
    table.add_row("honest requests served", f"{open_market.served[1]:,}", f"{gated.served[1]:,}", f"{served:,}")
    return table


def _chances(draw: Drawn) -> Table:
    title = f"\nChances: served of asked (by priority and access too: /draws/{draw.reference} and its report.json)"
    table = _table(title, "service", "", "party", "", "door", "")
    groups = [sorted(draw.figures["groups"][name].items()) for name in ("service", "party", "door")]
    for row in range(max(map(len, groups))):
        cells: list[str] = []
        for group in groups:
            name, counts = group[row] if row < len(group) else ("", None)
            cells += [name, "" if counts is None else _of(counts["served"], counts["asked"])]
        table.add_row(*cells)
    for column in (2, 4):
        table.columns[column].justify = "left"
    return table


def _lines(findings: Findings) -> list[str]:
    answers, reviews, back = findings.answers, findings.reviews, findings.freed
    instant = [(group.words.get("instant", 0), group.tried_instant) for group in (findings.honest, findings.hoarders)]
    linked, night = findings.linked, findings.night
    played = sum(seconds for name, seconds in findings.seconds.items() if name not in {COMPILING, SET_UP})
    sentences = f"""
Offers: {answers.get("confirmed", 0):,} confirmed, {answers.get("cancelled", 0):,} cancelled, \
{answers.get("ignored", 0):,} lapsed; {back.units:,} places came back, and the next draw gave \
{back.given_again:,} of them to others.
{night.get("holders", 0):,} who confirmed wished for another day or office; a night of the exchange moved \
{night.get("moved", 0):,} of them, as its page under /exchange shows.
Officers: of honest requests {reviews.accepted[False]} accepted, {reviews.refused[False]} refused \
({reviews.upheld} of {reviews.appealed} appeals upheld); of hoarders' {reviews.accepted[True]} accepted, \
{reviews.refused[True]} refused.
Cancelled by a hoarder and tried again a second later: {answers.get("rebook", 0)}, of which \
{answers.get("rebook_freed_place", 0)} got the place back. \
Booked at once: {_of(*instant[0])} honest, {_of(*instant[1])} hoarders who tried. \
Stopped hoarders: {_counted(findings.hoarders.stopped_by)}; honest people: {_counted(findings.honest.stopped_by)}.
Rings: {linked.rings} found with {linked.accounts} accounts of their own, {linked.honest} of them honest people's, and \
{linked.clients} clients about whom nobody is asked; they hold \
{_of(*linked.teams)} teams of brokers and scripts with eight accounts or more. Officers are asked whether two people \
are one {linked.pairs} times.
Slots with more places taken than there are, or than appointments hold: {findings.oversold}. \
Who showed that they are who they say: {findings.accounts.get("proven", 0):,} people of households, and \
{findings.accounts.get("proven by hoarders", 0):,} whose cards brokers and bots had.
Audit log: {findings.audited} entries, chain intact. Played in {played:.0f} s, set-up apart."""
    return [*sentences.splitlines(), *_why(findings.draws), *_witnessed(findings)]


def _witnessed(findings: Findings) -> list[str]:
    """Return what the witnesses of the log found, and what one says to an insider who rigs a copy of it."""
    lines = [f"Four witnesses signed the log and the draws; contradictions that they found: {findings.contradictions}."]
    for one in findings.caught:
        lines += [
            f"On a copy of the log an insider {one.tried}. A witness at its next look:",
            *(f"  {said}" for said in one.said),
        ]
    return lines


def _why(drawn: Sequence[Drawn]) -> list[str]:
    """Return one example of what people without a place are shown, from the first draw that left any."""
    told = next((draw.unlucky for draw in drawn if draw.unlucky), None)
    if told is None:
        return []
    return [
        (
            f"Why {told.reference} has no place: {told.ahead:,} people ahead of it asked for the same offices; with "
            f"{told.office} on {told.day} among its wishes it would have had one. "
            f"{_of(told.told, told.all)} without a place were told of one that would have been theirs."
        )
    ]


def _two(requests: int, people: int) -> str:
    return f"{requests:,} ({people:,})"


def _first_choice(figures: Mapping[str, Any]) -> str:
    told = figures["first_choice"] is not None  # else too few are served to say it
    return _share(figures["first_choice"], figures["served_requests"]) if told else "–"


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.1%})" if whole else f"{part:,}"


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}" + (f" ({part / whole:.0%})" if whole else "")


def _counted(words: Mapping[str, int]) -> str:
    return ", ".join(f"{word.replace('_', ' ')} {count:,}" for word, count in sorted(words.items())) or "none"
