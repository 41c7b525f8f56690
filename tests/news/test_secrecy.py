import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.web.secrecy import looks_secret


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://letters.example/feed?token=abc", id="token"),
        pytest.param("https://letters.example/feed?user_key=1", id="key among words"),
        pytest.param("https://ann:pw@letters.example/feed", id="password"),
        pytest.param("https://letters.example/private/9f3ac1d2b7e84f6aa01c/rss", id="random path"),
        pytest.param("https://letters.example/rss?u=Zx81kd93KslqPw02mdkE", id="random value"),
        pytest.param("https://letters.example/feed?apikey=abc", id="joined name"),
        pytest.param("https://letters.example/feed?accessToken=abc", id="name with a hump"),
        pytest.param("https://letters.example/feed?userId=12", id="person's number"),
        pytest.param("https://letters.example/private/ann/rss", id="path that says so"),
        pytest.param("https://letters.example/rss?k=4929301120045561", id="long number"),
        pytest.param("https://[letters.example/feed", id="unreadable"),
    ],
)
def test_an_address_with_a_key_is_a_secret(url: str) -> None:
    assert looks_secret(url)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://tidewatch.example/feed.xml", id="plain"),
        pytest.param("https://tidewatch.example/politics/rss?format=full&page=2", id="ordinary query"),
        pytest.param("https://tidewatch.example/2026/05/04/sable-bridge-shut-after-crack-found-in-deck", id="slug"),
        pytest.param("https://tidewatch.example/tag/keyboards", id="word that holds key"),
        pytest.param("https://tidewatch.example/rss?author=ann&feed_id=7&categoryId=3", id="names that are no keys"),
        pytest.param("https://tidewatch.example/20260504120000/feed", id="date in the path"),
        pytest.param("https://video.example/feeds/videos.xml?channel_id=news", id="channel"),
    ],
)
def test_an_ordinary_address_is_none(url: str) -> None:
    assert not looks_secret(url)


@given(st.one_of(st.text(), st.text().map("http://".__add__), st.text().map("https://letters.example/".__add__)))
def test_of_any_text_something_is_said(url: str) -> None:
    assert looks_secret(url) in {True, False}
