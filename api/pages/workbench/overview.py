"""What an analyst sees: what decides at present, and what the last draw did. Read-only."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.pages.shared.chances import chance_tables
from api.pages.shared.rendering import page
from api.pages.shared.service_names import service_names
from booking.antifraud.gate.versions import active_policies
from booking.scheduling.quotas.trials import waiting_proposals
from booking.scheduling.requests.staff_views import requests_by_state

router = APIRouter(prefix="/analyst")


@router.get("")
def overview(request: Request, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show what waits for a second analyst, the active versions and the last draw's figures."""
    policies = active_policies(core)
    figures = policies.last_draw.figures if policies.last_draw else {}
    return page(
        request,
        "workbench/overview.html",
        policies=policies,
        proposals=waiting_proposals(core, account_id=analyst.account_id),
        tables=chance_tables(figures, service_names(core, words), words),
        counts=requests_by_state(core),
        zone=core.pack.country.time_zone,
    )
