"""What is left out of an article before its sentences are ranked."""

import pytest

from summarizer.cleaning import clean
from summarizer.sentences import split_sentences

BODY = {
    "en": "The harbour council voted to mend the old pier before winter. The work will cost nine million crowns.",
    "de": "Der Hafenrat hat beschlossen, die alte Mole vor dem Winter zu flicken. Das kostet neun Millionen Kronen.",
    "fr": "Le conseil du port a décidé de réparer la vieille jetée avant l'hiver. Les travaux coûteront neuf millions.",
    "es": "El consejo del puerto decidió reparar el viejo muelle antes del invierno. La obra costará nueve millones.",
    "uk": "Рада порту вирішила полагодити старий пірс до зими. Роботи коштуватимуть дев'ять мільйонів крон.",
    "ru": "Совет порта решил починить старый пирс до зимы. Работы обойдутся в девять миллионов крон.",
}

DATELINES = {
    "en": [
        "(CNN) — ",
        "(CNN)",
        "KYIV, Nov 5 (Reuters) - ",
        "London (AP) — ",
        "Port Vila, Vanuatu (CNN)",
        "WASHINGTON — ",
        "DUBAI, United Arab Emirates — ",
        "NEW YORK, Jan. 3 (UPI) -- ",
        "BRUSSELS, March 14, 2024 (AFP) - ",
    ],
    "de": ["Berlin (dpa) - ", "Frankfurt/Main (dpa) – ", "WIEN (APA) - ", "Hamburg (dpa/epd) - "],
    "fr": ["Paris (AFP) - ", "BRUXELLES (Belga) — ", "GENÈVE, 4 mai (Reuters) - "],
    "es": ["MADRID (EFE) - ", "MADRID, 5 (EUROPA PRESS) - ", "BOGOTÁ, 5 nov (Reuters) - "],
    "uk": ["КИЇВ (Укрінформ) — ", "КИЇВ, 5 листопада (УНІАН) — ", "Львів (Укрінформ). "],
    "ru": ["МОСКВА, 5 ноября (Интерфакс) - ", "МОСКВА /ТАСС/. ", "Тверь (Интерфакс) — "],
}

LINES = {
    "en": [
        "By Anna Harlow",
        "Published 14:05 GMT, 5 November 2024.",
        "14:11 EST, 25 October 2013 .",
        "Read more: Why piers rot in ten years.",
        "READ MORE: Why piers rot in ten years.",
        "Scroll down for the video of the pier.",
        "Photo: The old pier in a storm last week.",
        "Image caption: The pier as it stood last winter.",
        "Share this story with your friends on the coast.",
        "Follow us on the usual networks for updates.",
        "Sign up for our newsletter about harbours.",
        "Subscribe to our newsletter and never miss a tide.",
        "We use cookies to make this site better for you.",
        "© 2024 The Harbour Gazette.",
        "All rights reserved by the Harbour Gazette.",
        "The Gazette's Paul Stone contributed to this report.",
        "Reporting by Paul Stone; editing by Ada Cole.",
        "The opinions expressed here are solely those of the author.",
        "Watch: The pier falls into the sea.",
        "A heading without a stop",
        "THE COUNCIL HAS ITS SAY TODAY!",
        "This article was first published last Monday.",
        "Click here to read the whole report on piers.",
        "Write to the desk via desk@gazette.example any day.",
        "See the full plan at https://port.example/plan today.",
    ],
    "de": [
        "Von Anna Harlow",
        "Stand: 05.11.2024, 14:05 Uhr.",
        "Lesen Sie auch: Warum Molen faulen.",
        "Foto: Die alte Mole im Sturm.",
        "Quelle: Hafenamt der Stadt am Meer.",
        "Melden Sie sich für unseren Newsletter an.",
        "Alle Rechte vorbehalten, auch für Auszüge.",
        "Hier geht es zur Übersicht aller Molen.",
    ],
    "fr": [
        "Par Anna Harlow",
        "Publié le 5 novembre 2024 à 14 h 05.",
        "Lire aussi : pourquoi les jetées pourrissent.",
        "Photo : la vieille jetée dans la tempête.",
        "Abonnez-vous à la lettre du port dès ce soir.",
        "Tous droits réservés, même pour les extraits.",
        "Suivez-nous sur les réseaux pour la suite.",
    ],
    "es": [
        "Por Anna Harlow",
        "Actualizado el 5 de noviembre de 2024.",
        "Lea también: por qué se pudren los muelles.",
        "Foto: el viejo muelle en la tormenta.",
        "Suscríbete a nuestro boletín del puerto hoy.",
        "Síguenos en las redes para saber más.",
        "Todos los derechos reservados por el diario.",
    ],
    "uk": [
        "Читайте також: Чому гниють пірси на морі.",
        "Фото: старий пірс під час бурі.",
        "Джерело: управління порту міста.",
        "Підписуйтесь на наш канал про море.",
        "Якщо ви помітили помилку, виділіть її мишкою.",
        "Усі права захищено законом про пресу.",
        "Про це повідомляє управління порту.",
        "Раніше ми писали про бурю на узбережжі.",
    ],
    "ru": [
        "Читайте также: Почему гниют пирсы на море.",
        "Фото: старый пирс во время бури.",
        "Источник: управление порта города.",
        "Подписывайтесь на наш канал о море.",
        "Если вы нашли ошибку, выделите ее мышкой.",
        "Все права защищены законом о прессе.",
        "Об этом сообщили в управлении порта.",
        "Ранее сообщалось о буре на побережье.",
    ],
}


def kept(text: str, lang: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in clean(text, split_sentences(text, lang), lang)]


@pytest.mark.parametrize(
    ("lang", "dateline"), [pytest.param(lang, line, id=line.strip()) for lang in DATELINES for line in DATELINES[lang]]
)
def test_a_dateline_is_cut_off_the_first_sentence(lang: str, dateline: str) -> None:
    assert " ".join(kept(dateline + BODY[lang], lang)) == BODY[lang]


@pytest.mark.parametrize(
    ("lang", "line"), [pytest.param(lang, line, id=line) for lang in LINES for line in LINES[lang]]
)
def test_a_line_that_is_no_report_is_left_out(lang: str, line: str) -> None:
    assert " ".join(kept(f"{BODY[lang]}\n{line}", lang)) == BODY[lang]
    assert " ".join(kept(f"{line}\n{BODY[lang]}", lang)) == BODY[lang]


@pytest.mark.parametrize("lang", BODY)
def test_a_plain_article_loses_nothing(lang: str) -> None:
    assert " ".join(kept(BODY[lang], lang)) == BODY[lang]


@pytest.mark.parametrize(
    "sentence",
    [
        "Sources from the port said the work would begin in May.",
        "Photographs from the pier showed a hole as wide as a bus.",
        "Watching the tide has become a habit in the town.",
        "The company Reads and Sons will supply the timber.",
        "Paul Stone — a carpenter from the coast — was pleased.",
        "Paul Stone said — “The pier is older than the town.”",
        "NASA and the ESA sent their congratulations to the town.",
        "Scores of people came to see the first pile go in.",
        "Byron once swam from this very pier to the island.",
        "It was 14:05 when the first pile went into the mud.",
    ],
)
def test_report_that_looks_like_boilerplate_stays(sentence: str) -> None:
    assert sentence in kept(f"{BODY['en']} {sentence} {BODY['en']}", "en")


def test_the_authors_biography_is_left_out_at_the_end_only() -> None:
    biography = "Anna Harlow is a senior correspondent at the Gazette."
    assert biography not in kept(f"{BODY['en']}\n{biography}", "en")
    middle = f"{BODY['en']}\n{biography}\n{BODY['en']} {BODY['en']}"
    assert biography in kept(middle, "en")


def test_a_subheading_glued_to_its_paragraph_is_left_out() -> None:
    text = "Le maire a quitté la salle.Un départ très remarquéLe conseil a voté sans lui hier soir."
    assert kept(text, "fr") == ["Le maire a quitté la salle.", "Le conseil a voté sans lui hier soir."]


def test_a_text_of_nothing_but_fragments_is_kept_whole() -> None:
    assert kept("Closed today\nCome back soon", "en") == ["Closed today", "Come back soon"]
