"""How much waits for whoever is signed in, for the script that keeps the side navigation true."""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import WAITING, CoreDep, StaffDep, WordsDep
from api.outgoing.caching import is_known, tag_of
from booking.desk.inbox.views import look_into

router = APIRouter()


@router.get(WAITING)
def waiting(request: Request, colleague: StaffDep, core: CoreDep, words: WordsDep) -> Response:
    """Return each number as it is written, "" for none; nobody's cache keeps it, and asking is not a use."""
    counts = look_into(core, account_id=colleague.account_id)
    shown = {work.value: words.number(count) if count else "" for work, count in counts.waiting.items()}
    shown["all"] = words.number(counts.all_waiting) if counts.all_waiting else ""
    content = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"ETag": tag_of(content)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")
