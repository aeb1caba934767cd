"""Kill a witness before each thing that it asks of the file system, and offer a fork to the one after it."""

import os
import signal
import sys
from pathlib import Path

from booking.transparency.witness.cosigning import ForkError, StaleError
from tests.booking.transparency.witness.a_log import FORKED, HONEST, cosigner, offered

STEPS = {"open", "os.rename", "os.remove"}


def main(folder: Path) -> int:
    """Return how many kills there were until one process came to its end."""
    step = 0
    while True:
        path = folder / str(step)
        cosigner(path)
        receiving, sending = os.pipe()
        if (child := os.fork()) == 0:
            sign_and_die(path, sending, step)
        os.close(sending)
        with os.fdopen(receiving) as file:
            said = file.read()
        _, status = os.waitpid(child, 0)
        after, fork = cosigner(path), offered(FORKED, 9, 0)
        try:
            after.cosign(fork.checkpoint, fork.note, old=0, proof=fork.proof)
        except (StaleError, ForkError):
            assert after.accepted.root == offered(HONEST, 9, 0).checkpoint.root
        else:
            assert not said, f"two histories, killed before step {step}"
        if os.WIFEXITED(status):
            assert said
            return step
        step += 1


def sign_and_die(path: Path, sending: int, step: int) -> None:
    """Sign a checkpoint, and die before a step; say what was signed."""
    witness, offer, left = cosigner(path), offered(HONEST, 9, 0), [step]

    def count(event: str, _: object) -> None:
        left[0] -= event in STEPS
        if left[0] < 0 and event in STEPS:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    line = witness.cosign(offer.checkpoint, offer.note, old=0, proof=offer.proof).line
    os.write(sending, line.encode())
    os._exit(0)


if __name__ == "__main__":
    sys.stdout.write(str(main(Path(sys.argv[1]))))
