from tests.architecture.known_vulnerabilities import CLEAN, NOT_LOOKED_UP, VULNERABLE, judge

SOUND = {"name": "sound", "version": "1.0", "vulns": []}
SKIPPED = {"name": "skipped", "skip_reason": "Dependency not found on PyPI and could not be audited: skipped (1.0)"}
FLAWED = {"name": "flawed", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": []}]}


def test_a_registry_that_knows_nothing_is_never_taken_for_a_clean_lock():
    for components, status in {
        (): NOT_LOOKED_UP,
        ("sound",): CLEAN,
        ("sound", "skipped"): NOT_LOOKED_UP,
        ("sound", "skipped", "flawed"): VULNERABLE,
    }.items():
        known = {"sound": SOUND, "skipped": SKIPPED, "flawed": FLAWED}
        assert judge({"dependencies": [known[name] for name in components]})[0] == status, components

    assert judge({"dependencies": [FLAWED, SKIPPED]})[1] == [
        "flawed 2.0: PYSEC-1, mended in 2.1",
        "1 of 2 components could not be looked up: skipped",
    ]
