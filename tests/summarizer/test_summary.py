"""What a summary promises, whatever the text, the budget and the method."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import BudgetError, Document, Method, SummarizerError, Summary, UnknownMethodError, summarize
from summarizer.text.dangling import points_back
from summarizer.text.terms import count_words
from tests.summarizer.articles import ALL, ENGLISH, UKRAINIAN, count_chars

CLASSICS = [method for method in Method if method not in {Method.NEWS, Method.LEAD}]

PIECES = """The harbour council voted Monday mend. «Так» — сказав він. Mr. 3.5 (CNN) Read more: "Why?" she said. U.S.
    2015 р. 桟橋。 修理 مجلس الميناء؟ … ! ? She He But \ud800 \x00 \u202e İ ß 🇺🇦 https://a.example |"""
WORDS = st.sampled_from(PIECES.split())
TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", " ", "\n", ""])), max_size=80).map(
        lambda pairs: "".join(word + space for word, space in pairs)
    ),
)


def joined(summary: Summary) -> str:
    return " ".join(sentence.text for sentence in summary.sentences)


def assert_sound(document: Document, summary: Summary) -> None:
    last = 0
    for sentence in summary.sentences:
        assert last <= sentence.start < sentence.end <= len(document.text)
        assert document.text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip()
        last = sentence.end


@given(
    text=TEXTS,
    title=st.one_of(st.just(""), TEXTS),
    lang=st.sampled_from([None, "en", "uk", "ja", "ar", "xx", ""]),
    sentences=st.one_of(st.none(), st.integers(1, 6)),
    max_chars=st.one_of(st.none(), st.integers(1, 500)),
    max_words=st.one_of(st.none(), st.integers(1, 90)),
    method=st.sampled_from([Method.NEWS, Method.LEAD]),
    brief=st.booleans(),
)
def test_sentences_stand_word_for_word_in_order_and_within_every_budget(
    text: str,
    title: str,
    lang: str | None,
    sentences: int | None,
    max_chars: int | None,
    max_words: int | None,
    method: Method,
    brief: bool,
) -> None:
    document = Document(text=text, title=title, lang=lang)
    summary = summarize(
        document, sentences=sentences, max_chars=max_chars, max_words=max_words, method=method, brief=brief
    )
    assert_sound(document, summary)
    if sentences is None and max_chars is None and max_words is None:
        sentences = 3
    assert sentences is None or len(summary.sentences) <= sentences
    assert max_chars is None or count_chars(joined(summary)) <= max_chars
    if max_words is not None:
        assert sum(count_words(sentence.text, summary.lang) for sentence in summary.sentences) <= max_words


@given(text=TEXTS, max_chars=st.integers(1, 300), method=st.sampled_from(CLASSICS), lang=st.sampled_from(["en", "xx"]))
def test_classic_methods_keep_the_same_promises(text: str, max_chars: int, method: Method, lang: str) -> None:
    document = Document(text=text, lang=lang)
    summary = summarize(document, max_chars=max_chars, method=method)
    assert_sound(document, summary)
    assert count_chars(joined(summary)) <= max_chars


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("document", ALL, ids=lambda document: document.lang)
def test_every_method_summarises_every_script(method: Method, document: Document) -> None:
    summary = summarize(document, sentences=2, method=method.value)
    assert_sound(document, summary)
    assert len(summary.sentences) == 2
    assert summary.method is method
    assert summary.lang == document.lang


@pytest.mark.parametrize("method", list(Method))
def test_the_same_document_gets_the_same_summary(method: Method) -> None:
    assert summarize(ENGLISH, max_chars=300, method=method) == summarize(ENGLISH, max_chars=300, method=method)


def test_three_sentences_are_chosen_when_no_budget_is_given() -> None:
    assert len(summarize(ENGLISH).sentences) == 3


def test_the_news_method_opens_with_what_the_headline_says() -> None:
    first = summarize(ENGLISH).sentences[0]
    assert first.text.startswith("The harbour council voted on Monday to mend the old pier")


@pytest.mark.parametrize("document", [ENGLISH, UKRAINIAN], ids=["en", "uk"])
@pytest.mark.parametrize("max_chars", [150, 200, 300, 400, 500])
def test_a_budget_in_characters_is_used_to_85_percent(document: Document, max_chars: int) -> None:
    assert len(joined(summarize(document, max_chars=max_chars))) >= 0.85 * max_chars


def test_brief_may_stop_early_and_never_says_more() -> None:
    full = summarize(ENGLISH, max_chars=400)
    brief = summarize(ENGLISH, max_chars=400, brief=True)
    assert 0 < len(joined(brief)) <= len(joined(full))


def test_several_budgets_are_all_kept() -> None:
    summary = summarize(ENGLISH, sentences=3, max_chars=250, max_words=30)
    assert 1 <= len(summary.sentences) <= 3
    assert len(joined(summary)) <= 250
    assert len(joined(summary).split()) <= 30


def test_a_first_sentence_that_is_too_long_gives_way_to_one_that_fits() -> None:
    long = "The council of the harbour of the town " + "and of the villages around it " * 10 + "voted."
    document = Document(text=f"{long} The pier will be mended by spring. Ferries land elsewhere.", lang="en")
    assert [sentence.text for sentence in summarize(document, max_chars=60).sentences] == [
        "The pier will be mended by spring."
    ]


@pytest.mark.parametrize("method", [Method.NEWS, Method.LEAD, Method.LEXRANK])
@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        pytest.param(
            "vi", unicodedata.normalize("NFD", "Hội đồng cảng đã quyết định sửa cầu tàu cũ."), id="decomposed"
        ),
        pytest.param("hi", "बंदरगाह परिषद ने पुराने घाट की मरम्मत का फैसला किया।", id="vowel signs"),
        pytest.param("en", "The council 👨‍👩‍👧 voted for the pier 🇺🇦 today.", id="emoji"),
        pytest.param(
            "ja",
            "葛\U000e0100飾区のﾊﾟﾝ屋の市議会は古い桟橋を修理することを決めた。",
            id="variants and half-width voicing",
        ),
        pytest.param(
            "xx", "\U00011107\U00011127\U0001110b\U00011134 \U00011107\U0001112c\U0001110b voted.", id="Chakma"
        ),
    ],
)
def test_a_character_is_what_a_person_counts_as_one(lang: str, sentence: str, method: Method) -> None:
    document = Document(text=sentence, lang=lang)
    chars = count_chars(sentence)
    assert chars < len(sentence)
    assert joined(summarize(document, max_chars=chars, method=method)) == sentence
    assert not summarize(document, max_chars=chars - 1, method=method, cut=False).sentences


def test_a_summary_of_whole_sentences_is_empty_where_none_fits() -> None:
    document = Document(text="The pier will be mended by spring. Ferries land elsewhere until then.", lang="en")
    assert summarize(document, max_chars=10, cut=False).sentences == ()
    assert summarize(Document(text="")).sentences == ()


LONG = "On Monday the council, which had met for nine hours, voted to mend the pier by spring; ferries land elsewhere."


@pytest.mark.parametrize(
    ("chars", "words", "opening"),
    [
        pytest.param(90, None, LONG[:85], id="up to the end of a clause"),
        pytest.param(45, None, "On Monday the council", id="not between a clause's halves"),
        pytest.param(18, None, "On Monday the", id="up to a word where clauses are longer"),
        pytest.param(1, None, "O", id="a character where not one word fits"),
        pytest.param(None, 9, "On Monday the council", id="in words"),
    ],
)
def test_where_no_sentence_fits_the_first_one_is_cut_where_it_makes_sense(
    chars: int | None, words: int | None, opening: str
) -> None:
    [sentence] = summarize(Document(text=LONG, lang="en"), max_chars=chars, max_words=words).sentences
    assert sentence.text == opening
    assert LONG[sentence.start : sentence.end] == opening


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        pytest.param(
            "市议会周一晚上经过九个小时的讨论，决定在春天之前修好码头。",
            "市议会周一晚上经过九个小时的讨论",
            id="Chinese",
        ),
        pytest.param("a" * 5_000_000 + ".", "a" * 20, id="one word of five million letters"),
        pytest.param("👨‍👩‍👧" * 50 + ".", "👨‍👩‍👧" * 20, id="families"),
    ],
)
def test_a_sentence_without_spaces_is_cut_between_characters(text: str, opening: str) -> None:
    [sentence] = summarize(Document(text=text), max_chars=20).sentences
    assert sentence.text == opening


@pytest.mark.parametrize(
    ("lang", "sentence", "is_pointing"),
    [
        pytest.param("en", "She counts the gulls.", True, id="one word"),
        pytest.param("en", "“It's the gulls,” said Ada Cole.", True, id="elided, quoted"),
        pytest.param("en", "For example, the gulls have left.", True, id="two words"),
        pytest.param("en", "For the gulls it is too late.", False, id="the first of two alone"),
        pytest.param("en", "For", False, id="nothing follows"),
        pytest.param("vi", "Điều này làm dân lo lắng.", True, id="Vietnamese"),
        pytest.param("vi", "Điều tra viên đã đến cầu tàu.", False, id="Vietnamese, another word"),
        pytest.param("uk", "Для цього потрібен новий пірс.", True, id="Ukrainian"),
    ],
)
def test_pointing_back_is_told_by_the_first_words(lang: str, sentence: str, *, is_pointing: bool) -> None:
    assert points_back(sentence, lang) is is_pointing


def test_a_sentence_that_points_back_follows_the_one_it_points_to() -> None:
    for budget in range(1, 6):
        chosen = [sentence.text for sentence in summarize(ENGLISH, sentences=budget).sentences]
        for position, text in enumerate(chosen):
            if text.startswith("She said the money"):
                assert chosen[position - 1].startswith("The work will cost")


def test_datelines_and_boilerplate_are_in_no_summary() -> None:
    everything = joined(summarize(ENGLISH, sentences=50))
    for unwanted in ("Reuters", "Read more", "correspondent at the Gazette"):
        assert unwanted not in everything


def test_the_same_sentence_twice_is_chosen_once() -> None:
    line = "The harbour council voted to mend the old pier before winter."
    document = Document(text=f"{line} Ferries land at the fish market. {line} The mayor spoke of costs.", lang="en")
    chosen = [sentence.text for sentence in summarize(document, sentences=3).sentences]
    assert len(chosen) == len(set(chosen))


@pytest.mark.parametrize("method", [Method.NEWS, Method.LEAD, Method.LEXRANK])
def test_a_text_of_nothing_but_the_same_few_words_says_them_once(method: Method) -> None:
    document = Document(text="Hello there. Go on. " * 20, lang="en")
    assert joined(summarize(document, max_chars=400, method=method)) == "Hello there. Go on."


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("word " * 200_000, id="one sentence of a megabyte"),
        pytest.param("a" * 1_000_000, id="one word of a megabyte"),
        pytest.param(". " * 300_000, id="full stops"),
        pytest.param('?!"«»”' * 100_000, id="marks"),
        pytest.param("\n" * 500_000, id="line breaks"),
        pytest.param("Mr. " * 60_000, id="abbreviations"),
        pytest.param('He said: "' + "No. " * 30_000, id="a quotation that never closes"),
        pytest.param("А б. " * 30_000, id="short sentences"),
        pytest.param("\u202e\x00\ud800 " * 100_000, id="control characters"),
        pytest.param("- " * 300_000, id="dashes"),
        pytest.param("x.Y" * 200_000, id="missing spaces"),
        pytest.param("aB" * 300_000, id="capitals inside words"),
        pytest.param("abc.Def " * 20_000, id="missing spaces between words"),
        pytest.param('"A b c d e. ' * 30_000, id="quotations opened again and again"),
        pytest.param("«А б в г. " * 30_000, id="guillemets opened again and again"),
        pytest.param("(a b c d. " * 30_000, id="brackets opened again and again"),
        pytest.param("LONDON, " * 60_000, id="datelines"),
        pytest.param("大桥关闭了。" * 40_000, id="Chinese"),
        pytest.param("e\u0301" * 200_000, id="combining marks"),
        pytest.param("🇺🇦" * 100_000, id="flags"),
        pytest.param("قال د. أحمد: «نعم» " * 10_000 + "He said so. " * 10_000, id="both directions"),
    ],
)
@pytest.mark.timeout(100)
def test_huge_odd_texts_are_answered_in_bounded_time(text: str) -> None:
    document = Document(text=text, lang="en")
    assert_sound(document, summarize(document, max_chars=400))


def test_a_long_text_falls_back_to_its_opening_for_quadratic_methods() -> None:
    document = Document(
        text=" ".join(f"Boat number {i} landed {i * 7 % 91} crates of fish." for i in range(3000)), lang="en"
    )
    summary = summarize(document, sentences=3, method="lexrank")
    assert summary.sentences[-1].end < len(document.text) / 4


def test_an_unknown_method_is_named_together_with_the_known_ones() -> None:
    with pytest.raises(UnknownMethodError, match="lexrank") as caught:
        summarize(ENGLISH, method="oracle")
    assert caught.value.method == "oracle"
    assert isinstance(caught.value, SummarizerError)


@pytest.mark.parametrize("budget", ["sentences", "max_chars", "max_words"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_budget_below_one_is_refused(budget: str, value: int) -> None:
    with pytest.raises(BudgetError) as caught:
        summarize(ENGLISH, **{budget: value})  # type: ignore[arg-type] # one of three integers, by name
    assert (caught.value.name, caught.value.value) == (budget, value)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, summarizer; print(sorted({'numpy', 'nltk', 'sumy', 'py3langid', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_classic_methods_look_for_no_nltk_data_and_open_no_connection() -> None:
    code = """
import sys
def audit(event, args):
    reading = event == "open" and "nltk_data" in str(args[0])
    if reading or event in {"socket.connect", "socket.getaddrinfo", "urllib.Request"}:
        raise SystemExit(f"{event} {args}")
sys.addaudithook(audit)
from summarizer import Document, Method, summarize
text = "The council voted to mend the pier. It will cost nine million crowns. Ferries land at the market."
for method in Method:
    assert len(summarize(Document(text=text), sentences=2, method=method).sentences) == 2, method
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "President Ana Ruiz resigned on Monday. She had led the country of 12 million for nine years. "
        "Protests in 14 cities had demanded it.",
        "Präsidentin Ana Ruiz ist am Montag zurückgetreten. Sie hatte das Land mit 12 Millionen Einwohnern neun Jahre "
        "lang geführt. Proteste in 14 Städten hatten das gefordert.",
        "阿娜·鲁伊斯总统周一辞职。她领导这个拥有1200万人口的国家长达九年。14个城市的抗议活动曾提出这一要求。",
    ],
    ids=["en", "de", "zh"],
)
def test_one_sentence_of_a_short_text_is_its_opening(text: str) -> None:
    assert summarize(Document(text=text), sentences=1).sentences[0].start == 0


def test_a_short_text_is_not_told_without_its_opening_unless_that_is_too_long() -> None:
    text = (
        "The harbour council voted on Tuesday to close the old swing bridge for eight months. "
        "Engineers found cracks in two of its four bearings. Buses will turn round at the mill until spring. "
        "The repair costs 4.2 million crowns, of which the county pays half."
    )
    for chars in (90, 120, 160):
        summary = summarize(Document(text=text, lang="en"), max_chars=chars, brief=True)
        assert summary.sentences[0].start == 0
    assert summarize(Document(text=text, lang="en"), max_chars=70).sentences[0].start > 0
