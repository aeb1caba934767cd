"""Schemathesis calls the whole API with what its documentation allows and with what it forbids: nothing may break."""

from contextlib import suppress
from itertools import cycle

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.incoming.bodies import FILE, PART
from tests.support.effort import examples

for name in {*FILE.types, *PART.types} - {"application/octet-stream"}:
    schemathesis.serializer.alias(name, "application/octet-stream")
PATIENCE = 60.0  # seconds; the library's own ten are too few on a busy machine
MODES = {"allowed": schemathesis.GenerationMode.POSITIVE, "forbidden": schemathesis.GenerationMode.NEGATIVE}
CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.mark.parametrize("mode", MODES)
def test_no_input_breaks_a_call_and_every_answer_is_documented(app, citizen, mode):
    amal = citizen()
    held = amal.hold().json()["reference"]
    references = cycle([held, amal.get("/requests").json()["requests"][0]["reference"], "ABCDEFGH0"])
    document = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    calls = 0
    for found in document.get_all_operations():
        operation = found.ok()

        @given(operation.as_strategy(generation_mode=MODES[mode]))
        @settings(
            max_examples=examples(3, nightly=20),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def call(case):
            nonlocal calls
            calls += 1
            case.headers["Authorization"] = f"Bearer {amal.token}"
            if calls % 2 and "reference" in case.path_parameters and "draws" not in case.path:
                case.path_parameters["reference"] = next(references)
            if case.call_and_validate(checks=CHECKED, timeout=PATIENCE).status_code == 401:  # it ended its own session
                amal.sign_in_again()

        with suppress(Unsatisfiable):  # a call without input has none that could be forbidden
            call()
    assert calls > 150
