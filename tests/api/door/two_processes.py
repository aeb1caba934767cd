"""Two web processes that do nothing, for `test_web_processes`: ``python -m tests.api.door.two_processes PATIENCE``."""

import sys

import uvicorn

from api.door.web_processes import serve

SERVES = "tests.api.door.two_processes:nothing"


async def nothing(scope, receive, send):
    """Answer nobody."""


if __name__ == "__main__":
    given = int(sys.argv[1])
    serve(uvicorn.Config(SERVES, port=0, workers=2, lifespan="off", ws="none", timeout_worker_healthcheck=given))
