"""The questions that people ask most, each with its answer and where to go on; a page each, and found by the search."""

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from api.i18n import N_, Words
from booking.platform.search.index import Entry, Index


class Topic(NamedTuple):
    """A question; ``answer`` in paragraphs, ``ways`` as addresses with their words, ``also`` as words to search by."""

    code: str
    question: str
    answer: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    also: str


TOPICS: Final = (
    Topic(
        "appointment",
        N_("How do I get an appointment?"),
        (
            N_("Ask once, while the draw takes requests. It makes no difference on which day or at what hour."),
            N_(
                "Choose up to three offices, and every day and time that suits you. The more you choose, the "
                "better your chance."
            ),
            N_("When requests are closed, the draw gives the appointments. We send you the result by text message."),
            N_(
                "If you get an appointment, confirm it in time: the message says until when. If not, your "
                "request stays, and you are ahead next time."
            ),
        ),
        (
            ("/ask", N_("Ask for an appointment")),
            ("/abroad", N_("Ask from abroad")),
            ("/how", N_("How the draw works")),
        ),
        "appointment book passport slot turn موعد حجز جواز دور حجز موعد",
    ),
    Topic(
        "no-place",
        N_("I did not get an appointment. What now?"),
        (
            N_(
                "You do not need to do anything. Your request takes part in the next draw, ahead of everyone who "
                "lost fewer draws."
            ),
            N_(
                "The page of your request says why: how many people ahead of you asked for the same offices, and "
                "which office or day would have had an appointment for you."
            ),
            N_("You can change offices, days and times. You keep your priority."),
        ),
        (
            ("/me", N_("My requests")),
            ("/waiting-times", N_("Waiting times")),
            ("/instant", N_("Available appointments")),
        ),
        "lost draw no place again priority خسرت القرعة لم أحصل على موعد أولوية",
    ),
    Topic(
        "urgent",
        N_("I need it urgently."),
        (
            N_("Ask for an appointment first. Then choose “I need it sooner” on the page of your request."),
            N_(
                "Say why, and add a paper that shows it: a medical report, a ticket, a court date. An officer "
                "decides, and writes why."
            ),
            N_("Nobody can sell you this. Every approval is recorded with the officer’s name and is watched."),
        ),
        (("/ask", N_("Ask for an appointment")), ("/me", N_("My requests"))),
        "urgent emergency treatment travel soon fast عاجل مستعجل علاج سفر ضروري حالة طارئة",
    ),
    Topic(
        "sold",
        N_("Someone offers to sell me an appointment."),
        (
            N_("Do not pay. An appointment is bound to the people named in it, and cannot be passed on or bought."),
            N_(
                "Nobody can move you forward in the draw: not an officer, not a middleman, not us. Anyone can "
                "check each draw."
            ),
            N_(
                "A registered helper may ask for you. You get the code and the receipt yourself, and you can "
                "withdraw your consent."
            ),
            N_("Tell us who offered it. You do not need to say who you are."),
        ),
        (("/contact", N_("Contact us")), ("/draws", N_("Check a draw"))),
        "sell buy broker bribe money scam شراء بيع سمسار رشوة احتيال مال وسيط",
    ),
    Topic(
        "cannot-come",
        N_("I cannot come to my appointment."),
        (
            N_("Move it or cancel it on its page, as early as you can. Someone else gets it in a later draw."),
            N_("If you do not come and do not cancel, your next requests may be checked first."),
        ),
        (("/me", N_("My appointments")),),
        "cancel move change day late miss إلغاء تأجيل تغيير الموعد لا أستطيع الحضور تأخرت",
    ),
    Topic(
        "change",
        N_("Can I change my request?"),
        (
            N_("Yes, until the draw closes: offices, days, times, the last useful day, and people who no longer come."),
            N_("You keep your priority, and you get a new receipt. Somebody new needs a request of their own."),
        ),
        (("/me", N_("My requests")),),
        "edit change office day person تعديل تغيير الطلب الفرع اليوم",
    ),
    Topic(
        "wrong-data",
        N_("My name, number or birth date is not accepted."),
        (
            N_(
                "Enter them as they stand on your identity card. Letters without hamza or with another spelling are "
                "accepted."
            ),
            N_(
                "If they are right and still not accepted, the civil register may hold something else. Go to the "
                "civil registry office with your card, or to any passport office: a clerk compares you with your "
                "papers and corrects it."
            ),
            N_("If somebody else already asked with your number, prove that it is yours. Their request then ends."),
        ),
        (("/offices", N_("Offices")), ("/me/people-acting-for-me", N_("Who acts for me"))),
        "wrong name number birth date register mistake خطأ الاسم الرقم الوطني تاريخ الميلاد السجل المدني",
    ),
    Topic(
        "no-phone",
        N_("I have no smartphone, or no internet."),
        (
            N_("Any phone that gets text messages is enough to confirm, cancel or follow a request by text message."),
            N_("A relative can ask for you from their account, or a registered helper with your consent."),
            N_("At every office a clerk asks for you at the counter. It costs nothing, and your chance is the same."),
        ),
        (("/offices", N_("Offices")), ("/without-network", N_("Without a network"))),
        "sms phone internet old helper هاتف إنترنت رسالة نصية كبير السن مساعدة",
    ),
    Topic(
        "fair",
        N_("How do I know that the draw is fair?"),
        (
            N_(
                "Everything that decides is fixed and published before a random number comes out that nobody "
                "could know."
            ),
            N_(
                "With your receipt you find your own line in the draw, and a page that works without a network "
                "checks it all."
            ),
            N_("Newspapers and universities keep a copy of the public log, and say so if anything is changed."),
        ),
        (("/draws", N_("Draws")), ("/verify", N_("Check a draw yourself")), ("/journalists", N_("For journalists"))),
        "fair check verify corruption random عدل نزاهة تحقق فساد عشوائي",
    ),
    Topic(
        "my-data",
        N_("What do you know about me, and how do I delete it?"),
        (
            N_(
                "We keep what your requests need, sealed, and remove it when its time is over. The privacy page "
                "lists each time."
            ),
            N_(
                "You can read and copy everything that is kept about you, see who acts for you, and close your account."
            ),
        ),
        (("/privacy", N_("Privacy")), ("/me/account", N_("Account and data"))),
        "privacy data delete account copy خصوصية بيانات حذف الحساب نسخة",
    ),
)
BY_CODE: Final = {topic.code: topic for topic in TOPICS}


def find_topics(text: str, every: Iterable[Words]) -> list[Topic]:
    """Return the questions that somebody's words ask, in any of these languages, best first; at most three."""
    return [BY_CODE[code] for code in _index(tuple(every)).find(text)[:3]]


@cache
def _index(every: tuple[Words, ...]) -> Index:
    return Index([Entry(one.code, _names(one, every), (one.also,), one.answer) for one in TOPICS])


def _names(topic: Topic, every: tuple[Words, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([topic.question, *(words.gettext(topic.question) for words in every)]))
