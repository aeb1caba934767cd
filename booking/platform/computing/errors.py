"""What can go wrong with those who compute for us."""


class ClusterLostError(Exception):
    """The cluster cannot do its part; the message says why, and names nobody."""


class PieceKillsWorkersError(Exception):
    """Worker after worker died of the same piece of work, most likely for want of memory."""
