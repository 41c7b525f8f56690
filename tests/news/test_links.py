"""Links inside documents, resolved or left."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.parsing.links import resolve

BASE = "https://tidewatch.example/harbour/crane"


@pytest.mark.parametrize(
    ("link", "found"),
    [
        pytest.param("/feed.xml", "https://tidewatch.example/feed.xml", id="absolute path"),
        pytest.param("//kestrel.example/a", "https://kestrel.example/a", id="other host"),
        pytest.param(" http://kestrel.example/a\n", "http://kestrel.example/a", id="white space"),
        pytest.param("http://[2001:db8::1]/a", "http://[2001:db8::1]/a", id="literal"),
        pytest.param("http://[bad", "", id="open bracket"),
        pytest.param("//[bad", "", id="open bracket, relative"),
        pytest.param("http://℀.example/", "", id="look-alike of a slash"),
        pytest.param("http://kestrel.example:99999/", "", id="port too high"),
        pytest.param("http://kestrel.example:x/", "", id="port no number"),
        pytest.param("http:///a", "", id="no host"),
        pytest.param("javascript:alert(1)", "", id="script"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_link_is_an_address_of_the_web_or_nothing(link: str, found: str) -> None:
    assert resolve(BASE, link) == found


@given(
    base=st.sampled_from([BASE, "http://[bad", "https://tidewatch.example"]),
    link=st.one_of(st.text(), st.text().map("http://".__add__), st.text(alphabet="[]:/.@%℀a9").map("//".__add__)),
)
def test_what_is_resolved_can_be_taken_apart(base: str, link: str) -> None:
    parts = urlsplit(resolve(base, link))
    assert (parts.hostname is None) == (parts.scheme == "")
    assert parts.port != 0
