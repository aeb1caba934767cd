"""Run the conformance suites against a Mawid that this starts, and hold docs/conformance.md to what they came to.

``python -m tests.conformance.run [--write | --published CHECKOUT]``: without ``--write`` the page must say already what
the run gives. Status 1 where a scenario failed or the page says something else.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Final

import structlog
import uvicorn
from pydantic import SecretStr

from api.main import create_app
from booking.antifraud.gate.versions import publish_default_rules
from booking.country.catalogue.load import load_catalogue, make_slots
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.people.payments.provider import SANDBOX
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models.states import Door
from booking.scheduling.draws.draw import announce
from deploy.checks.free_ports import free_port
from tests.conformance.published import run_published
from tests.conformance.report import FAILED, PASSED, SKIPPED, Suite, filled, read, read_tests, tables
from tests.support.country import a_member, an_account, eligible_number
from tests.support.online_cases import INSURANCE, valid_answers
from tests.support.root import ROOT

PAGE: Final = ROOT / "docs/conformance.md"
HERE: Final = ROOT / "tests/conformance"
TOOLS: Final = ROOT / ".venv/conformance/node_modules"
"""Beside the code and not in it: whatever looks through the tree would look through theirs."""
SERVICE, OFFICE = "passport-renewal", "damascus"
SUITES: Final = {
    "scheduler": "GovStack Scheduler 1.0.0, our scenarios",
    "registration": "GovStack Registration, our scenarios",
    "mosip": "MOSIP pre-registration 1.2, booking, our scenarios",
}
IN_PYTHON: Final = {
    "tests/api/pages/account/test_another_provider.py": "OpenID Connect: citizens at oidc-provider 9.13, certified",
    "tests/booking/eservices/credentials/test_another_implementation.py": (
        "credentials, by sd-jwt-vc 0.19 and openid4vci 0.4"
    ),
}
"""Suites in which a program of others is the other side: a whole journey each."""
CALLERS: Final = 150
"""Citizens whose systems call, each with one person: of each suite as many as it has scenarios that book somebody."""


@contextmanager
def candidate() -> Iterator[dict[str, str]]:
    """Serve a whole country over HTTP with the adapters on; yield the environment by which a suite finds it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v"))
        migrate(postgres.url)
        settings = Settings(
            _env_file=None,
            secret_key=SecretStr("a secret that protects nobody at all"),
            state_dir=folder,
            govstack=True,
            payment_provider=SANDBOX,
            password_hash_memory_kib=64,
            password_hash_rounds=1,
            mosip_service=SERVICE,
        )
        core = stack.enter_context(open_core(settings, database_url=postgres.url, redis_url=valkey.url))
        fill(core)
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(create_app(core), port=port, log_level="error"))
        serving = Thread(target=server.run)
        serving.start()
        stack.callback(serving.join)
        stack.callback(_stop, server)
        yield {
            "CANDIDATE_URL": f"http://127.0.0.1:{port}/api/govstack/scheduler",
            "REGISTRATION_URL": f"http://127.0.0.1:{port}/api/govstack/registration",
            "CANDIDATE_TOKENS": ",".join(a_caller(core) for _ in range(CALLERS)),
            "MOSIP_URL": f"http://127.0.0.1:{port}/api/mosip/preregistration/v1/applications/appointment",
            "CATEGORY": SERVICE,
            "ENTITY": OFFICE,
            "CENTRE": OFFICE,
            "SERVICE": INSURANCE,
            "ANSWERS": json.dumps(valid_answers(core, core.pack.service(INSURANCE))),
        }


def _stop(server: uvicorn.Server) -> None:
    server.should_exit = True


def fill(core: Core) -> None:
    """Load the country, open its offices for some weeks, and announce a draw."""
    load_catalogue(core, pack=core.pack)
    today = core.today()
    make_slots(core, pack=core.pack, first=today, last=today + timedelta(days=45))
    publish_default_rules(core)
    now = core.clock.now()
    announce(
        core,
        reference="CONFORMANCE",
        opens_at=now,
        closes_at=now + timedelta(days=3),
        horizon_first=today + timedelta(days=10),
        horizon_last=today + timedelta(days=40),
    )


def a_caller(core: Core) -> str:
    """Make a citizen with one person, and return the token that their system has."""
    account = an_account(core)
    a_member(core, account, number=eligible_number(core))
    return sessions.create(core, account_id=account, language="en", door=Door.HOME)[0]


def run_suite(name: str, folder: str, environment: dict[str, str], into: Path) -> Suite:
    """Run the features of a folder with cucumber-js; what it prints is shown where something failed."""
    report = into / f"{folder}.json"
    done = subprocess.run(
        [TOOLS / ".bin/cucumber-js", f"features/{folder}/**/*.feature", "--format", f"json:{report}"],
        cwd=HERE,
        env=os.environ | environment | {"NODE_PATH": str(TOOLS)},
        capture_output=True,
        text=True,
        check=False,
    )
    if not report.exists():
        sys.exit(done.stdout + done.stderr)
    return read(name, report)


def run_in_python(name: str, file: str, into: Path) -> Suite:
    """Run a file of tests; what it prints is shown where nothing was tried."""
    report = into / f"{Path(file).stem}.xml"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if not report.exists():
        sys.exit(done.stdout + done.stderr)
    return read_tests(name, report)


def tell_published(suite: Suite) -> None:
    """Print what somebody else's scenarios came to; how many pass is theirs to say, so nothing is held to it."""
    for failure in suite.failures:
        print(f"FAILED {failure.splitlines()[0]}")
    counts = (suite.counts[PASSED], suite.counts[SKIPPED], suite.counts[FAILED])
    print(f"{suite.name}: {suite.scenarios}; passed, skipped, failed: {', '.join(map(str, counts))}")


def main() -> None:
    """Run all suites and compare, or write, the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/conformance.md")
    parser.add_argument("--published", type=Path, help="run only the scenarios of a checkout of bb-registration")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as into, candidate() as environment:
        if given.published is not None:
            tell_published(run_published(given.published.resolve(), environment, Path(into)))
            return
        tokens = environment["CANDIDATE_TOKENS"].split(",")
        suites = []
        for number, (folder, name) in enumerate(SUITES.items()):
            own = {"CANDIDATE_TOKENS": ",".join(tokens[number :: len(SUITES)])}
            suites.append(run_suite(name, folder, environment | own, Path(into)))
        suites += [run_in_python(name, file, Path(into)) for file, name in IN_PYTHON.items()]
    written = tables(suites)
    failures = [failure for suite in suites for failure in suite.failures]
    page = PAGE.read_text(encoding="utf-8")
    if given.write:
        PAGE.write_text(filled(page, written), encoding="utf-8")
    print(written)
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    if failures:
        sys.exit(1)
    if not given.write and filled(page, written) != page:
        sys.exit("docs/conformance.md says something else: ./run conformance --write")


if __name__ == "__main__":
    main()
