"""What belongs to an article and tells little: captions, questions, teasers, dialogue, headings that trail off."""

import pytest

from summarizer.cleaning.report import clean
from summarizer.text.sentences import split_sentences
from tests.summarizer.articles import PLAIN

CAPTIONS = {
    "en": ["Ada Cole (left) counts the gulls on the old pier.", "The mayor, pictured, has never seen a gull."],
    "de": ["Ada Kohl (l.) zählt die Möwen auf der alten Mole.", "Das Foto zeigt die Mole vor dem großen Sturm."],
    "fr": ["Ada Colin (à gauche) compte les mouettes de la jetée."],
    "es": ["Ada Coll (izquierda) cuenta las gaviotas del muelle viejo."],
    "it": ["Nella foto Ada Colli conta i gabbiani sul vecchio molo."],
    "pt": ["Ada Colo (à direita) conta as gaivotas do cais velho."],
    "nl": ["Ada Kool (rechts) telt de meeuwen op de oude pier."],
    "pl": ["Na zdjęciu Ada Kolska liczy mewy na starym molo."],
    "uk": ["Ада Коленко (ліворуч) рахує чайок на старому пірсі."],
    "ru": ["Ада Колина (слева) считает чаек на старом пирсе."],
    "tr": ["Ada Kol (solda) eski iskelede martıları sayıyor."],
    "vi": ["Bà Ada Cole (trái) đếm chim trên cầu tàu cũ."],
    "ar": ["آدا كول (يمين) تعد النوارس على الرصيف القديم."],
    "fa": ["آدا کول (راست) مرغان دریایی را در اسکله می‌شمارد."],
    "hi": ["एडा कोल (बाएं) पुराने घाट पर पक्षियों को गिनती हैं।"],
    "zh": ["艾达·科尔（左）在旧码头上数着海鸥。"],
    "ja": ["エイダ・コール（左）は古い桟橋でカモメを数える。"],
    "ko": ["에이다 콜(왼쪽)이 낡은 부두에서 갈매기를 세고 있다."],
}


def weak(text: str, lang: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in clean(text, split_sentences(text, lang), lang) if piece.is_weak]


@pytest.mark.parametrize(
    ("lang", "line"), [pytest.param(lang, line, id=line) for lang in CAPTIONS for line in CAPTIONS[lang]]
)
def test_what_describes_a_picture_is_weak(lang: str, line: str) -> None:
    assert weak(f"{PLAIN[lang]}\n{line}\n{PLAIN[lang]}", lang) == [line]


@pytest.mark.parametrize("lang", PLAIN)
def test_nothing_of_a_plain_article_is_weak(lang: str) -> None:
    assert weak(PLAIN[lang], lang) == []


def test_labels_show_captions_where_they_differ_and_name_no_speakers() -> None:
    labelled = ["High tide: The pier as it stood in the storm.", "On watch: Ada Cole counts the gulls by night."]
    assert weak(f"{PLAIN['en']} {' '.join(labelled)}", "en") == labelled
    assert weak(f"{PLAIN['en']} {labelled[0]}", "en") == []
    picture = "Ada Cole (left) mends the nets of her father."
    assert weak(f"{PLAIN['en']} {labelled[0]} {picture}", "en") == [labelled[0], picture]
    interview = "Cole: The pier is old and it rots. Stone: We mend it. Cole: Who pays for it all. Stone: The town pays."
    assert weak(f"{PLAIN['en']} {interview}", "en") == []
    quoting = "The mayor said: 'The pier is ours.' Ada Cole added: 'The gulls are mine.'"
    assert weak(f"{PLAIN['en']} {quoting}", "en") == []


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        pytest.param("en", "Who will pay for the old pier in the end?", id="question"),
        pytest.param("zh", "最后谁来为这座旧码头付钱呢？", id="Chinese question"),
        pytest.param("en", "From Pier to Park: The Evolution of Harbour Towns.", id="headline"),
        pytest.param("fr", "Vieilles jetées, jeunes mouettes, longs hivers...", id="trails off"),
        pytest.param("de", "Alte Molen, junge Möwen, lange Winter…", id="trails off, one character"),
        pytest.param("en", "Here's what the town has to say about the old pier and its gulls.", id="English teaser"),
        pytest.param("de", "Was hinter dem Streit um die alte Mole steckt.", id="German teaser"),
        pytest.param("fr", "Voici ce que le maire pense de la vieille jetée.", id="French teaser"),
        pytest.param("it", "Ecco cosa pensa il sindaco del vecchio molo.", id="Italian teaser"),
        pytest.param("uk", "Ось що мер думає про старий пірс.", id="Ukrainian teaser"),
        pytest.param("ru", "— Пирс старше нашего города.", id="Russian dialogue"),
        pytest.param("sv", "– Bryggan är äldre än vår stad här.", id="Swedish dialogue"),
    ],
)
def test_what_asks_teases_or_trails_off_is_weak(lang: str, line: str) -> None:
    rest = PLAIN.get(lang, "Stadens råd har beslutat att laga den gamla bryggan.")
    assert weak(f"{line} {rest}", lang) == [line]
    quoted = 'The mayor asked: "Who will pay for the old pier?"'
    assert weak(f"{quoted} {PLAIN['en']}", "en") == []


def test_a_short_first_line_of_a_vietnamese_article_is_the_caption_of_its_picture() -> None:
    line = "Cầu tàu cũ sau cơn bão hôm qua."
    assert weak(f"{line}\n{PLAIN['vi']}", "vi") == [line]
    assert weak(f"{line} {PLAIN['vi']}", "vi") == []
    assert weak(f"{PLAIN['vi']}\n{line}\n{PLAIN['vi']}", "vi") == []


def test_what_only_looks_like_a_teaser_is_not_weak() -> None:
    assert weak("Was der Rat beschloss, steht in der Zeitung. Wie alt die Mole ist, weiß niemand.", "de") == []
    assert weak("Here the old pier ends. What the council wants is another matter.", "en") == []
