"""A process in a container has as many processors as the time that it may use, whatever the machine has."""

import os
from pathlib import Path

import pytest

from booking.platform.base.release import limits, processors

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
