"""What the sandbox offers newcomers."""

from bot.news.finding.catalogue import TOPICS, Suggestion, catalogue_of
from bot.sandbox import Sandbox


def test_sandbox_suggests_feeds_of_its_own_site_alone_for_six_topics_in_each_of_its_languages() -> None:
    sandbox = Sandbox(port=4711)
    suggestions = [Suggestion(**each) for each in sandbox.suggestions]
    assert all(each.url.startswith(sandbox.site_url) for each in suggestions)
    catalogue = catalogue_of(suggestions)
    languages = {outlet.language for outlet in sandbox.newsdesk.outlets.values()}
    assert {"en", "uk"} <= languages
    for lang in languages:
        assert set(catalogue.topics(lang)) == set(TOPICS[:6])
