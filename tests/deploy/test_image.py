"""The image's recipe: what goes in, who it is, and that it is what its programs understand."""

import re
import subprocess
import tomllib

import pytest

from tests.deploy.tools import need
from tests.support.root import ROOT

RECIPE = ROOT / "deploy/Containerfile"
RECIPES = [RECIPE, ROOT / "deploy/pgbouncer/Containerfile", ROOT / "deploy/telephone/Containerfile"]


def test_what_goes_in_is_listed_and_is_what_the_wheel_is_made_from():
    lines = (ROOT / "deploy/Containerfile.dockerignore").read_text(encoding="utf-8").split("\n")
    let_in = {line[1:] for line in lines if line.startswith("!")}
    packages = {
        one.rstrip("*")
        for one in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
            "packages"
        ]["find"]["include"]
    }
    assert lines[1] == "*"
    locks = {"requirements.txt", "requirements-cluster.txt"}
    assert let_in == packages | locks | {"deploy/image", "pyproject.toml", "README.md", "LICENSE"}
    assert [name for name in let_in if not (ROOT / name).exists()] == []


def test_packages_that_are_left_out_are_of_the_lock():
    names = re.findall(
        r"^([a-z][\w-]+)$", (ROOT / "deploy/image/left-out.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(names) > 1
    assert set(names) <= set(locked)


def test_the_image_is_nobody_and_has_no_compiler():
    text = RECIPE.read_text(encoding="utf-8")
    last = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER (?!0|root)\d+:\d+$", last, re.MULTILINE)
    assert re.findall(r"gcc|g\+\+|build-essential|python3-dev|rustc|cargo", text) == []
    assert "HEALTHCHECK" in last
    assert text.count("--require-hashes --only-binary :all:") == text.count("install --no-cache-dir --require-hashes")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.parent.name)
def test_the_linter_of_recipes_finds_nothing(recipe):
    done = subprocess.run([need("hadolint"), "--no-color", recipe], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_shell_scripts_of_the_deployment_are_plain():
    scripts = [
        ROOT / "deploy/image/slim",
        ROOT / "deploy/compose/make-secrets",
        ROOT / "deploy/compose/postgres/roles.sh",
    ]
    done = subprocess.run([need("shellcheck"), *scripts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
