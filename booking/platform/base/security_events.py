"""Security events: one JSON object a line in a log of its own, with the field names of the Elastic Common Schema.

`docs/security-events.md` lists them, and each line fits `security-events.schema.json` beside it. A line says what was
tried, by which account, from which network and device as keyed hashes, and what came of it: no name, number, phone or
address is a parameter here, so none can be in it.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO
from uuid import UUID

from typing_extensions import override

ECS_VERSION: Final = "8.17"
DATASET: Final = "mawid.security"
_HASH_BYTES: Final = 16  # enough to tell networks and devices apart, and short in a log

_log = logging.getLogger(DATASET)


class Outcome(StrEnum):
    """What came of it, as the schema says it."""

    SUCCESS = "success"
    FAILURE = "failure"


class Category(StrEnum):
    """What kind of thing it is, as the schema says it: who somebody is, what they may do, or what is kept."""

    AUTHENTICATION = "authentication"
    IAM = "iam"
    WEB = "web"
    DATABASE = "database"
    CONFIGURATION = "configuration"


ACTIONS: Final[Mapping[str, Category]] = {
    "sign_in.password": Category.AUTHENTICATION,
    "sign_in.second_step": Category.AUTHENTICATION,
    "sign_in.telephone": Category.AUTHENTICATION,
    "sign_in.by_provider": Category.AUTHENTICATION,
    "sign_in.not_linked": Category.AUTHENTICATION,
    "sign_in.closed": Category.AUTHENTICATION,
    "sign_in.again": Category.AUTHENTICATION,
    "password.reset_asked": Category.AUTHENTICATION,
    "password.reset": Category.AUTHENTICATION,
    "second_factor.set_up": Category.IAM,
    "second_factor.recovered": Category.IAM,
    "second_factor.recovery_codes": Category.IAM,
    "second_factor.passkey_added": Category.IAM,
    "second_factor.passkey_removed": Category.IAM,
    "second_factor.passkey_copied": Category.IAM,
    "second_factor.removed": Category.IAM,
    "second_factor.lost": Category.IAM,
    "second_factor.lost_at_counter": Category.IAM,
    "second_factor.kept": Category.IAM,
    "second_factor.forgotten": Category.IAM,
    "second_factor.reset": Category.IAM,
    "staff.created": Category.IAM,
    "staff.roles": Category.IAM,
    "staff.linked": Category.IAM,
    "staff.bound": Category.IAM,
    "staff.opened": Category.IAM,
    "staff.closed": Category.IAM,
    "staff.signed_out": Category.IAM,
    "staff.proposed": Category.IAM,
    "staff.confirmed": Category.IAM,
    "staff.refused": Category.IAM,
    "staff.break_glass": Category.IAM,
    "observer.proposed": Category.IAM,
    "observer.named": Category.IAM,
    "observer.refused": Category.IAM,
    "observer.ended": Category.IAM,
    "observer.looked": Category.DATABASE,
    **dict.fromkeys(
        ("webhook.proposed", "webhook.subscribed", "webhook.agreed", "webhook.refused", "webhook.ended"),
        Category.CONFIGURATION,
    ),
    **dict.fromkeys(
        ("webhook.paused", "webhook.resumed", "webhook.tested", "webhook.tried_again"), Category.CONFIGURATION
    ),
    "webhook.secret_made": Category.IAM,
    "webhook.replayed": Category.DATABASE,
    "exception.granted": Category.CONFIGURATION,
    "exception.approved": Category.CONFIGURATION,
    "exception.revoked": Category.CONFIGURATION,
    "keys.rotated": Category.CONFIGURATION,
    "keys.renewed": Category.CONFIGURATION,
    "keys.freed": Category.CONFIGURATION,
    "case.reidentified": Category.DATABASE,
    "data.exported": Category.DATABASE,
    "audit.read": Category.DATABASE,
    "audit.looked_for": Category.DATABASE,
    "audit.broken": Category.DATABASE,
    "log.damaged": Category.DATABASE,
    "door.refused": Category.WEB,
}
"""Every event there is. Those that the audit log has too come with its entry, once that is committed."""

REFUSALS: Final = frozenset({"sign_in.not_linked", "sign_in.closed", "second_factor.passkey_copied"})
"""Entries of the audit log that say that something was refused."""


def emit(
    action: str,
    outcome: Outcome,
    *,
    at: datetime,
    account_id: UUID | None = None,
    target_id: UUID | None = None,
    network: bytes = b"",
    device: bytes = b"",
    reason: str = "",
    request_id: str = "",
) -> None:
    """Write one event; what is not known is left out.

    Parameters
    ----------
    account_id, target_id
        Who did it, and whose account it was done to.
    network, device
        Keyed hashes.
    reason
        The code of a refusal.
    """
    line: dict[str, Any] = {
        "@timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ecs.version": ECS_VERSION,
        "event.kind": "event",
        "event.dataset": DATASET,
        "event.category": [ACTIONS[action].value],
        "event.action": action,
        "event.outcome": outcome.value,
        "event.reason": reason,
        "user.id": str(account_id or ""),
        "user.target.id": str(target_id or ""),
        "mawid.network_hash": network[:_HASH_BYTES].hex(),
        "mawid.device_hash": device[:_HASH_BYTES].hex(),
        "trace.id": request_id,
    }
    _log.info({name: value for name, value in line.items() if value})


class JsonLines(logging.Formatter):
    """Writes an event as it is: one JSON object."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what others log by this name is no event, and becomes nothing but the logger's name."""
        return json.dumps(record.msg if isinstance(record.msg, dict) else {"event.dataset": DATASET})


def write_to(stream: TextIO | None = None, path: Path | None = None, *, beside: Sequence[logging.Handler] = ()) -> None:
    """Send events to a stream or to a file of their own, to what is beside it, and nowhere else."""
    handler = logging.StreamHandler(stream) if path is None else logging.FileHandler(path, encoding="utf-8")
    for old in _log.handlers:
        old.close()
    _log.handlers, _log.propagate = [handler, *beside], False
    for one in _log.handlers:
        one.setFormatter(JsonLines())
    _log.setLevel(logging.INFO)
