"""Everybody who has to do with an office, a few at a time: each journey is of people who are new."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import redis
from sqlalchemy.exc import DBAPIError

from benchmarks.troubled.calls import Client, Told, new_key
from benchmarks.troubled.history import History
from benchmarks.troubled.settled import Citizen, Office, a_photo
from booking.country.core.core import Core
from booking.people.payments.provider import EVENTS_PATH, ProviderEvent, Sandbox
from booking.platform.base.errors import MawidError
from booking.platform.models.online.payment import EventKind

BANDS: Final = ["morning", "midday", "afternoon"]
INSURANCE: Final = "compulsory-car-insurance"
THINK: Final = 0.05
_ADMITTED: Final = (b"<h2>Checked in</h2>", b"<h2>Checked in already</h2>")


class People:
    """The journeys, and what all of them share."""

    def __init__(self, core: Core, office: Office, told: Told, history: History) -> None:
        self.core, self.office, self.told, self.history = core, office, told, history
        self.chance = random.Random(22)  # noqa: S311 - no secret
        self.asked = deque[tuple[Client, str]](maxlen=400)
        self._journeys: Sequence[tuple[int, Callable[[Citizen, Client], Awaitable[None]]]] = (
            (5, self._wait),
            (4, self._book),
            (2, self._visit),
            (2, self._urgent),
            (2, self._buy),
            (3, self._answer),
        )

    async def live(self, stop: asyncio.Event, citizens: asyncio.Queue[Citizen]) -> None:
        """Make one journey after the other until it is time to stop; whoever is under way comes to their end."""
        weights, journeys = zip(*self._journeys, strict=True)
        while not stop.is_set():
            one = await citizens.get()
            token = await self._patiently(one.token, self.core)
            client = Client(self.told, token=token, address=one.network)
            [journey] = self.chance.choices(journeys, weights)
            await journey(one, client)
            client.hang_up()
            await asyncio.sleep(self.chance.uniform(0, THINK))

    async def _wait(self, one: Citizen, client: Client) -> None:
        """Ask, and look again later."""
        if reference := await self._ask(one, client):
            self.asked.append((client, reference))

    async def _ask(self, one: Citizen, client: Client) -> str | None:
        """Ask for a place in the draw; one of six takes it back."""
        key = new_key()
        self.history.tried("ask", key, account=str(one.account))
        wish = {"service": "passport-renewal", "people": [one.member], "offices": ["damascus", "homs"], "bands": BANDS}
        answer = await client.send("/requests", wish, key=key)
        if not answer.good:
            return None
        told = answer.json()
        self.history.told("ask", key, reference=told["reference"])
        if self.chance.random() < 1 / 6:
            self.history.tried("withdraw", told["reference"])
            if (await client.send(f"/requests/{told['reference']}/withdrawal")).good:
                self.history.told("withdraw", told["reference"])
            return None
        return told["reference"] if told["state"] == "accepted" else None

    async def _answer(self, _one: Citizen, _client: Client) -> None:
        """Look at an older request; where a draw offered a place, keep it or give it up."""
        if not self.asked:
            return
        client, reference = self.asked.popleft()
        shown = (await client.get(f"/api/v1/requests/{reference}")).json()
        appointment = (shown.get("appointment") or {}).get("reference")
        if appointment is None:
            self.asked.append((client, reference))
        else:
            word = self.chance.choice(("confirm", "cancel"))
            await self._step(client, word, appointment, f"/appointments/{appointment}")
        client.hang_up()

    async def _book(self, one: Citizen, client: Client) -> None:
        """Book one of the few places that many want, or else one of many; one of three gives it up again."""
        slots = self.office.few if self.chance.random() < 0.5 else self.office.many
        reference = await self._hold(one, client, self.chance.choice(slots))
        if reference and self.chance.random() < 1 / 3:
            await self._step(client, "cancel", reference, f"/appointments/{reference}")

    async def _visit(self, one: Citizen, client: Client) -> None:
        """Book a place within the hour, come, and be served."""
        slot = self.office.within_the_hour(self.core.clock.now())
        if slot is None:
            return
        reference = await self._hold(one, client, slot)
        if reference is None:
            return
        clerk, path = self.office.clerk, f"/desk/today/{reference}"
        self.history.tried("check_in", reference)
        answer = await clerk.press(path, action="check_in")
        if not any(words in answer.body for words in _ADMITTED):
            return
        self.history.told("check_in", reference)
        self.history.tried("serve", reference)
        if (await clerk.press(path, action="served")).status == 303:
            self.history.told("serve", reference)

    async def _urgent(self, one: Citizen, client: Client) -> None:
        """Ask to be let past the draw, with a photo that is converted, and have an officer approve it."""
        reference = await self._ask(one, client)
        if reference is None:
            return
        path, needed = f"/requests/{reference}/urgent", self.core.today() + timedelta(days=9)
        begun = await client.send(path, {"reason": "medical", "needed_by": needed.isoformat()})
        if not begun.good:
            return
        case = begun.json()["reference"]
        self.history.told("urgent", case)
        photo, version = a_photo(self.chance), {"Tus_Resumable": "1.0.0"}
        upload = await client.put_bytes(f"/api/v1{path}/uploads", b"", **version, Upload_Length=str(len(photo)))
        place = upload.field("location")
        if not place:
            return
        kind = {"Upload_Offset": "0", "Content_Type": "application/offset+octet-stream"}
        await client.put_bytes(place, photo, method="PATCH", **version, **kind)
        if not (await client.send(f"{path}/evidence", {"upload": place.rpartition("/")[2]})).good:
            return
        if not (await client.send(f"{path}/submission")).good:
            return
        officer, desk = self.office.officer, f"/desk/urgent/{case}"
        await officer.press(desk, action="claim")
        self.history.tried("approve", case)
        decision = {"action": "approve", "reason": "evidence_is_clear", "note": "the letter names the day"}
        if (await officer.press(desk, **decision, place="best")).status == 303:
            self.history.told("approve", case)

    async def _buy(self, one: Citizen, client: Client) -> None:
        """Buy a car insurance: answers, a paper that is converted, a payment that its provider tells twice at times."""
        begun = await client.send("/online/cases", {"service": INSURANCE, "person": one.member})
        if not begun.good:
            return
        reference = begun.json()["reference"]
        self.history.told("begin", reference)
        case = f"/online/cases/{reference}"
        answers = {**self.office.answers, "plate": f"{one.member % 10**6:06}"}
        await client.send(f"{case}/answers", {"answers": answers}, method="PUT")
        photo = a_photo(self.chance)
        await client.put_bytes(f"/api/v1{case}/papers/registration", photo, Content_Type="image/jpeg")
        if not (await client.send(f"{case}/submission", {"declared": True})).good:
            return
        payment = await client.send(f"{case}/payment")
        if not payment.good:
            return
        sandbox = Sandbox(self.core)
        charge = await self._patiently(sandbox.charge, payment.json()["address"].rpartition("/")[2])
        about = (charge.reference, charge.amount, charge.currency)
        event = ProviderEvent(f"{charge.reference}-paid", EventKind.PAID, *about)
        self.history.tried("pay", reference)
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            body, head = sandbox.signed(event)
            provider = Client(self.told, token="", address=one.network)
            answer = await provider.put_bytes(EVENTS_PATH, body, **head)
            provider.hang_up()
            if answer.good:
                self.history.told("pay", reference)

    async def _hold(self, one: Citizen, client: Client, slot: int) -> str | None:
        """Hold and confirm a place; return the appointment that is confirmed."""
        key = new_key()
        self.history.tried("hold", key, account=str(one.account))
        answer = await client.send(
            "/holds", {"slot": slot, "service": "passport-renewal", "people": [one.member]}, key=key
        )
        if not answer.good:
            return None
        reference = answer.json()["reference"]
        self.history.told("hold", key, reference=reference)
        kept = await self._step(client, "confirm", reference, f"/holds/{reference}")
        return reference if kept else None

    async def _step(self, client: Client, word: str, reference: str, path: str) -> bool:
        self.history.tried(word, reference)
        ending = {"confirm": "confirmation", "cancel": "cancellation"}[word]
        if done := (await client.send(f"{path}/{ending}")).good:
            self.history.told(word, reference)
        return done

    async def _patiently(self, act: Callable[..., Any], *values: Any) -> Any:
        """Do what needs a server that may be away, until it is back."""
        while True:
            with suppress(MawidError, DBAPIError, redis.RedisError, OSError):
                return await asyncio.to_thread(act, *values)
            await asyncio.sleep(0.1)


async def watch_draws(client: Client, history: History, stop: asyncio.Event) -> None:
    """Write down the files of each draw as everybody can fetch them once it is published."""
    seen = set[str]()
    while not stop.is_set():
        for draw in (await client.get("/api/v1/draws")).json()["draws"]:
            if draw["state"] == "published" and draw["reference"] not in seen:
                seen.add(draw["reference"])
                shown = (await client.get(f"/api/v1/draws/{draw['reference']}")).json()
                history.told("published", draw["reference"], files={f["name"]: f["sha256"] for f in shown["files"]})
        await asyncio.sleep(2)
