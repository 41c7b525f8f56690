"""Extractive summaries of news in many languages: pure text in, sentences out.

    from summarizer import Document, summarize

    summary = summarize(Document(text=text, title=title), max_chars=400)

Importing this is cheap; what a method needs is imported when it is first used.
"""

from summarizer.document import Article, Document, Method, Reason, Sentence, StorySentence, StorySummary, Summary, Why
from summarizer.errors import BudgetError, InputError, SummarizerError, UnknownMethodError
from summarizer.reasons import explain, explain_story
from summarizer.story.clustering import Stories
from summarizer.story.developments import Correction, Sent, corrections, what_is_new
from summarizer.story.summary import summarize_story
from summarizer.summary import summarize, summarize_many
from summarizer.text.language import SUPPORTED, detect_language
from summarizer.text.sentences import split_sentences

__all__ = [
    "SUPPORTED",
    "Article",
    "BudgetError",
    "Correction",
    "Document",
    "InputError",
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
    "summarize_many",
    "summarize_story",
    "what_is_new",
]
