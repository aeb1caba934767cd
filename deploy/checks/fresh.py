"""Try Mawid on fresh systems that have nothing of what it needs: ``./run fresh [SYSTEM ...]`` (as root).

Each system's root file system is made by mmdebstrap from the system's own packages; in a copy of it, which is gone
afterwards, this commit is cloned into a folder with a space in its name, and the steps run there as in a new machine:
once as root, who may install packages, and once as somebody who may not, for whom an administrator has installed
Python. Servers, users and files are those of the copy; the network is this machine's. For Ubuntu the package
``ubuntu-keyring`` must be there.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from serving import NotWellError, say, told

ROOT = Path(__file__).resolve().parents[2]
PLACE = "/home/visitor/a new folder/mawid"
VISITOR = "visitor"
ADMINISTRATORS = ("python3", "python3-venv")
"""What an administrator installs for somebody who may not."""
STEPS = {
    "demo": ["./run", "demo", "--no-serve", "--people", "500"],
    "package": ["./run", "package"],
    "quick": ["./run", "test", "--quick"],
    "test": ["./run", "test"],
}
HOURS = 2 * 3600.0
"""Seconds that one step may take on a machine with much else to do."""


class System(NamedTuple):
    """A release, and from where its packages come."""

    release: str
    mirror: str
    components: str


_DEBIAN, _UBUNTU = "http://deb.debian.org/debian", "http://archive.ubuntu.com/ubuntu"
SYSTEMS = {
    "debian-12": System("bookworm", _DEBIAN, "main"),
    "debian-13": System("trixie", _DEBIAN, "main"),
    "ubuntu-24.04": System("noble", _UBUNTU, "main,universe"),
    "ubuntu-26.04": System("resolute", _UBUNTU, "main,universe"),
}


def main() -> None:
    """Print a row for each system and each who; end with 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="./run fresh", description=__doc__)
    parser.add_argument("systems", nargs="*", default=[*SYSTEMS], help=f"of {', '.join(SYSTEMS)}; all by default")
    parser.add_argument("--steps", default="demo,package", help=f"of {', '.join(STEPS)}; demo and package by default")
    parser.add_argument("--who", default="root,visitor", help="root, visitor or both")
    parser.add_argument("--roots", type=Path, help="a folder in which root file systems are kept for the next time")
    parser.add_argument("--authorities", type=Path, help="certificates by which the package index is trusted")
    given = parser.parse_args()
    steps = given.steps.split(",")
    if unknown := {*given.systems} - SYSTEMS.keys() | {*steps} - STEPS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    well = True
    say(f"| | Python | as | {' | '.join(steps)} |\n|---|---|---|{'---:|' * len(steps)}")
    with tempfile.TemporaryDirectory(prefix="mawid-fresh-") as folder:
        for name in given.systems:
            archive = _archive(SYSTEMS[name], given.roots or Path(folder))
            for who in given.who.split(","):
                with tempfile.TemporaryDirectory(prefix="root-", dir=folder) as place:
                    fresh = Fresh(Path(place), who, given.authorities)
                    fresh.unpack(archive)
                    told_of = [fresh.run(STEPS[step]) for step in steps]
                    say(f"| {name} | {fresh.python()} | {who} | {' | '.join(told_of)} |")
                    well = well and not any("failed" in one for one in told_of)
    sys.exit(not well)


def _archive(system: System, folder: Path) -> Path:
    """Return the archive of a system as it is installed, made where there is none yet."""
    archive = folder / f"{system.release}.tar"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        began, part = time.monotonic(), archive.with_suffix(".part.tar")
        wanted = f"--components={system.components}", "--include=ca-certificates,git"
        told(
            ["mmdebstrap", "--variant=minbase", *wanted, system.release, str(part), system.mirror],
            environment=os.environ,
            folder=folder,
        )
        part.rename(archive)
        say(f"{system.release} made in {time.monotonic() - began:.0f} s")
    return archive


@dataclass(frozen=True)
class Fresh:
    """One copy of a system, in which one person tries Mawid."""

    root: Path
    who: str
    authorities: Path | None

    def unpack(self, archive: Path) -> None:
        """Unpack the system and clone this commit, as whoever will use it.

        Raises
        ------
        NotWellError
            A step of it fails.
        """
        told(["tar", "-xf", str(archive), "-C", str(self.root)], environment=os.environ, folder=self.root)
        if self.authorities is not None:
            shutil.copy(self.authorities, self.root / "etc/ssl/certs/ca-certificates.crt")
        self._must("useradd", "--create-home", "--shell", "/bin/bash", VISITOR)
        if self.who != "root":
            self._must("apt-get", "update", "-qq")
            self._must("apt-get", "install", "-y", "-qq", "--no-install-recommends", *ADMINISTRATORS)
        told(["git", "clone", "-q", str(ROOT), str(self.root / PLACE[1:])], environment=os.environ, folder=ROOT)
        self._must("chown", "-R", f"{self.who}:{self.who}", f"/home/{VISITOR}")

    def run(self, command: Sequence[str]) -> str:
        """Run a step; return its seconds, or that it failed, after the end of what it wrote."""
        began = time.monotonic()
        done = self._inside(command, who=self.who)
        seconds = time.monotonic() - began
        if done.returncode:
            say(f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-4000:]}")
            return f"failed after {seconds:.0f} s"
        return f"{seconds:.0f} s"

    def python(self) -> str:
        """Return the version of Python with which Mawid was installed here."""
        asked = "import platform; print(platform.python_version())"
        done = self._inside([".venv/bin/python", "-c", asked], who=self.who)
        return "" if done.returncode else done.stdout.strip()

    def _must(self, *command: str) -> None:
        done = self._inside(command, who="root", place="/")
        if done.returncode:
            raise NotWellError(f"{' '.join(command)}: {done.stdout[-3000:]}")

    def _inside(self, command: Sequence[str], *, who: str, place: str = PLACE) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy, with processes of its own, as somebody."""
        home = "/root" if who == "root" else f"/home/{who}"
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home}
        environment |= {"LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        if self.authorities is not None:
            environment["PIP_CERT"] = "/etc/ssl/certs/ca-certificates.crt"
        as_whom = [] if who == "root" else ["setpriv", f"--reuid={who}", f"--regid={who}", "--init-groups"]
        return subprocess.run(
            [
                *("bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--clearenv", "--cap-add", "ALL"),
                *("--bind", str(self.root), "/", "--proc", "/proc", "--dev", "/dev"),
                *("--perms", "1777", "--tmpfs", "/dev/shm", "--ro-bind", "/etc/resolv.conf", "/etc/resolv.conf"),  # noqa: S108 - the copy's
                *("--ro-bind", "/etc/hosts", "/etc/hosts", "--chdir", place),
                *(word for name, value in environment.items() for word in ("--setenv", name, value)),
                *as_whom,
                *command,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=HOURS,
        )


if __name__ == "__main__":
    main()
