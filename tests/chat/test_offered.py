from datetime import UTC, datetime

from bot.chat.feeds.offered import describe_feeds
from bot.messages.speech import speech
from bot.news.finding.discovery import FeedKind, FeedLink

NOW = datetime(2026, 5, 4, 14, 5, tzinfo=UTC)


def test_a_strangers_names_stay_on_their_line_and_summon_nobody() -> None:
    link = FeedLink(
        url="https://tidewatch.example/feed",
        title="Tide\n<b>@scam",
        kind=FeedKind.RSS,
        newest="Tap /delete_me\nnow",
    )
    (line,) = describe_feeds(speech("en"), [link], now=NOW)
    assert line == "<b>Tide &lt;b&gt;@\u2060scam</b> · Tap /\u2060delete_me now"
