"""The web application: pages for people, a JSON API for programs, health for those who run it."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from datetime import timedelta
from functools import cache
from typing import Final

from fastapi import FastAPI
from starlette.routing import BaseRoute

from api import govstack, mosip, pages, v1, wallets
from api.deps import is_https
from api.door.admission import Door
from api.door.budgets import Budgets, Calls, declared_calls
from api.door.failures import LastResort, add_handlers
from api.door.headers import SecurityHeaders
from api.door.https_only import HttpsOnly
from api.door.telemetry import Telemetry
from api.door.turned_away import TurnedAway
from api.errors import ProofTooOldError, StaleFormError
from api.health.checks import make_registry, make_shared_registry
from api.health.checks import router as health
from api.health.shared_answers import SharedAnswers
from api.i18n import load_words
from api.incoming.route_table import RouteTable
from api.outgoing.published import PublishedFiles
from api.outgoing.short_cache import Cached, ShortCache
from api.pages.public.open_data import LIST_SECONDS
from api.pages.shared.errors import error_page
from api.pages.shared.forms import keep_stale_form
from api.pages.shared.fresh_proof import ask_again
from api.pages.shared.kept_pages import KeptPages
from api.pages.shared.rendering import Renderer
from api.pages.shared.show_again import ShownAgainError, answer_again
from booking.country.core.core import Core
from booking.country.core.key_check import WrongSecretError
from booking.country.core.late_start import require_no_upgrade_meanwhile
from booking.country.core.presence import Presence
from booking.country.core.schema import SchemaError
from booking.opening import open_core, require_own_country
from booking.platform.base import logs
from booking.platform.base.measures import OWN, SHARED, told_on_machine
from booking.platform.base.outages import OUTAGES, in_one_line
from booking.platform.base.server_error import ServerError
from booking.platform.base.settings import SettingsError, load_settings
from booking.platform.embedded import start_servers
from booking.platform.embedded.process import end_with_parent
from booking.platform.languages.language import LanguageError
from booking.platform.models import ProcessKind

YOUNGEST: Final = 10_000
"""New objects before unused ones are looked for: with Python's own 700 a tenth of a busy process's time went there."""
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(core: Core, *, lifespan: Lifespan | None = None) -> FastAPI:
    """Make the application on an open core; the caller who opened the core closes it."""
    app = FastAPI(
        title="Mawid",
        version="1",
        openapi_url=None,  # api.v1.documentation gives it, for the API alone
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        routes=declared_routes(),
    )
    app.state.core = core
    app.state.words = load_words(core.settings, core.pack.country.languages)
    app.state.renderer = Renderer(core.settings, app.state.words, core.pack.country)
    app.state.metrics, app.state.shared = make_registry(core), make_shared_registry(core)
    app.state.lists = ShortCache[Cached](lifetime=timedelta(seconds=LIST_SECONDS))
    app.state.kept_pages = KeptPages(lifetime=core.settings.public_pages_kept)
    app.state.published_files = PublishedFiles()
    app.state.refusals = {}
    app.state.answers = SharedAnswers(core, app.state.metrics)
    at_once = core.settings.password_hash_concurrency
    app.state.budgets = Budgets(_calls(), app.state.metrics, hashes_at_once=at_once)
    app.state.turned_away = TurnedAway(app)
    add_handlers(app, error_page)
    app.add_exception_handler(StaleFormError, keep_stale_form)
    app.add_exception_handler(ProofTooOldError, ask_again)
    app.add_exception_handler(ShownAgainError, answer_again)
    # The last one added is the first to see a request.
    app.add_middleware(LastResort)
    app.add_middleware(Door)
    if is_https(core.settings):
        app.add_middleware(HttpsOnly)
    app.add_middleware(SecurityHeaders, https=is_https(core.settings))
    app.add_middleware(Telemetry, registry=app.state.metrics)
    if core.traces is not None:
        from api.door.tracing import Tracing  # noqa: PLC0415 - needs an extra

        app.add_middleware(Tracing, traces=core.traces)
    return app


@cache
def declared_routes() -> list[BaseRoute]:
    """Keep what FastAPI works out about each route, however many applications a process makes.

    The routers are not included in one more: FastAPI would work out every route once before that, only to look whether
    it has a path, and a process would start half a second later.
    """
    others = (govstack, mosip, wallets)
    adapters = [route for one in others for route in one.router.routes]
    routes = [*health.routes, *v1.router.routes, *adapters, *pages.router.routes]
    return [RouteTable(routes), *routes]


def prepare_routes() -> None:
    """Have what FastAPI works out about each route, and what each may cost, ready for whoever makes an application."""
    _calls()


@cache
def _calls() -> Calls:
    """Keep what is declared of each path, as `declared_routes` does."""
    return declared_calls(declared_routes())


def app_from_settings() -> FastAPI:
    """Make the application that the environment describes, for uvicorn's processes.

    Servers that the settings do not name are started, and stopped with the application.
    """
    logs.configure()
    end_with_parent()
    running = ExitStack()
    try:
        settings = load_settings()
        servers = running.enter_context(start_servers(settings))
        core = running.enter_context(
            open_core(settings, database_url=servers.database_url, redis_url=servers.redis_url)
        )
        require_own_country(core)
    except (SettingsError, LanguageError, ServerError, SchemaError, WrongSecretError) as error:
        running.close()
        sys.exit(f"{type(error).__name__}: {error}")
    except OUTAGES as error:
        running.close()
        sys.exit(f"{type(error).__name__}: {in_one_line(error)}")
    except BaseException:
        running.close()
        raise

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        told = {OWN: app.state.metrics, SHARED: app.state.shared}
        with running, told_on_machine(core.settings.state_dir, "web", told), Presence(core.sessions, ProcessKind.WEB):
            require_no_upgrade_meanwhile(core)
            gc.collect()
            gc.freeze()  # each look through what never goes away would stop all threads for a third of a second
            gc.set_threshold(YOUNGEST)  # of a page's objects nearly all are gone by themselves before anybody looks
            beside = [asyncio.create_task(app.state.answers.keep_leaving())]
            beside.append(asyncio.create_task(app.state.budgets.width.keep_measuring()))
            yield
            for one in beside:
                one.cancel()

    return create_app(core, lifespan=lifespan)
