"""Somebody who calls by USSD or by voice, as a gateway passes it on."""

import itertools
import re
from datetime import timedelta

from booking.country.core.register import open_phone
from booking.country.core.security import By
from booking.desk.telephone.memory import Call
from booking.desk.telephone.talk import take_all, take_next
from booking.platform.models import Account
from tests.support.country import a_member, an_account, eligible_number, last_secret

_sessions = itertools.count(1)
LANGUAGES = {"ar": "1", "en": "2", "ku": "3"}


def an_owner(core, *names, language="ar", phone=None):
    """An account whose holder, and whoever else, is proven; the holder's national number."""
    number = eligible_number(core)
    account = an_account(core, language=language, phone=phone)
    first, *others = names or ("أمل الخيالية",)
    a_member(core, account, name=first, number=number, relation="self")
    for name in others:
        a_member(core, account, name=name)
    return account, number


def phone_of(core, account):
    with core.sessions() as session:
        return open_phone(core.vault, session.get_one(Account, account))


class Caller:
    """One call: what was answered last is ``screen``."""

    def __init__(self, core, phone, by=By.USSD):
        self.core, self.call, self.typed, self.voice = core, Call(by, f"s{next(_sessions)}", phone), [], by is By.VOICE
        self.screen = take_next(core, self.call, None, message="0") if self.voice else take_all(core, self.call, [])

    def press(self, *keys):
        for one in keys:
            self.typed.append(one)
            self.screen = (
                take_next(self.core, self.call, one, message=str(len(self.typed)))
                if self.voice
                else take_all(self.core, self.call, self.typed)
            )
        return self.screen

    def choose(self, *labels):
        """Press the key of what the screen says, on whichever page it is, as fast as somebody reads."""
        for label in labels:
            self.core.clock.advance(timedelta(seconds=8))
            self.press(self.find(label))
        return self.screen

    def find(self, label):
        """Turn to the page that says a label, and return its key there."""
        for _ in range(20):
            key = self.key_of(label)
            if key is not None:
                return key
            assert self.screen.digits == 1, (label, self.screen)
            self.press("9")
        raise AssertionError((label, self.screen))

    def key_of(self, label):
        """The key that is said for a label."""
        if self.voice:
            found = re.search(rf"(?:^|[.?] ?|\s){re.escape(label)}[^:.?]*: (?:اضغط|press) (\d)", self.screen.text)
            return found and found[1]
        return next((line[0] for line in self.screen.text.splitlines() if line[2:].startswith(label)), None)

    def prove(self, account, number, *, language="ar"):
        """Choose a language, have a code sent, and type it."""
        self.core.clock.advance(timedelta(seconds=20))  # each code has a time of its own
        self.press(LANGUAGES[language], number, "1")
        return self.press(last_secret(self.core, account, "telephone"))
