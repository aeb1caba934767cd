"""Two web processes that do nothing: ``python -m tests.api.door.two_processes PATIENCE [nobody]``."""

import sys

import uvicorn

from api.door.web_processes import serve


async def nothing(scope, receive, send):
    """Answer nobody."""


def __getattr__(name):
    """Let whoever serves anything else be unable to begin, for a reason that may pass."""
    if name == "nobody":
        raise OSError("no space left")
    raise AttributeError(name)


if __name__ == "__main__":
    given = int(sys.argv[1])
    serves = sys.argv[2] if len(sys.argv) > 2 else "nothing"
    app = f"tests.api.door.two_processes:{serves}"
    serve(uvicorn.Config(app, port=0, workers=2, lifespan="off", ws="none", timeout_worker_healthcheck=given))
