"""A thousand people fill in a service's form, 64 at a time, page by page, each in a network of their own.

Run with ``python benchmarks/form_sessions.py [PEOPLE]``; it starts its own durable PostgreSQL and Valkey and two web
processes. Everyone begins a case of car insurance, opens and answers its questions part by part, reads the review and
sends it, as a browser without scripts does: a page for every GET, a redirect for every POST, each answer committed
before it. Papers are put where the converter would put them, between the answers and the review, and are not measured.
"""

import asyncio
import re
import runpy
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import func, insert, select

from booking.country.catalogue.load import load_catalogue
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.register import seal_grant, seal_national_number, seal_phone
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.people.registers.synthetic import grant_of
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models import Account, HouseholdMember, OnlineCase, OnlinePaper, Person
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import Door

HTTP = runpy.run_path(str(Path(__file__).with_name("http_requests.py")))
PROCESSOR = runpy.run_path(str(Path(__file__).parent / "replayed" / "processor.py"))
PORT = 8798
PEOPLE = 1000
CLIENTS = 64
SERVICE = "compulsory-car-insurance"
CODES = ("plate-governorate", "plate", "vehicle-class", "make", "starts", "months")
BASE_URL = f"http://localhost:{PORT}"


@dataclass
class Driver:
    """Someone with a session, who fills in a form."""

    account: UUID
    member: int
    cookie: str = ""
    csrf: str = ""
    case: str = ""


def settle(core: Core, count: int) -> list[Driver]:
    """Write people with a household of one, proven and signed in."""
    now, found = core.clock.now(), []
    accounts, people, members = [], [], []
    for member, national_number in enumerate(islice(HTTP["numbers"](core), count), 1):
        phone = seal_phone(core.vault, f"+9639{member:08}")
        number = seal_national_number(core.vault, national_number)
        one, person = Driver(uuid4(), member), uuid4()
        accounts.append(
            {
                "id": one.account,
                "username": f"driver{member}",
                "password_hash": "none",
                "phone_ciphertext": phone.ciphertext,
                "phone_hash": phone.hash,
                "phone_confirmed_at": now,
                "language": "ar",
                "door": Door.HOME,
                "roles": ["citizen"],
                "registered_helper": False,
                "created_at": now,
            }
        )
        people.append(
            {
                "id": person,
                "national_number_ciphertext": number.ciphertext,
                "national_number_hash": number.hash,
                "birth_date": date(1990, 5, 17),
                "created_at": now,
            }
        )
        members.append(
            {
                "id": member,
                "account_id": one.account,
                "person_id": person,
                "name": "أمل المتخيَّلة",
                "relation": "self",
                "created_at": now,
                "level": IdentityLevel.PROVEN,
                "proved_by": ProofKind.CARD,
                "proved_at": now,
                "grant_ciphertext": seal_grant(core.vault, member, grant_of(national_number)),
            }
        )
        token, data = sessions.create(core, account_id=one.account, language="ar", door=Door.HOME, roles=("citizen",))
        one.cookie, one.csrf = token, data.csrf
        found.append(one)
    with core.sessions.begin() as session:
        for model, rows in ((Account, accounts), (Person, people), (HouseholdMember, members)):
            session.execute(insert(model), rows)
    return found


class Crowd:
    """Everyone's connections, and how long each kind of step took."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)
        self.wrong: list[str] = []
        self.came_back = 0

    async def fill(self, one: Driver, today: str) -> None:
        """Begin a case, open each question and answer it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=2**20)
        codes = iter(CODES)
        to = await self.call(reader, writer, one, "begin", f"/online/services/{SERVICE}", person=str(one.member))
        one.case = to.split("/")[3]
        plate = f"{1_000_000 + one.member}"
        for part in (("damascus", plate, "private"), ("كيا ريو", today, "6")):
            await self.call(reader, writer, one, "page", to)
            answers = {f"answer-{code}": answer for code, answer in zip(islice(codes, len(part)), part, strict=True)}
            to = await self.call(reader, writer, one, "answer", to, **answers)
        writer.close()

    async def send(self, one: Driver) -> None:
        """Read the review and send the case."""
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=2**20)
        review = f"/online/cases/{one.case}/review"
        await self.call(reader, writer, one, "page", review)
        await self.call(reader, writer, one, "send", review, declared="yes")
        writer.close()

    async def call(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        one: Driver,
        kind: str,
        path: str,
        **fields: str,
    ) -> str:
        """Make one request; return where it leads."""
        body = urlencode({"csrf": one.csrf, **fields}).encode() if fields else b""
        head = (
            f"{'POST' if fields else 'GET'} {path} HTTP/1.1\r\nHost: localhost:{PORT}\r\n"
            f"Cookie: mawid={one.cookie}; mawid_device={'d' * 22}\r\n"
            f"X-Forwarded-For: 10.{one.member >> 8}.{one.member & 255}.7\r\n"
        )
        if fields:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        began = time.perf_counter()
        writer.write(head.encode() + b"\r\n" + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", answer)
        await reader.readexactly(int(length[1]) if length else 0)
        self.took[kind].append(time.perf_counter() - began)
        status = answer.split(" ", 2)[1]
        if status == "503":
            self.came_back += 1
            await asyncio.sleep(1)
            return await self.call(reader, writer, one, kind, path, **fields)
        if status not in {"200", "303"} or (fields and status != "303"):
            self.wrong.append(f"{kind} {path}: {status}")
        led = re.search(r"location: (\S+)", answer)
        return led[1] if led else path


def put_papers(core: Core, drivers: list[Driver]) -> None:
    """Attach the paper that the form asks for."""
    now, references = core.clock.now(), [one.case for one in drivers]
    with core.sessions.begin() as session:
        mine = OnlineCase.reference.in_(references)
        cases = session.execute(select(OnlineCase.id, OnlineCase.account_id).where(mine)).all()
        rows = [
            {
                "id": uuid4(),
                "case_id": case_id,
                "document_code": "registration",
                "sha256": sha256(case_id.bytes).digest(),
                "media_type": "image/jpeg",
                "size": 1000,
                "pages": 1,
                "fingerprints": ["0" * 16],
                "uploaded_by": account_id,
                "uploaded_at": now,
            }
            for case_id, account_id in cases
        ]
        session.execute(insert(OnlinePaper), rows)
    assert len(rows) == len(drivers)


@contextmanager
def a_country() -> Iterator[tuple[Core, str, str, Path]]:
    """Start servers and load the country; yield its core, the addresses of PostgreSQL and Valkey, and their folder."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres, valkey = EmbeddedPostgres(folder / "p"), EmbeddedValkey(folder / "v")
        for server in (postgres, valkey):
            server.start()
            stack.callback(server.stop)
        migrate(postgres.url)
        settings = Settings(
            _env_file=None,
            secret_key=SecretStr(HTTP["SECRET"]),
            base_url=BASE_URL,
            state_dir=folder / "state",
            payment_provider="sandbox",
        )
        core = stack.enter_context(open_core(settings, database_url=postgres.url, redis_url=valkey.url))
        load_catalogue(core, pack=core.pack)
        yield core, postgres.url, valkey.url, folder


def main() -> None:
    """Measure and print the tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with ExitStack() as stack:
        core, postgres_url, valkey_url, folder = stack.enter_context(a_country())
        drivers, crowd = settle(core, count), Crowd()
        given = {"MAWID_BASE_URL": BASE_URL, "MAWID_TRUSTED_PROXIES": "127.0.0.1", "MAWID_PAYMENT_PROVIDER": "sandbox"}
        web = HTTP["site"](
            postgres_url,
            valkey_url,
            folder,
            given,
            port=PORT,
            options=("--backlog", "4096", "--timeout-worker-healthcheck", "60"),
        )
        stack.enter_context(web)
        today = (core.today() + timedelta(days=1)).isoformat()

        async def everyone(step: str) -> float:
            began, waiting = time.perf_counter(), iter(drivers)

            async def client() -> None:
                for one in waiting:
                    await (crowd.fill(one, today) if step == "fill" else crowd.send(one))

            await asyncio.gather(*(client() for _ in range(CLIENTS)))
            return time.perf_counter() - began

        began = PROCESSOR["spent"]()
        filling = asyncio.run(everyone("fill"))
        assert not crowd.wrong, crowd.wrong[:3]
        put_papers(core, drivers)
        sending = asyncio.run(everyone("send"))
        spent = {name: used - began.get(name, 0.0) for name, used in PROCESSOR["spent"]().items()}
        with core.sessions() as session:
            sent = session.scalar(
                select(func.count()).select_from(OnlineCase).where(OnlineCase.state == OnlineState.AWAITING_PAYMENT)
            )
    calls = sum(len(one) for one in crowd.took.values())
    print(f"{count} people, {CLIENTS} at a time, {HTTP['PROCESSES']} web processes,", end=" ")
    print(f"{calls} calls in {filling + sending:.0f} s")
    print(f"whole forms sent: {sent} of {count}; wrong answers: {len(crowd.wrong)} {crowd.wrong[:3]};", end=" ")
    print(f"told to come back, and did: {crowd.came_back}\n")
    print("| step | calls | a second | p50 | p99 | of a page |")
    print("|---|---:|---:|---:|---:|---:|")
    page = statistics.median(crowd.took["page"])
    for kind, times in crowd.took.items():
        cuts = statistics.quantiles(times, n=100)
        rate = len(times) / (filling if kind in {"begin", "answer", "page"} else sending)
        middle = statistics.median(times)
        print(f"| {kind} | {len(times)} | {rate:.0f} | {middle:.2f} s | {cuts[98]:.2f} s | {middle / page:.2f} |")
    print(f"\nall calls together: {calls / (filling + sending):.0f} a second; processor time of one, in ms:")
    print(", ".join(f"{name} {1e3 * used / calls:.2f}" for name, used in sorted(spent.items()) if used > 0))


if __name__ == "__main__":
    main()
