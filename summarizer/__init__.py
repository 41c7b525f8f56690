"""Extractive summaries of news in many languages: pure text in, sentences out.

    from summarizer import Document, summarize

    summary = summarize(Document(text=text, title=title), max_chars=400)

Importing this is cheap; what a method needs is imported when it is first used.
"""

from summarizer.developments import Correction, Sent, corrections, what_is_new
from summarizer.document import Article, Document, Method, Reason, Sentence, StorySentence, StorySummary, Summary, Why
from summarizer.errors import BudgetError, SummarizerError, UnknownMethodError
from summarizer.language import SUPPORTED, detect_language
from summarizer.reasons import explain, explain_story
from summarizer.sentences import split_sentences
from summarizer.stories import Stories
from summarizer.story_summary import summarize_story
from summarizer.summary import summarize

__all__ = [
    "SUPPORTED",
    "Article",
    "BudgetError",
    "Correction",
    "Document",
    "Method",
    "Reason",
    "Sent",
    "Sentence",
    "Stories",
    "StorySentence",
    "StorySummary",
    "SummarizerError",
    "Summary",
    "UnknownMethodError",
    "Why",
    "corrections",
    "detect_language",
    "explain",
    "explain_story",
    "split_sentences",
    "summarize",
    "summarize_story",
    "what_is_new",
]
