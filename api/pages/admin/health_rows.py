"""How the whole runs, as rows that administrators read: what, how it stands in a word and a colour, and details."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from api.i18n import N_, Words
from booking.country.core.security import By
from booking.operations.health.queues import (
    OLD_BACKUP,
    Draws,
    Queue,
    Room,
    Versions,
    Waiting,
    last_backup,
    list_certificates,
)
from booking.platform.base.settings import Settings
from booking.platform.files.place import FilesState
from booking.platform.models import DrawPhase

_TIGHT, _FULL = 0.2, 0.1
"""Free parts of a disk below which somebody must act, and below which it is bad."""
_SOON: Final = timedelta(days=30)
_GIB: Final = 2**30


class Standing(StrEnum):
    """How something stands; each is a colour of the design, beside a word."""

    GOOD = "good"
    ACT = "act"
    BAD = "bad"
    GOING = "going"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing: what it is, how it stands in a word, and what more is known; ``code`` is a name of a program."""

    what: str
    standing: Standing
    word: str
    more: str = ""
    code: str = ""


_QUEUES: Final = {
    Waiting.REVIEWS: N_("Requests to decide"),
    Waiting.APPEALS: N_("Appeals"),
    Waiting.URGENT: N_("Urgent cases"),
    Waiting.ONLINE: N_("Online requests"),
    Waiting.NOTICES: N_("Messages to people"),
    Waiting.LOG: N_("Entries for the public log"),
}
_HELD: Final = {  # by `draws.beacon.Waits` and `swaps.damaged.Damage` of the core, which bring all that both stand on
    "witnesses": N_("waits for signatures of witnesses"),
    "beacon": N_("waits for the random value"),
    "late": N_("the random value came too early: it must be called off"),
    "draw": N_("waits for a draw that counts on the same places"),
    "damaged_decision": N_("its file, seed or value was changed: who gets what cannot be worked out again"),
    "damaged_rows": N_("places or appointments were changed since it closed: some cannot be moved"),
}

_PHASES: Final = {
    DrawPhase.READING: N_("reads who takes part"),
    DrawPhase.CHECKING: N_("writes and checks the files"),
    DrawPhase.KEEPING: N_("keeps the line"),
    DrawPhase.BINDING: N_("binds requests to the line"),
    DrawPhase.OPENING: N_("reads the files"),
    DrawPhase.DRAWING: N_("finds the best plan"),
    DrawPhase.WRITING: N_("writes the result"),
    DrawPhase.APPLYING: N_("gives out the places"),
}

_SECRETS: Final = {
    By.USSD: "MAWID_TELEPHONE_SECRET",
    By.VOICE: "MAWID_TELEPHONE_SECRET",
    By.SMS: "MAWID_INCOMING_SMS_SECRET",
}


class Rows:
    """Makes the rows of one reader's language, at one instant."""

    def __init__(self, words: Words, zone: str, now: datetime) -> None:
        self._words, self._zone, self._now = words, zone, now

    def queues(self, queues: list[Queue]) -> Iterator[Row]:
        """Yield a row for each queue: bad where something is late."""
        for one in queues:
            standing, word = (Standing.BAD, N_("Late")) if one.late else (Standing.GOOD, N_("In time"))
            count = self._say(N_("waiting: %(n)s"), n=one.count)
            age = (
                "" if one.oldest_at is None else self._say(N_("the oldest for %(time)s"), time=self._ago(one.oldest_at))
            )
            late = self._say(N_("late: %(n)s"), n=one.late) if one.late else ""
            yield Row(
                self._words.gettext(_QUEUES[one.what]),
                standing,
                self._words.gettext(word),
                self._join(count, late, age),
            )

    def draws(self, draws: Draws) -> Iterator[Row]:
        """Yield the last draw, the next one, those at work now, and draws and nights that are held up."""
        if draws.last is not None and draws.last.published_at is not None:
            at = self._words.instant(draws.last.published_at, self._zone)
            yield self._row(N_("Last draw"), Standing.GOOD, N_("Published"), at, draws.last.reference)
        else:
            yield self._row(N_("Last draw"), Standing.UNKNOWN, N_("None yet"))
        if draws.next is not None:
            at = self._words.instant(draws.next.closes_at, self._zone)
            yield self._row(N_("Next draw"), Standing.GOING, N_("Announced"), at, draws.next.reference)
        else:
            yield self._row(N_("Next draw"), Standing.BAD, N_("None is announced"))
        for far in draws.going:
            share = self._say(N_("%(n)s %% done"), n=round(100 * far.share))
            ends = self._words.instant(far.ends_at, self._zone) if far.ends_at else ""
            about = self._say(N_("probably until %(time)s"), time=ends) if ends else ""
            more = self._join(self._words.gettext(_PHASES[far.phase]), share, about)
            yield self._row(N_("Draw"), Standing.GOING, N_("At work"), more, far.reference)
        held = [(N_("Draw"), one) for one in draws.held] + [
            (N_("Exchange of appointments"), one) for one in draws.nights
        ]
        for what, one in held:
            why = self._words.gettext(_HELD.get(one.waits_for or "", N_("its next step is long due")))
            yield self._row(what, Standing.BAD, N_("Held up"), why, one.reference)

    def machine(
        self, settings: Settings, room: Room | None, database_bytes: int | None, files: FilesState
    ) -> Iterator[Row]:
        """Yield room on the disk, how the place for files does, the last backup, and when certificates end."""
        yield self._room(room, database_bytes)
        yield self._files(files)
        yield self._backup(settings)
        for one in list_certificates(settings):
            yield self._certificate(one.setting, one.at)
        yield self._row(
            N_("Certificate of the site"),
            Standing.UNKNOWN,
            N_("Not known"),
            self._words.gettext(N_("The proxy in front has it: this command looks at it.")),
            "mawid https try",
        )

    def telephone(self, settings: Settings, calls: Mapping[By, datetime] | None) -> Iterator[Row]:
        """Yield for each way by which phones with keys call whether it is connected, and when the last one came."""
        ways = (
            (By.USSD, N_("Calls by USSD"), settings.ussd_number),
            (By.VOICE, N_("Calls by voice"), settings.voice_number),
            (By.SMS, N_("Dialogue by text message"), settings.incoming_sms_number),
        )
        for by, what, number in ways:
            at = None if calls is None else calls.get(by)
            if number is None and at is None:
                yield self._row(what, Standing.UNKNOWN, N_("Not connected"), "", _SECRETS[by])
            elif at is None:
                word = N_("Not known") if calls is None else N_("No call within a month")
                yield self._row(what, Standing.UNKNOWN if calls is None else Standing.ACT, word, "", number or "")
            else:
                ago = self._say(N_("the last call %(duration)s ago"), duration=self._ago(at))
                yield self._row(what, Standing.GOOD, N_("Connected"), ago, number or "")

    def versions(self, versions: Versions) -> Iterator[tuple[str, str]]:
        """Yield what runs, and its version; "" where none is active."""
        for what, value in (
            (N_("Mawid"), versions.mawid),
            ("Python", versions.python),
            ("PostgreSQL", versions.postgresql),
            (N_("Schema of the database"), versions.schema),
            (N_("Quotas"), versions.quotas),
            (N_("Rules"), versions.rules),
            (N_("Model"), versions.model),
            (N_("Limits"), versions.limits),
        ):
            yield self._words.gettext(what), "" if value is None else str(value)
        since = versions.secret_since
        if since is not None:
            yield self._words.gettext(N_("Secret in use since")), self._words.instant(since, self._zone)

    def _room(self, room: Room | None, database_bytes: int | None) -> Row:
        if room is None:
            return self._row(N_("Disk"), Standing.BAD, N_("Not readable"))
        tight, full = room.share < _TIGHT, room.share < _FULL
        standing = Standing.BAD if full else Standing.ACT if tight else Standing.GOOD
        word = N_("Nearly full") if full else N_("Getting full") if tight else N_("Enough room")
        free = self._say(N_("%(free)s of %(all)s GiB free"), free=self._gib(room.free), all=self._gib(room.total))
        size = (
            "" if database_bytes is None else self._say(N_("the database has %(n)s GiB"), n=self._gib(database_bytes))
        )
        return self._row(N_("Disk"), standing, word, self._join(free, size))

    def _files(self, state: FilesState) -> Row:
        what, try_it = N_("Place for files"), "mawid files try"
        if state is FilesState.AWAY:
            do = self._words.gettext(N_("Evidence and papers can be neither sent nor shown; this command says why."))
            return self._row(what, Standing.BAD, N_("Not available"), do, try_it)
        if state is FilesState.UNTRIED:
            return self._row(what, Standing.UNKNOWN, N_("Not known"), "", try_it)
        return self._row(what, Standing.GOOD, N_("Available now"))

    def _backup(self, settings: Settings) -> Row:
        if settings.backups_dir is None:
            return self._row(N_("Last backup"), Standing.UNKNOWN, N_("Not known"), "", "MAWID_BACKUPS_DIR")
        made = last_backup(settings)
        if made is None:
            return self._row(N_("Last backup"), Standing.BAD, N_("None is there"), "", "mawid backup")
        ago = self._say(N_("%(duration)s ago"), duration=self._ago(made.made_at))
        when = self._join(self._words.instant(made.made_at, self._zone), ago)
        if self._now - made.made_at > OLD_BACKUP:
            do = self._words.gettext(N_("See below why the job of the night failed, and make one with this command."))
            return self._row(N_("Last backup"), Standing.BAD, N_("Too old"), f"{when}. {do}", "mawid backup")
        if made.verified_at is None:
            do = self._words.gettext(N_("Whether it can be restored is not known: this command tries it."))
            return self._row(N_("Last backup"), Standing.ACT, N_("Made, not tried"), f"{when}. {do}", "mawid verify")
        return self._row(N_("Last backup"), Standing.GOOD, N_("Made and tried"), when)

    def _certificate(self, setting: str, at: datetime | None) -> Row:
        if at is None:
            return self._row(N_("Certificate"), Standing.BAD, N_("Not readable"), "", setting)
        over, soon = at <= self._now, at - self._now < _SOON
        standing = Standing.BAD if over else Standing.ACT if soon else Standing.GOOD
        word = N_("Over") if over else N_("Ends soon") if soon else N_("Valid")
        return self._row(N_("Certificate"), standing, word, self._words.instant(at, self._zone), setting)

    def _row(self, what: str, standing: Standing, word: str, more: str = "", code: str = "") -> Row:
        return Row(self._words.gettext(what), standing, self._words.gettext(word), more, code)

    def _say(self, sentence: str, **values: object) -> str:
        return self._words.say(sentence, values)

    def _join(self, *parts: str) -> str:
        return self._words.listed([part for part in parts if part])

    def _ago(self, since: datetime) -> str:
        return self._words.duration(max(0.0, (self._now - since).total_seconds()))

    def _gib(self, size: int) -> str:
        return self._words.number(round(size / _GIB, 1 if size >= _GIB else 2))
