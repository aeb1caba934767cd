"""The demonstration as a command: play, report, then serve the pages."""

from typing import Final

from rich.console import Console

from booking.entrypoints.demo.day import play_days
from booking.entrypoints.demo.report import print_accounts, print_report, print_visitors, write_report
from booking.entrypoints.demo.stage import open_stage, write_ready
from booking.entrypoints.demo.witnesses import watching
from booking.serving import check_address, serve_on

_PAGE: Final = 110


def play(*, people: int, seed: int, serve: bool, host: str, port: int) -> int:
    """Play two booking days and print the report; then, if asked, serve the pages until interrupted.

    Return the code with which the command ends; see `booking.serving.serve_on`.

    Raises
    ------
    booking.platform.base.server_error.ServerError
        The address cannot be served on, which is said before anything is played, or a private server does not start.
    booking.entrypoints.demo.stage.NotOursError
        The database has content that no demonstration made, or is a production's; nothing is touched.
    booking.entrypoints.demo.stage.DemoRunningError
        Another demonstration holds the state folder; nothing is touched.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PAGE)
    if serve:
        check_address(host, port)
    try:
        with open_stage(host=host, port=port) as stage:
            findings = play_days(stage, console, people=people, seed=seed, later=serve)
            print_report(console, findings)
            write_ready(stage.settings.state_dir, findings.kept)
            write_report(stage.settings.state_dir / "report.json", findings)
            if serve:
                print_accounts(console, stage, findings)
                print_visitors(console, stage)
                with watching(stage.settings.state_dir):
                    return serve_on(
                        stage.settings,
                        database_url=stage.database_url,
                        redis_url=stage.redis_url,
                        host=host,
                        port=port,
                        more=stage.environment(),
                    )
    except KeyboardInterrupt:
        console.print("\nstopped")
    return 0
