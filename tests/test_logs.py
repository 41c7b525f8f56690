import json
import logging
import subprocess
import sys

TOKEN = "123456789:canary-token-that-no-log-may-show"
SECRET = "postgresql://u:canary-password@h/d"

PROGRAM = f"""
import logging, structlog
from bot.logs import configure_logs
configure_logs("DEBUG", secrets=[{SECRET!r}])
log = structlog.get_logger("bot.somewhere")
log.info("hello", url="https://api.telegram.org/bot{TOKEN}/getMe", other="fine")
logging.getLogger("vendor").warning("connecting to %s", {SECRET!r})
logging.getLogger("telegram").debug("a person's text: canary-text")
try:
    raise ValueError("boom at bot{TOKEN.replace(":", "%3A")}")
except ValueError:
    log.exception("failed")
"""


def test_no_secret_is_shown_wherever_it_comes_from() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=True)
    assert "canary" not in done.stderr + done.stdout
    assert done.stderr.count("***") == 2
    assert "boom" not in done.stderr  # an error's words may be a person's; its kind and place are enough
    for word in ("hello", "fine", "connecting to", "failed", "ValueError", "<string>:"):
        assert word in done.stderr


def test_a_log_that_is_no_terminal_is_json() -> None:
    program = "import structlog; from bot.logs import configure_logs; configure_logs('INFO')\n"
    program += "structlog.get_logger('a').info('event_name', n=1); structlog.get_logger('a').debug('unseen')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert '"event": "event_name"' in done.stderr
    assert '"n": 1' in done.stderr
    assert "unseen" not in done.stderr
    assert logging.getLogger().level != logging.DEBUG


def test_what_a_library_warns_of_is_a_line_like_any_other() -> None:
    program = "import warnings; from bot.logs import configure_logs; configure_logs('INFO'); warnings.warn('creaking')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert told["level"] == "warning"
    assert "creaking" in told["event"]
