"""A past for the gate to learn from, written as the gate would have written it."""

from booking.platform.models import Request, Verdict
from booking.platform.models.states import Door, RequestState


def past_requests(core, facts, times, account_ids, service_id, *, door=Door.HOME):
    """Rows of a history, as the gate would have written them."""
    with core.sessions.begin() as session:
        rows = []
        for number, (values, at) in enumerate(zip(facts, times, strict=True)):
            mark = f"{number:08x}{door.value}".encode()
            request = Request(
                reference=f"{door.value[0]}{number:07d}".upper(),
                account_id=account_ids[number % len(account_ids)],
                service_id=service_id,
                door=door,
                state=RequestState.ACCEPTED,
                party_size=1,
                units=1,
                first_day=at.date(),
                weekdays=127,
                bands="morning",
                accessible=False,
                nonce=mark,
                receipt=mark,
                device_hash=b"",
                network_hash=b"",
                phone_hash=b"",
                created_at=at,
            )
            session.add(
                Verdict(
                    request=request,
                    decision="accept",
                    reasons=[],
                    score=0.1,
                    inputs={"facts": values},
                    versions={},
                    degraded=False,
                    decided_at=at,
                )
            )
            rows.append(request)
        session.flush()
        return [row.id for row in rows]
