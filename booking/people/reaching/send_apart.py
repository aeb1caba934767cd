"""A process that sends for a worker, started by `reaching.senders`: it knows gateways, and no database."""

import os
import signal
import sys
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread

from booking.people.reaching.apprise_carrier import load_apprise
from booking.people.reaching.carriers import OUTBOX, carrier_to
from booking.people.reaching.senders import Parcel, Resting, Sender, shared_counts
from booking.platform.base import logs
from booking.platform.base.message_states import Channel


def main() -> None:
    """Send each share that comes by a pipe, and say what came of it, until the pipe is closed.

    Its arguments are two descriptors: the pipe's, and that of the counts of `booking.people.reaching.senders`.
    """
    logs.configure()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are for the worker too, which finishes its jobs first
    pipe, counts = Connection(int(sys.argv[1])), shared_counts(int(sys.argv[2]))
    shares = SimpleQueue[list[Parcel]]()
    addresses, calls = pipe.recv()
    Thread(target=_listen, args=(pipe, shares), daemon=True).start()
    load_apprise()
    carriers = {channel: carrier_to(address, calls) for channel, address in addresses.items()}
    with Sender(dict.fromkeys(Channel, OUTBOX) | carriers, Resting(counts), calls=calls) as sender:
        pipe.send(())
        while True:
            pipe.send(sender.begin(shares.get())())


def _listen(pipe: Connection, shares: SimpleQueue[list[Parcel]]) -> None:
    """Take shares; end at once, whatever is on its way, where nobody would hear what came of it."""
    while True:
        try:
            shares.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(0)


if __name__ == "__main__":
    main()
