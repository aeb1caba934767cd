"""What notices say, in both languages."""

from typing import Final

from booking.models.base import Json
from booking.references import shown

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "confirm_phone": (
        "رمز تأكيد هاتفك في موعد: {secret}. صالح {minutes} دقيقة. لا تعطه لأحد.",
        "Your Mawid code to confirm this phone: {secret}. It is valid for {minutes} minutes. Give it to nobody.",
    ),
    "reset_password": (
        "رمز تغيير كلمة السر في موعد: {secret}. صالح {minutes} دقيقة. إن لم تطلبه فتجاهل هذه الرسالة.",
        (
            "Your Mawid code to set a new password: {secret}. It is valid for {minutes} minutes. "
            "If you did not ask for it, ignore this message."
        ),
    ),
    "password_changed": (
        "تغيّرت كلمة السر لحسابك في موعد. إن لم تغيّرها أنت فاطلب كلمة سر جديدة الآن.",
        "The password of your Mawid account was changed. If that was not you, ask for a new password now.",
    ),
    "second_factor_set_up": (
        "أُعدّت خطوة ثانية للدخول إلى حسابك في موعد. إن لم تكن أنت فأخبر أحد المديرين الآن.",
        "A second step was set up for your Mawid account. If that was not you, tell an administrator now.",
    ),
    "recovery_code_used": (
        "استُعمل أحد رموز الاسترداد للدخول إلى حسابك في موعد. إن لم تكن أنت فأخبر أحد المديرين الآن.",
        "A recovery code was used to sign in to your Mawid account. If that was not you, tell an administrator now.",
    ),
    "second_factor_reset": (
        "أعاد أحد المديرين ضبط الخطوة الثانية لحسابك في موعد. إن لم تطلب ذلك فأخبر مديرًا آخر الآن.",
        "An administrator reset the second step of your Mawid account. If you did not ask, tell another one now.",
    ),
    "passkey_added": (
        "أُضيف مفتاح مرور إلى حسابك في موعد. إن لم تكن أنت فأخبر أحد المديرين الآن.",
        "A passkey was added to your Mawid account. If that was not you, tell an administrator now.",
    ),
    "passkey_removed": (
        "حُذف مفتاح مرور من حسابك في موعد. إن لم تكن أنت فأخبر أحد المديرين الآن.",
        "A passkey was removed from your Mawid account. If that was not you, tell an administrator now.",
    ),
    "passkey_copied": (
        "قد تكون لأحد مفاتيح المرور في حسابك في موعد نسخة عند غيرك، فلم يعد مقبولًا. أخبر أحد المديرين الآن.",
        "Someone may have a copy of a passkey of your Mawid account. It is refused from now on. Tell an administrator.",
    ),
    "challenge": (
        "لإتمام الطلب {reference} أدخل هذا الرمز: {secret}. صالح {minutes} دقيقة.",
        "To complete request {reference}, enter this code: {secret}. It is valid for {minutes} minutes.",
    ),
    "request_accepted": (
        "قُبل طلبك {reference} وسيدخل القرعة القادمة.",
        "Your request {reference} is accepted and takes part in the next draw.",
    ),
    "request_challenged": (
        "طلبك {reference} محفوظ وتلزمه خطوة تأكيد قصيرة: افتح صفحته خلال ثلاثة أيام.",
        "Your request {reference} is kept and needs one short check: open its page within three days.",
    ),
    "request_under_review": (
        "سينظر موظف في طلبك {reference}. لا يضيع دورك أثناء ذلك.",
        "An officer will look at your request {reference}. You do not lose your turn meanwhile.",
    ),
    "request_refused": (
        "لم يُقبل طلبك {reference}. الأسباب في صفحة الطلب، ويمكنك الاعتراض.",
        "Your request {reference} was not accepted. The reasons are on its page, and you can appeal.",
    ),
    "request_withdrawn": ("سُحب طلبك {reference}.", "Your request {reference} is withdrawn."),
    "request_lapsed": (
        "انتهى طلبك {reference} لأن الأيام التي اخترتها مضت أو لم يُجب عن التحقق. يمكنك أن تطلب من جديد.",
        "Your request {reference} has ended: its days have passed or the check was not answered. You can ask again.",
    ),
    "request_drawn": (
        "أعطتك القرعة موعدًا: {reference}. أكّده قبل انتهاء المهلة المكتوبة في صفحته.",
        "The draw gave you an appointment: {reference}. Confirm it in the time that its page says.",
    ),
    "request_carried_over": (
        "لم يصل الدور إلى طلبك {reference} هذه المرة. يدخل القرعة القادمة بأولوية أعلى.",
        "Your request {reference} did not get a place this time. It takes part in the next draw with more priority.",
    ),
    "appeal_received": (
        "وصل اعتراضك على الطلب {reference}. سيجيب عنه موظف آخر. آخر يوم للجواب مكتوب في صفحة الطلب.",
        (
            "Your appeal about request {reference} has arrived. Another officer answers it. The last day for "
            "the answer is on the page of the request."
        ),
    ),
    "appeal_upheld": (
        "قُبل اعتراضك: طلبك {reference} مقبول ويدخل القرعة القادمة. ما كتبه الموظف في صفحة الطلب.",
        (
            "Your appeal was right: request {reference} is accepted and takes part in the next draw. What the officer "
            "wrote is on its page."
        ),
    ),
    "appeal_rejected": (
        (
            "نظر موظف آخر في اعتراضك على الطلب {reference} وأبقى القرار. السبب بكلماته في صفحة الطلب، "
            "ويمكنك أن تطلب من جديد."
        ),
        (
            "Another officer looked at your appeal about request {reference} and kept the decision. The reason, in "
            "the officer's words, is on its page. You can ask again."
        ),
    ),
    "appointment_confirmed": (
        "موعدك {reference} مؤكد. أحضر الوثائق المذكورة في صفحته.",
        "Your appointment {reference} is confirmed. Bring the documents that its page lists.",
    ),
    "appointment_cancelled": ("أُلغي موعدك {reference}.", "Your appointment {reference} is cancelled."),
    "appointment_moved": (
        "ألغينا الموعد، ودخل طلبك الجديد {reference} القرعة القادمة بأولويته السابقة.",
        "The appointment is cancelled; your new request {reference} is in the next draw with the priority it had.",
    ),
    "appointment_missed": (
        (
            "لم يحضر أحد إلى الموعد {reference}. إن كان هذا خطأ فأخبر الفرع اليوم أو في يوم عمله التالي. "
            "ويمكنك أن تطلب من جديد."
        ),
        (
            "Nobody came to appointment {reference}. If that is wrong, tell the office today or on its next working "
            "day. You can ask again."
        ),
    ),
    "urgent_submitted": (
        "وصل طلبك العاجل عن الطلب {reference} مع وثائقه. سينظر فيه موظف. طلبك العادي يبقى في القرعة.",
        (
            "Your urgent case about request {reference} has arrived with its evidence. An officer will look at it. "
            "The request itself stays in the draw."
        ),
    ),
    "urgent_needs_evidence": (
        "يحتاج طلبك العاجل عن الطلب {reference} إلى وثيقة أخرى. افتح صفحته واقرأ ما كتبه الموظف.",
        "Your urgent case about request {reference} needs more evidence. Read on its page what the officer wrote.",
    ),
    "urgent_approved": (
        "قُبل طلبك العاجل وموعدك {reference} مؤكد. أحضر الوثائق الأصلية وما تذكره صفحته.",
        (
            "Your urgent case is approved and your appointment {reference} is confirmed. "
            "Bring the original papers and what its page lists."
        ),
    ),
    "urgent_denied": (
        "لم يُقبل الاستعجال عن الطلب {reference}. السبب في صفحته. طلبك يبقى في القرعة.",
        "Urgency for request {reference} was not granted. The reason is on its page. The request stays in the draw.",
    ),
    "urgent_revoked": (
        "ألغت الإدارة قبول الاستعجال عن الطلب {reference} وموعده. عاد طلبك إلى القرعة. السبب في صفحته.",
        (
            "The approval of urgency for request {reference} was revoked, and its appointment is cancelled. "
            "The request is in the draw again. The reason is on its page."
        ),
    ),
    "urgent_lapsed": (
        "مضى اليوم الذي احتجت فيه إلى موعد عاجل عن الطلب {reference}. طلبك العادي باق كما هو.",
        "The day by which you needed request {reference} urgently is over. The request itself is as it was.",
    ),
    "attendance_corrected": (
        "صحّح الفرع ما سُجّل عن حضورك إلى الموعد {reference}. التفاصيل في صفحة الموعد.",
        "The office corrected what was kept about your coming to appointment {reference}. See its page.",
    ),
    "moved_by_office": (
        "لن يستطيع الفرع استقبالك في الموعد {reference} فنقلناه إلى وقت آخر. انظر صفحته، ولك أن ترفض المكان الجديد.",
        (
            "The office cannot receive you at the time of appointment {reference}, so we moved it. Its page says when "
            "and where, and you can refuse the new place."
        ),
    ),
    "displaced": (
        "ألغى الفرع موعدك ولم نجد لك مكانًا قريبًا. دخل طلبك {reference} القرعة القادمة بأولوية أعلى.",
        (
            "The office had to cancel your appointment and we found no place nearby. Your request {reference} is in "
            "the next draw with more priority."
        ),
    ),
    "hold_displaced": (
        "لم يعد المكان المحجوز {reference} متاحًا لأن الفرع سيغلق. اختر وقتًا آخر.",
        "The place kept for you, {reference}, is gone because the office closes. Please choose another time.",
    ),
    "displaced_urgent": (
        (
            "ألغى الفرع موعدك العاجل ولم نجد مكانًا قريبًا. دخل طلبك {reference} القرعة بأولوية أعلى، "
            "ولك أن تطلب الاستعجال من جديد اليوم."
        ),
        (
            "The office had to cancel your urgent appointment and we found no place nearby. Your request {reference} "
            "is in the next draw with more priority, and you can ask for urgency again today."
        ),
    ),
    "left_unserved": (
        "حضرت ولم يستطع الفرع خدمتك، ولا يُحسب ذلك عليك. دخل طلبك {reference} القرعة القادمة بأولوية أعلى.",
        (
            "You were there and the office could not serve you; that does not count against you. Your request "
            "{reference} is in the next draw with more priority."
        ),
    ),
    "visit_left_open": (
        "سُجّل حضورك إلى الموعد {reference} ولم يُسجّل أنك خُدمت. لا يُحسب ذلك عليك. إن لم تُخدم فاطلب من جديد.",
        (
            "You checked in for appointment {reference}, and nobody noted that you were served. That does not count "
            "against you. If you were not served, ask again."
        ),
    ),
    "offer_lapsed": (
        "لم يُؤكد الموعد {reference} في وقته فانتقل إلى غيرك. يمكنك أن تطلب من جديد.",
        "Appointment {reference} was not confirmed in time and goes to someone else. You can ask again.",
    ),
    "reminder": (
        "تذكير: موعدك {reference} قريب. إن لم تستطع الحضور فألغه ليستفيد غيرك.",
        "Reminder: your appointment {reference} is soon. If you cannot come, cancel it so that someone else can.",
    ),
    "reminder_early": (
        "تذكير مبكر بموعدك {reference}. إن تغيّرت خططك فألغه الآن ليستفيد غيرك من المكان.",
        "An early reminder of your appointment {reference}. If your plans changed, cancel it now: its place can go on.",
    ),
}
KINDS: Final = frozenset(_TEXTS)


def render(kind: str, language: str, values: Json, secret: str | None = None) -> str:
    """Write a notice in ``language`` ("ar" or "en"); KeyError for a kind that does not exist."""
    shown_values = {name: shown(value) if name == "reference" else value for name, value in values.items()}
    return _TEXTS[kind][0 if language == "ar" else 1].format(**shown_values, secret=secret or "")
