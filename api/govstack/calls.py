"""What every call of GovStack's interfaces shares: it is switched on, and refuses with the codes that they describe.

Every name that a caller sends is known, or refused by name: nothing that is asked for is dropped.
"""

import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypeVar

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from api.deps import core_of
from api.errors import OutsideMawidError, UnusableCallError
from api.incoming.bodies import JSON, check_json
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.base.exact_json import without_repetition

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Answer = Callable[..., Any]
CATALOGUE: Final = "catalogue"
TIMES: Final = "times"
PEOPLE: Final = "people"
NOTICES: Final = "notices"
RECORD: Final = "record"
OFFICERS: Final = "officers"
FILES: Final = "files"
"""Why an operation is not what Mawid is, as words of `api.problems.adapters.OUTSIDE`."""


async def switched_on(request: Request) -> None:
    """Answer only where the settings say so; raises NotFoundError, as for any address that nothing has."""
    if not core_of(request).settings.govstack:
        raise NotFoundError


def refusal(why: str) -> Answer:
    """Return what answers an operation that is not what Mawid is."""

    async def outside() -> None:
        """Say why Mawid does not do this; raises OutsideMawidError."""
        raise OutsideMawidError(why)

    return outside


class GovStackRoute(APIRoute):
    """A route whose unusable input is refused with 400, as GovStack's descriptions say, and not with our 422."""

    @override
    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except FieldError as error:
                raise UnusableCallError([error]) from error
            except InvalidInputError as error:
                raise UnusableCallError(error.errors) from error

        return answer


class Part(BaseModel):
    """A part of what a caller sends. ``NO_WORD``: fields that GovStack describes and Mawid has nothing for."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    NO_WORD: ClassVar[frozenset[str]] = frozenset()


PartT = TypeVar("PartT", bound=Part)


def only_these(request: Request, *names: str) -> None:
    """Refuse parameters of the address that a call does not have; raises InvalidInputError, naming each."""
    if others := sorted(set(request.query_params.keys()) - set(names)):
        raise InvalidInputError([FieldError(name, "unknown_field") for name in others])


def understood(kind: type[PartT], text: str, place: str) -> PartT:
    """Read a JSON object; ``place`` is what its fields are told to be in.

    Raises
    ------
    InvalidInputError
        A field is unknown, Mawid has no word for it, or its value is unusable; all are listed by their place.
    FieldError
        It is not a JSON object.
    api.errors.UnreadableBodyError
        It is deeper or larger than any call needs.
    """
    check_json(text.encode("utf-8", "replace"), JSON)
    try:
        return kind.model_validate(json.loads(text, object_pairs_hook=without_repetition))
    except ValidationError as error:
        raise InvalidInputError([_in_our_words(kind, place, one) for one in error.errors()]) from None
    except ValueError:
        raise FieldError(place, "unreadable") from None


def written(instant: datetime) -> str:
    """Write an instant as it is answered: in UTC, and saying so."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _in_our_words(kind: type[Part], place: str, error: Any) -> FieldError:
    where = ".".join(str(part) for part in (place, *error["loc"]))
    if error["type"] != "extra_forbidden":
        return FieldError(where, "missing" if error["type"] == "missing" else "invalid_value")
    return FieldError(where, "no_word" if _is_known(kind, error["loc"]) else "unknown_field")


def _is_known(kind: type[Part], loc: tuple[str | int, ...]) -> bool:
    """Return whether GovStack describes the field at this place."""
    *way, name = loc
    for step in way:
        field = kind.model_fields.get(str(step))
        inner = field.annotation if field is not None else None
        if not (isinstance(inner, type) and issubclass(inner, Part)):
            return False
        kind = inner
    return str(name) in kind.NO_WORD
