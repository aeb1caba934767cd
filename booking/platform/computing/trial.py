"""Try a cluster out: whether it is there, whether its software is ours, how much it does at a time."""

from booking.platform.base.settings_computing import ComputingSettings
from booking.platform.computing.errors import ClusterLostError
from booking.platform.computing.spread import connect, nothing


def try_out(settings: ComputingSettings) -> int:
    """Let the cluster do one small piece; return how many it does at a time.

    Raises
    ------
    ClusterLostError
        It cannot do its part: no scheduler, no worker, or other software.
    """
    cluster = connect(settings)
    try:
        if not cluster.workers:
            raise ClusterLostError("there is no worker")
        cluster.result(cluster.send(str.upper, "mawid"), nothing)
        return cluster.workers
    finally:
        cluster.close()
