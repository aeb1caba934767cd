"""What a kind of credentials is called and says, for wallets to show (SD-JWT VC, Type Metadata)."""

from collections.abc import Mapping
from typing import Any, Final

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.credentials.names import OF_EVERY_RESULT, claim_of, type_address
from booking.online.content import HOLDER_LABELS
from booking.packs.service import ABOUT_THE_HOLDER, ServiceSpec

_ALWAYS: Final[Mapping[str, tuple[str, str]]] = {
    "holder": ("صاحب الوثيقة", "Holder"),
    "number": ("رقم الوثيقة", "Document number"),
    "issued-on": ("صدرت في", "Issued on"),
}


def describe_kind(core: Core, service_code: str) -> dict[str, Any]:
    """Describe the credentials of a service; raises NotFoundError for a service of which there are none."""
    spec = next((one for one in core.pack.services if one.code == service_code and one.issues), None)
    if spec is None:
        raise NotFoundError
    return {
        "vct": type_address(core.settings.base_url, spec.code),
        "name": spec.result.name["en"],
        "display": [{"locale": language, "name": name} for language, name in sorted(spec.result.name.root.items())],
        "claims": [
            {"path": [code], "sd": "always", "display": [{"locale": "ar", "label": ar}, {"locale": "en", "label": en}]}
            for code, (ar, en) in _labels(spec).items()
        ],
    }


def _labels(spec: ServiceSpec) -> dict[str, tuple[str, str]]:
    fields = {field.code: field.label or field.name for field in spec.fields}
    shown = [code for code in spec.result.shown if code in fields or code in ABOUT_THE_HOLDER]
    return {
        **{code: _ALWAYS[code] for code in OF_EVERY_RESULT},
        **{claim_of(code): HOLDER_LABELS.get(code) or (fields[code]["ar"], fields[code]["en"]) for code in shown},
    }
