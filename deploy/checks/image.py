"""Build the image from its recipe without any container engine's help, and run what is in it: ``./run image``.

Buildah builds ``deploy/Containerfile`` as root in a chroot. What it made is then run by bubblewrap as the image says:
its user, its environment, its entry point, a root file system that is read only. The servers beside it are those of
``deploy/compose`` with its scripts and secrets, the proxy is ``deploy/proxy/Caddyfile``.
"""

import argparse
import json
import os
import resource
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from free_ports import free_port
from servers import Servers, started
from serving import NotWellError, answers, get, look, memory, running, say, told, until, without_ours

ROOT = Path(__file__).resolve().parents[2]
NAME = "mawid-to-try"
BASE = "docker.io/library/debian:trixie-slim"
HOST = "localhost"
OK, MOVED, FORBIDDEN, NOT_FOUND = 200, 308, 403, 404
_OF_OPERATORS = ("/metrics", "/readyz", "/readyz/worker", "/livez")
_SETTINGS = {
    "MAWID_ENVIRONMENT": "production",
    "MAWID_BASE_URL": f"https://{HOST}",
    "MAWID_TRUSTED_PROXIES": "127.0.0.1/32",
    "MAWID_REGISTER_URL": "https://register.invalid",
    "MAWID_BEACON": "drand",
    "MAWID_SECRETS_DIR": "/run/secrets",
    "MAWID_PLAIN_CONNECTIONS": "true",
}


def main() -> None:
    """Build and try the image; end with 1 where something is not well."""
    parser = argparse.ArgumentParser(prog="./run image", description=__doc__)
    parser.add_argument(
        "--base", type=Path, help="an archive of Debian 13's root file system; none: made by mmdebstrap"
    )
    parser.add_argument("--cluster", action="store_true", help="with what machines need that compute for others")
    parser.add_argument("--store", type=Path, help="a folder in which layers are kept for the next time")
    parser.add_argument("--authorities", type=Path, help="certificates by which the package index is trusted")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mawid-image-") as folder:
        work = Path(folder)
        builder = Builder(given.store or work / "store", work / "run")
        try:
            builder.make_base(given.base, work)
            builder.build(given.authorities, cluster=given.cluster)
            with builder.unpacked() as image:
                _tell_size(image.root)
                try_out(image, work)
                if given.cluster:
                    try_computing(image, work)
        except NotWellError as error:
            sys.exit(f"NOT WELL: {error}")


@dataclass(frozen=True)
class Image:
    """A root file system, and what the image says of how it is run."""

    root: Path
    settings: dict[str, list[str]]

    def command(self, words: Sequence[str], *, state: Path, secrets: Path, more: dict[str, str]) -> list[str]:
        """Return the command that runs the image as a container would, with these words."""
        user, _, group = str(self.settings["User"]).partition(":")
        environment = dict(one.split("=", 1) for one in self.settings["Env"]) | more
        return [
            *("bwrap", "--die-with-parent", "--unshare-all", "--share-net", "--new-session", "--clearenv"),
            *("--uid", user, "--gid", group, "--cap-drop", "ALL"),
            *("--ro-bind", str(self.root), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 - the image's
            *("--bind", str(state), "/var/lib/mawid", "--tmpfs", "/run", "--ro-bind", str(secrets), "/run/secrets"),
            *("--ro-bind", "/etc/resolv.conf", "/etc/resolv.conf", "--chdir", str(self.settings["WorkingDir"])),
            *(word for name, value in environment.items() for word in ("--setenv", name, value)),
            *self.settings["Entrypoint"],
            *words,
        ]


class Builder:
    """Buildah with a store of its own, which needs neither a service nor another user."""

    def __init__(self, store: Path, state: Path) -> None:
        self._buildah = ["buildah", "--root", str(store), "--runroot", str(state), "--storage-driver", "vfs"]

    def make_base(self, archive: Path | None, work: Path) -> None:
        """Make the image that the recipe begins with from Debian's own packages.

        Raises
        ------
        NotWellError
            It cannot be made.
        """
        if self._call("images", "--quiet", "--filter", f"reference={BASE}").strip():
            return
        if archive is None:
            archive = work / "base.tar"
            told(["mmdebstrap", "--variant=minbase", "trixie", str(archive)], environment=os.environ, folder=work)
        container = self._call("from", *_host(), "scratch").strip()
        self._call("add", "--quiet", container, str(archive), "/")
        self._call("commit", "--quiet", "--rm", container, BASE)

    def build(self, authorities: Path | None, *, cluster: bool) -> None:
        """Build the recipe, with the extra for machines that compute where that is wanted.

        Raises
        ------
        NotWellError
            A step of it fails.
        """
        began = time.monotonic()
        revision = told(["git", "rev-parse", "HEAD"], environment=os.environ, folder=ROOT).strip()
        words = ["--pull=never", "--format=docker", "--layers=false", "--build-arg", f"REVISION={revision}"]
        if authorities is not None:
            words += ["--volume", f"{authorities}:/run/authorities.crt:ro"]
            words += ["--build-arg", "PIP_CERT=/run/authorities.crt"]
        if cluster:
            words += ["--build-arg", "LOCK=requirements-cluster.txt"]
        words += ["--ignorefile", "deploy/Containerfile.dockerignore", "--file", "deploy/Containerfile", "--tag", NAME]
        self._call("build", *_host(), *_limits(), *words, ".")
        say(f"built in {time.monotonic() - began:.0f} s")

    @contextmanager
    def unpacked(self) -> Iterator[Image]:
        """Yield the image with its root file system."""
        container = self._call("from", *_host(), "--pull=never", NAME).strip()
        try:
            told_of = json.loads(self._call("inspect", "--type", "image", NAME))
            yield Image(Path(self._call("mount", container).strip()), told_of["Docker"]["config"])
        finally:
            self._call("rm", container)

    def _call(self, *words: str) -> str:
        done = subprocess.run([*self._buildah, *words], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotWellError(f"buildah {words[0]}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout


def try_out(image: Image, work: Path) -> None:
    """Run migrations, a country, web processes and a worker from the image; look at them through the proxy.

    Raises
    ------
    NotWellError
        Something is not as it should be.
    """
    state = work / "state"
    state.mkdir()
    (state / "witnesses").touch()
    settings = _SETTINGS | {"MAWID_WITNESSES": "/var/lib/mawid/witnesses"}
    with started(work) as servers, ExitStack() as stack:
        once = _Once(image, state, servers, settings)
        say(once.told("migrate"))
        say(once.told("version", "--servers"))
        once.told("catalogue", "load", "syria")
        for path in ("/opt/mawid/new", "/etc/new", "/usr/new"):
            once.refused_to_write(path)
        port, logs = free_port(), work / "logs"
        logs.mkdir()
        environment = without_ours()
        web = image.command(
            ["serve", "--host", "127.0.0.1", "--port", str(port), "--no-worker"],
            state=state, secrets=servers.web, more=settings,
        )  # fmt: skip
        worker = image.command(["worker"], state=state, secrets=servers.worker, more=settings)
        began = time.monotonic()
        process = stack.enter_context(running(web, environment=environment, folder=work, log=logs / "web"))
        until(lambda: answers(port, "/readyz"), process, logs / "web", what="web")
        site = process
        say(f"web processes are ready after {time.monotonic() - began:.1f} s")
        process = stack.enter_context(running(worker, environment=environment, folder=work, log=logs / "worker"))
        until(lambda: answers(port, "/readyz/worker"), process, logs / "worker", what="worker")
        secure = {"X-Forwarded-Proto": "https", "Host": HOST}
        look(port, **secure)
        say(f"at rest: web {memory(site) / 1e6:.0f} MB, worker {memory(process) / 1e6:.0f} MB")
        _look_through_the_proxy(port, work, logs / "caddy")
    say("pages through PgBouncer, a worker beside it, all as nobody, nothing writable: well")


def try_computing(image: Image, work: Path) -> None:
    """Run a scheduler and a worker that compute for others, without a secret, and let them do a piece.

    Raises
    ------
    NotWellError
        They do not.
    """
    port, state, environment = free_port(), work / "computing", without_ours()
    state.mkdir()
    settings = {"MAWID_DASK_ADDRESS": f"tcp://127.0.0.1:{port}", "MAWID_DASK_OPEN_ON_THIS_MACHINE": "true"}
    scheduler, worker, once = (
        image.command(["computing", *words], state=state, secrets=state, more=settings)
        for words in (["scheduler", "--port", str(port)], ["worker", "--processes", "1"], ["try"])
    )
    with ExitStack() as stack:
        began = time.monotonic()
        for name, command, said in (("scheduler", scheduler, b"handing out work"), ("worker", worker, b"at work for")):
            log = work / f"{name}.log"
            process = stack.enter_context(running(command, environment=environment, folder=work, log=log))
            until(lambda log=log, said=said: said in log.read_bytes(), process, log, what=name)
        say(f"{told(once, environment=environment, folder=work).strip()} after {time.monotonic() - began:.1f} s")


@dataclass(frozen=True)
class _Once:
    """Commands of the image that end by themselves."""

    image: Image
    state: Path
    servers: Servers
    settings: dict[str, str]

    def told(self, *words: str) -> str:
        command = self.image.command(words, state=self.state, secrets=self.servers.migrate, more=self.settings)
        return told(command, environment=without_ours(), folder=self.state).strip()

    def refused_to_write(self, path: str) -> None:
        command = self.image.command((), state=self.state, secrets=self.servers.migrate, more={})
        entry = command.index("tini")
        done = subprocess.run([*command[:entry], "touch", path], capture_output=True, text=True, check=False)
        if "Read-only file system" not in done.stderr and "Permission denied" not in done.stderr:
            raise NotWellError(f"{path} can be written: {done.stderr}")


def _look_through_the_proxy(port: int, work: Path, log: Path) -> None:
    """Start the proxy before the web process, and look through it as a visitor and as one who is curious."""
    plain, secure = free_port(), free_port()
    text = (ROOT / "deploy/proxy/Caddyfile").read_text(encoding="utf-8")
    more = f"admin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tlocal_certs\n\tskip_install_trust\n"
    (work / "Caddyfile").write_text(text.replace("admin off\n", more, 1))
    data = {"XDG_DATA_HOME": str(work / "caddy"), "XDG_CONFIG_HOME": str(work / "caddy"), "HOME": str(work)}
    environment = without_ours(**data, MAWID_SITE=HOST, MAWID_UPSTREAM=f"127.0.0.1:{port}")
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(work / "Caddyfile")]
    with running(command, environment=environment, folder=work, log=log) as process:
        until(lambda: _status(secure, "/") == OK, process, log, what="Caddy")
        found = {path: _status(secure, path) for path in ("/", "/services", *_OF_OPERATORS)}
        if found != {"/": OK, "/services": OK} | dict.fromkeys(_OF_OPERATORS, NOT_FOUND):
            raise NotWellError(f"through the proxy: {found}")
        by_plain_http = get(plain, "/", Host=HOST)[0], get(plain, "/api/v1/services", Host=HOST)[0]
        if by_plain_http != (MOVED, FORBIDDEN):
            raise NotWellError(f"by plain http: {by_plain_http}")


def _status(port: int, path: str) -> int:
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE  # the proxy's own authority, of this minute
    try:
        with urlopen(Request(f"https://{HOST}:{port}{path}"), context=trusting, timeout=10) as answer:
            return int(answer.status)
    except OSError as error:
        return int(getattr(error, "code", 0))


def _host() -> list[str]:
    return ["--isolation=chroot", "--network=host"]


def _limits() -> list[str]:
    kinds = {"nproc": resource.RLIMIT_NPROC, "nofile": resource.RLIMIT_NOFILE}
    each = {name: resource.getrlimit(kind) for name, kind in kinds.items()}
    return [f"--ulimit={name}={soft}:{hard}" for name, (soft, hard) in each.items()]


def _tell_size(root: Path) -> None:
    """Say how large the image is, and of what."""
    sizes = {"all": _size(root), "packages": _size(root / "opt/mawid")}
    site = next((root / "opt/mawid/lib").glob("python3*/site-packages"))
    parts = sorted(((_size(one), one.name) for one in site.iterdir() if one.is_dir()), reverse=True)[:12]
    say(", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in sizes.items()))
    say(", ".join(f"{name} {size / 1e6:.0f}" for size, name in parts))
    for name in ("gcc", "cc", "g++", "ld", "as", "make"):
        if shutil.which(name, path=f"{root}/usr/bin:{root}/usr/local/bin:{root}/opt/mawid/bin"):
            raise NotWellError(f"the image has {name}")


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_symlink() and file.is_file())


if __name__ == "__main__":
    main()
