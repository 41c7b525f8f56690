from pathlib import Path

import pytest

from bot.settings import Address, SettingsError, load_settings

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz12345"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_set_means_the_sandbox() -> None:
    settings = load_settings()
    assert settings.bot_token is None
    assert settings.listen == Address("127.0.0.1", 8080)
    assert settings.storage_url == "sqlite:///data/sandbox/newsgist.db"


def test_a_live_bot_keeps_its_data_apart_from_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGIST_BOT_TOKEN", TOKEN)
    settings = load_settings()
    assert settings.bot_id == 123456789
    assert settings.storage_url == "sqlite:///data/newsgist.db"


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGIST_BOT_TOKEN", "nonsense")
    monkeypatch.setenv("NEWSGIST_ADMINS", "ann, 12")
    monkeypatch.setenv("NEWSGIST_LISTEN", "8080")
    monkeypatch.setenv("NEWSGIST_WEBHOOK_URL", "http://plain.example")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    told = "\n".join(caught.value.faults)
    for name in ("BOT_TOKEN", "ADMINS", "LISTEN", "WEBHOOK_URL"):
        assert f"NEWSGIST_{name} " in told
    assert "nonsense" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMINS", "12"),
        ("WEBHOOK_URL", "https://news.example"),
        ("DATABASE_URL", "postgresql://u:canary-password@h/d"),
    ],
)
def test_live_settings_without_a_token_are_a_fault(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"NEWSGIST_{name}", value)
    monkeypatch.setenv("NEWSGIST_WEBHOOK_SECRET", "s" * 20)
    with pytest.raises(SettingsError, match="no NEWSGIST_BOT_TOKEN") as caught:
        load_settings()
    assert "canary" not in str(caught.value)


def test_a_webhook_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGIST_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("NEWSGIST_WEBHOOK_URL", "https://news.example")
    with pytest.raises(SettingsError, match="WEBHOOK_SECRET is required"):
        load_settings()


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    monkeypatch.setenv("NEWSGIST_BOT_TOKEN_FILE", str(tmp_path / "token"))
    settings = load_settings()
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == TOKEN
    assert TOKEN not in repr(settings)


def test_a_file_that_is_not_there_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGIST_BOT_TOKEN_FILE", "no/such/file")
    with pytest.raises(SettingsError, match="NEWSGIST_BOT_TOKEN_FILE"):
        load_settings()


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NEWSGIST_POLL_MIN_S=60\n", encoding="utf-8")
    assert load_settings().poll_min_s == 60


def test_a_dotenv_file_that_is_not_utf_8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"NEWSGIST_BOT_TOKEN=\xff\xfe\n")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings()


@pytest.mark.parametrize("value", ["0.0.0.0:8081", "10.0.0.1:80", "example.org:80"])
def test_the_sandbox_is_never_open_to_others(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NEWSGIST_SANDBOX", value)
    with pytest.raises(SettingsError, match="NEWSGIST_SANDBOX"):
        load_settings()


@pytest.mark.parametrize("admins", ["0", "12,0", "00"])
def test_nobody_known_is_no_owner(monkeypatch: pytest.MonkeyPatch, admins: str) -> None:
    monkeypatch.setenv("NEWSGIST_ADMINS", admins)
    with pytest.raises(SettingsError) as caught:
        load_settings(bot_token=TOKEN)
    assert "NEWSGIST_ADMINS wants numeric user ids" in caught.value.faults[0]


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("postgresql://bot:canary%2Fword@db.example/news", {"canary%2Fword", "canary/word"}),
        ("postgresql://db.example/news?password=canary+word&user=bot", {"canary+word", "canary word"}),
        ("postgresql://bot@db.example/news", set()),
        ("postgresql://bot:a@db.example/news", set()),
    ],
)
def test_no_log_shows_the_databases_password(monkeypatch: pytest.MonkeyPatch, url: str, hidden: set[str]) -> None:
    monkeypatch.setenv("NEWSGIST_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("NEWSGIST_DATABASE_URL", url)
    assert set(load_settings().secrets()) == {TOKEN, url, *hidden}
