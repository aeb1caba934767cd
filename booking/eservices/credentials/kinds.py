"""What a kind of credentials is called and says, for wallets to show (SD-JWT VC, Type Metadata)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from booking.country.core.core import Core
from booking.country.packs.service import ABOUT_THE_HOLDER, ServiceSpec
from booking.eservices.credentials.names import OF_EVERY_RESULT, PASS, claim_of, type_address
from booking.eservices.online.content import HOLDER_LABELS
from booking.platform.base.errors import NotFoundError

Said = Mapping[str, str]
"""Words by language."""

_ALWAYS: Final[Mapping[str, tuple[str, str]]] = {
    "holder": ("صاحب الوثيقة", "Holder"),
    "number": ("رقم الوثيقة", "Document number"),
    "issued-on": ("صدرت في", "Issued on"),
}
_OF_A_PASS: Final[Mapping[str, tuple[str, str]]] = {
    "office": ("الفرع", "Office"),
    "day": ("اليوم", "Day"),
    "time": ("الساعة", "Time"),
    "service": ("الخدمة", "Service"),
    "people": ("عدد الأشخاص", "People"),
    "number": ("رقم الموعد", "Appointment number"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of credentials: its code, its name, and what each claim is called."""

    code: str
    name: Said
    labels: Mapping[str, Said]


def list_kinds(core: Core) -> Iterator[Kind]:
    """List every kind that there is: one a service that issues something, and passes of appointments."""
    for spec in core.pack.services:
        if spec.issues:
            yield Kind(spec.code, spec.result.name.root, _labels(spec))
    labels = {code: {"ar": ar, "en": en} for code, (ar, en) in _OF_A_PASS.items()}
    yield Kind(PASS, {"ar": "بطاقة موعد", "en": "Appointment pass"}, labels)


def is_kind(core: Core, code: str) -> bool:
    """Return whether there is a kind with this code."""
    return any(one.code == code for one in list_kinds(core))


def describe_kind(core: Core, code: str) -> dict[str, Any]:
    """Describe the credentials of a service, or passes; raises NotFoundError for a kind that there is not."""
    kind = next((one for one in list_kinds(core) if one.code == code), None)
    if kind is None:
        raise NotFoundError
    return {
        "vct": type_address(core.settings.base_url, kind.code),
        "name": kind.name["en"],
        "display": [{"locale": language, "name": name} for language, name in sorted(kind.name.items())],
        "claims": [
            {
                "path": [claim],
                "sd": "always",
                "display": [{"locale": language, "label": label} for language, label in labels.items()],
            }
            for claim, labels in kind.labels.items()
        ],
    }


def _labels(spec: ServiceSpec) -> dict[str, Said]:
    fields = {field.code: field.label or field.name for field in spec.fields}
    shown = [code for code in spec.result.shown if code in fields or code in ABOUT_THE_HOLDER]
    words = {
        **{code: _ALWAYS[code] for code in OF_EVERY_RESULT},
        **{claim_of(code): HOLDER_LABELS.get(code) or (fields[code]["ar"], fields[code]["en"]) for code in shown},
    }
    return {claim: {"ar": ar, "en": en} for claim, (ar, en) in words.items()}
