"""Build the source archive and the wheel, install the wheel elsewhere, and try it there: ``package.py OUTPUT``.

The wheel is made from the unpacked source archive, so that it proves that one too. Its environment has the packages of
the lock from the project's own environment, by a path, and nothing else of the project; with ``--whole`` they are
installed anew from the lock, by their hashes.
"""

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

from free_ports import free_port
from serving import NotWellError, answers, look, running, say, told, until, without_ours

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("allocation", "api", "booking", "fraud")
UNPACKED = ("booking/revision.txt",)
"""What the archives have beyond the repository."""
_BUILD = "from setuptools import build_meta; print(build_meta.build_{kind}({folder!r}))"


def main() -> None:
    """Build, compare, install, try; say how long each took, and end with 1 where something is not well."""
    parser = argparse.ArgumentParser(prog="./run package", description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--whole", action="store_true", help="install the packages of the lock anew")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="mawid-package-") as folder:
            _make_and_try(given.output, Path(folder), whole=given.whole)
    except NotWellError as error:
        sys.exit(f"NOT WELL: {error}")


def _make_and_try(output: Path, folder: Path, *, whole: bool) -> None:
    folder.chmod(0o755)  # the private PostgreSQL may have to run as nobody
    began = time.monotonic()
    sdist, wheel = build(output, folder)
    say(f"built {sdist.name} ({_size(sdist)}) and {wheel.name} ({_size(wheel)}) in {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    mawid = install(wheel, folder / "venv", whole=whole)
    say(f"installed in {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    try_out(mawid, folder / "elsewhere")
    say(f"tried in {time.monotonic() - began:.1f} s: version, migrate, catalogue, pages, worker")


def build(output: Path, folder: Path) -> tuple[Path, Path]:
    """Build both archives from what git tracks; see that nothing is missing in them, and nothing is too much.

    Raises
    ------
    NotWellError
        An archive lacks a file of the repository, or has another one.
    """
    tracked = _git("ls-files", "-z").split("\0")[:-1]
    source = folder / "source"
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    (source / UNPACKED[0]).write_text(_git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"))
    sdist = output / _built("sdist", source, output)
    unpack(sdist, folder / "unpacked")
    (unpacked,) = (folder / "unpacked").iterdir()
    inside = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    made = {"PKG-INFO", "setup.cfg", *UNPACKED}
    _compare("source archive", {*tracked, *made}, {name for name in inside if ".egg-info/" not in name})
    wheel = output / _built("wheel", unpacked, output)
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    _compare("wheel", {name for name in (*tracked, *UNPACKED) if name.startswith(PACKAGES)}, inside)
    return sdist, wheel


def unpack(archive: Path, folder: Path) -> None:
    """Take the files of an archive out into a folder; `TarFile.extractall` checks names since 3.11.4 only.

    Raises
    ------
    NotWellError
        A member is something else, or would be elsewhere.
    """
    folder = folder.resolve()
    with tarfile.open(archive) as members:
        for one in members:
            path = (folder / one.name).resolve()
            if not (one.isdir() or one.isreg()) or folder not in path.parents:
                raise NotWellError(f"{archive.name} has {one.name}, which is no file of it")
            if one.isreg() and (content := members.extractfile(one)) is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
                path.chmod(one.mode & 0o755)


def install(wheel: Path, venv: Path, *, whole: bool) -> Path:
    """Install the wheel into a new environment; return its program ``mawid``."""
    environment = without_ours()
    told([sys.executable, "-m", "venv", str(venv)], environment=environment, folder=ROOT)
    pip = [str(venv / "bin/pip"), "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    if whole:
        lock = ["--require-hashes", "--only-binary", ":all:", "--requirement", "requirements.txt"]
        told([*pip, *lock], environment=environment, folder=ROOT)
    else:
        (found,) = venv.glob("lib/python3*/site-packages")
        ours = told(
            [str(ROOT / ".venv/bin/python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            environment=environment,
            folder=ROOT,
        )
        (found / "packages-of-the-lock.pth").write_text(ours)
    told([*pip, "--no-deps", str(wheel)], environment=environment, folder=ROOT)
    return venv / "bin/mawid"


def try_out(mawid: Path, folder: Path) -> None:
    """Use it in an empty folder, with private servers: its version, an empty database, a country, pages, a worker."""
    folder.mkdir()
    environment, program = without_ours(), str(mawid)
    revision = _git("rev-parse", "HEAD").strip()
    said = told([program, "version"], environment=environment, folder=folder)
    if f"revision {revision}" not in said:
        raise NotWellError(f"the wheel does not know its revision {revision}: {said}")
    if told([program, "--version"], environment=environment, folder=folder).split()[0] != "mawid":
        raise NotWellError("mawid --version says no version")
    where = told(
        [str(mawid.parent / "python"), "-c", "import api; print(api.__file__)"], environment=environment, folder=folder
    )
    if not Path(where.strip()).is_relative_to(mawid.parents[1]):
        raise NotWellError(f"the code that runs is not the wheel's: {where}")
    for words in (["migrate"], ["catalogue", "load", "syria"]):
        told([program, *words], environment=environment, folder=folder)
    port, log = free_port(), folder / "log"
    command = [program, "serve", "--host", "127.0.0.1", "--port", str(port)]
    with running(command, environment=environment, folder=folder, log=log) as process:
        until(lambda: answers(port, "/readyz"), process, log, what="Mawid")
        look(port)


def _built(kind: str, source: Path, output: Path) -> str:
    command = [sys.executable, "-c", _BUILD.format(kind=kind, folder=str(output.resolve()))]
    return told(command, environment=without_ours(), folder=source).splitlines()[-1]


def _compare(archive: str, expected: set[str], inside: set[str]) -> None:
    if expected != inside:
        raise NotWellError(
            f"the {archive} lacks {sorted(expected - inside)}, and has {sorted(inside - expected)} too much"
        )


def _git(*words: str) -> str:
    return subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
