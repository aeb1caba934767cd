import pytest

from booking.platform.base.settings import SettingsError, load_settings

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
