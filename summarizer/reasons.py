"""Why a sentence was chosen, in a few reasons with their weights; worked out only when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from summarizer.document import Document, Method, Reason, StorySummary, Summary, Why, articles_of
from summarizer.errors import InputError
from summarizer.inputs import check_kind
from summarizer.summary import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from summarizer.document import Article


def explain(document: Document, summary: Summary) -> tuple[tuple[Why, ...], ...]:
    """Give the heaviest reasons for each sentence of a summary, at most three of each, heaviest first.

    The lead has one reason; the classic methods, which weigh a text as a whole, have none to give.

    Args:
        document: what was summarised.
        summary: what :func:`summarizer.summarize` made of it.

    Raises:
        InputError: it is no document, or no summary of one.
    """
    check_kind("document", document, Document, "a Document")
    if isinstance(summary, StorySummary):
        raise InputError("summary", "a Summary", "a StorySummary, which explain_story is for")
    check_kind("summary", summary, Summary, "a Summary")
    if summary.method is Method.LEAD:
        return tuple((Why(reason=Reason.NEAR_TOP, weight=1.0),) for _ in summary.sentences)
    if summary.method is not Method.NEWS:
        return tuple(() for _ in summary.sentences)
    # numpy takes a tenth of a second to import, for which nobody waits who does not ask why.
    from summarizer.counterfactuals import judge_article  # noqa: PLC0415 - see above

    return judge_article(document, [(one.start, one.end) for one in summary.sentences], summary.lang)


def explain_story(articles: Iterable[Article], summary: StorySummary) -> tuple[tuple[Why, ...], ...]:
    """Give the heaviest reasons for each sentence of a story's summary, at most three of each, heaviest first.

    Args:
        articles: what was summarised.
        summary: what :func:`summarizer.summarize_story` or :func:`summarizer.what_is_new` made of it.

    Raises:
        InputError: these are no articles, or that is no summary of a story.
    """
    articles = articles_of("articles", articles)
    if isinstance(summary, Summary):
        raise InputError("summary", "a StorySummary", "a Summary, which explain is for")
    check_kind("summary", summary, StorySummary, "a StorySummary")
    from summarizer.counterfactuals import judge_story  # noqa: PLC0415 - as above

    langs = [language_of(article) for article in articles]
    return judge_story(articles, langs, [(one.article, one.start, one.end) for one in summary.sentences])
