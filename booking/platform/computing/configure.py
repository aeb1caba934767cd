"""How Dask is used here: nothing on a disk, no page, no profile, and beyond this machine only by TLS on both sides."""

from typing import Any, Final

import dask
from distributed.security import Security

from booking.platform.base.settings_servers import ComputingSettings

CONFIGURATION: Final = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # what a worker holds are people's names: never on its disk
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.85,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.profile.enabled": False,
    # a worker that hangs is given up, and its pieces to others
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.scheduler.allowed-failures": 3,
    "distributed.admin.large-graph-warning-threshold": "1GiB",
}


def configure() -> None:
    """Set it in this process, and in those that it starts."""
    dask.config.set(CONFIGURATION)


def security_of(settings: ComputingSettings) -> Any:
    """Return Dask's own settings of TLS: every side shows a certificate of the same authority, or there is none."""
    if settings.dask_ca is None:
        return Security(require_encryption=False)
    files = {"tls_ca_file": str(settings.dask_ca)}
    for role in ("client", "scheduler", "worker"):
        files |= {f"tls_{role}_cert": str(settings.dask_certificate), f"tls_{role}_key": str(settings.dask_key)}
    return Security(require_encryption=True, **files)
