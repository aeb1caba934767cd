"""A process in a container has as many processors as the time that it may use, whatever the machine has."""

import os
from pathlib import Path

import pytest

from booking.platform.base.release import limits, processors
from booking.platform.base.settings import SettingsError, load_settings

NEW = "0::/pods/mine\n"
OLD = "4:memory:/pods/mine\n1:cpu,cpuacct:/pods/mine\n"


@pytest.mark.parametrize(
    ("groups", "files", "found"),
    [
        (NEW, {"pods/mine/cpu.max": "200000 100000\n"}, [2]),
        (NEW, {"pods/mine/cpu.max": "max 100000\n", "pods/cpu.max": "150000 100000\n"}, [2]),
        (NEW, {"pods/mine/cpu.max": "400000 100000\n", "cpu.max": "10000 100000\n"}, [4, 1]),
        ("0::/\n", {"cpu.max": "300000 100000\n"}, [3]),
        (NEW, {}, []),
        (OLD, {"cpu/pods/mine/cpu.cfs_quota_us": "250000\n", "cpu/pods/mine/cpu.cfs_period_us": "100000\n"}, [3]),
        (OLD, {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, []),
        ("0::/../other\n", {"cpu.max": "300000 100000\n"}, [3]),
    ],
)
def test_limits_of_all_groups_around_a_process_are_read(
    tmp_path: Path, groups: str, files: dict[str, str], found: list[int]
) -> None:
    (tmp_path / "cgroup").write_text(groups)
    for name, content in files.items():
        file = tmp_path / "mounted" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    assert list(limits(tmp_path / "cgroup", tmp_path / "mounted")) == found


def test_a_machine_without_control_groups_limits_nothing(tmp_path: Path) -> None:
    assert list(limits(tmp_path / "cgroup", tmp_path)) == []


def test_a_process_that_may_run_on_one_processor_has_one() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)


SECRET = "s" * 32


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "secrets").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAWID_SECRETS_DIR", str(tmp_path / "secrets"))
    return tmp_path / "secrets"


def test_a_secret_is_read_from_the_file_of_its_name(folder):
    (folder / "mawid_secret_key").write_text(f"{SECRET}\n")

    assert load_settings().secret_key.get_secret_value() == SECRET


def test_the_environment_and_the_file_of_settings_win_over_a_file(folder, monkeypatch):
    (folder / "mawid_secret_key").write_text(SECRET)
    (folder / "mawid_metrics_token").write_text("t" * 16)
    (folder.parent / ".env").write_text(f"MAWID_SECRET_KEY={'e' * 32}\nMAWID_METRICS_TOKEN=\n")
    (folder.parent / ".env").chmod(0o600)

    settings = load_settings()

    assert settings.secret_key.get_secret_value() == "e" * 32
    assert settings.metrics_token.get_secret_value() == "t" * 16
    monkeypatch.setenv("MAWID_SECRET_KEY", "v" * 32)
    assert load_settings().secret_key.get_secret_value() == "v" * 32


def test_an_empty_file_sets_nothing(folder):
    (folder / "mawid_register_token").touch()
    (folder / "mawid_metrics_token").write_text("\n")

    settings = load_settings()

    assert (settings.register_token, settings.metrics_token) == (None, None)


def test_a_file_that_is_no_setting_stops_the_start(folder):
    (folder / "mawid_secret_kye").write_text(SECRET)
    (folder / "somebody_else").write_text("not ours")

    with pytest.raises(SettingsError, match=r"^mawid_secret_kye is unknown$"):
        load_settings()


def test_an_unusable_secret_is_named_and_never_shown(folder):
    (folder / "mawid_secret_key").write_text("hunter2")

    with pytest.raises(SettingsError, match=r"^MAWID_SECRET_KEY: ") as error:
        load_settings()
    assert "hunter2" not in str(error.value)


def test_a_folder_that_is_not_there_stops_the_start(folder):
    folder.rmdir()

    with pytest.raises(SettingsError, match=r"^MAWID_SECRETS_DIR: Path does not point to a directory"):
        load_settings()
