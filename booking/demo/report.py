"""The one-page report."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from booking.demo.accounts import Ready
from booking.demo.day import Findings
from booking.demo.stage import Stage


def print_report(console: Console, findings: Findings) -> None:
    """Print what happened on one page."""
    console.print(findings.honest, findings.hoarders, findings.reviews)
    for draw, report in zip(findings.draws, findings.checks, strict=True):
        console.print(draw)
        console.print(report.words())
    console.print(findings.market, findings.answers, findings.lapsed, findings.oversold, findings.audited)
    console.print(findings.seconds)


def print_accounts(console: Console, stage: Stage, ready: Sequence[Ready]) -> None:
    """Print the addresses, and the accounts with which the pages can be tried."""
    for account in ready:
        console.print(stage.settings.base_url, account)


def write_report(path: Path, findings: Findings) -> None:
    """Keep the figures beside the demonstration's data, for whoever wants to compute with them."""
    path.write_text(json.dumps({"people": findings.people, "market": asdict(findings.market)}))
