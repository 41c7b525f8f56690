"""What is left out of an article before its sentences are ranked."""

import pytest

from summarizer.cleaning.datelines import after_dateline
from summarizer.cleaning.phrases import phrases
from summarizer.cleaning.report import clean
from summarizer.text.sentences import split_sentences
from tests.summarizer.articles import PLAIN

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
    "it": ["ROMA, 5 maggio (ANSA) - ", "(ANSA) - ROMA, 05 MAG - ", "MILANO - "],
    "pt": ["LISBOA (Lusa) - ", "Brasília, 5 de maio de 2024 (AFP) - ", "SÃO PAULO - "],
    "nl": ["AMSTERDAM (ANP) - ", "DEN HAAG (ANP) - "],
    "pl": ["Warszawa (PAP) - ", "ŁÓDŹ, 5 maja (PAP) — "],
    "tr": ["ANKARA (AA) - ", "İSTANBUL (DHA) - "],
    "vi": ["(Dân trí) - ", "VOV.VN - ", "TTO - "],
    "ar": ["القاهرة (رويترز) - ", "بيروت - رويترز - "],
    "fa": ["تهران (ایرنا) - "],
    "hi": ["नई दिल्ली (भाषा) - ", "मुंबई, 5 मई (भाषा) "],
    "zh": ["新华社北京5月3日电（记者李明）", "本报讯（记者王芳）", "【海港时报】"],
    "ja": ["【東京共同】", "[東京 3日 ロイター] - "],
    "ko": ["(서울=연합뉴스) 홍길동 기자 = ", "홍길동 기자 = "],
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
        "Pictured: The old pier in a storm last week.",
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
        "Do you have a story for the Harbour Gazette?",
        "View all Harbour Gazette newsletters.",
        "You will receive emails about the old pier.",
        "Please verify that you are not a robot today.",
        "A heading without a stop",
        "THE COUNCIL HAS ITS SAY TODAY!",
        "This article was first published last Monday.",
        "Click here to read the whole report on piers.",
        "Write to the desk via desk@gazette.example any day.",
        "See the full plan at https://port.example/plan today.",
    ],
    "it": [
        "Leggi anche: perché i moli marciscono in fretta.",
        "Pubblicato il 5 maggio 2024 alle 14:05.",
        "Foto d'archivio del vecchio molo in tempesta.",
        "Iscriviti alla nostra newsletter sul porto oggi.",
        "Riproduzione riservata ai sensi della legge.",
    ],
    "pt": [
        "Leia também: por que os cais apodrecem cedo.",
        "Publicado em 5 de maio de 2024, às 14:05.",
        "Clique aqui para receber as notícias do porto.",
        "Siga o canal do jornal no telefone agora.",
        "Todos os direitos reservados ao jornal do porto.",
    ],
    "nl": [
        "Lees ook: waarom pieren zo snel rotten.",
        "Foto van de oude pier in de storm.",
        "Meld je aan voor onze nieuwsbrief over havens.",
        "Dit artikel verscheen eerder in de Havenkrant.",
    ],
    "pl": [
        "Czytaj też: dlaczego mola tak szybko gniją.",
        "Źródło: urząd portu w mieście nad morzem.",
        "Zapisz się do naszego newslettera o portach.",
        "Dalsza część artykułu pod materiałem wideo.",
    ],
    "tr": [
        "Kaynak: şehrin liman müdürlüğü ve meclis.",
        "Haberin devamı için aşağıya bakın lütfen.",
        "Bültenimize abone olun ve haberleri kaçırmayın.",
        "Tüm hakları saklıdır, izinsiz kullanılamaz.",
    ],
    "vi": [
        "Xem thêm: vì sao cầu tàu nhanh mục.",
        "Ảnh minh họa: cầu tàu cũ trong cơn bão.",
        "Nguồn: ban quản lý cảng của thành phố.",
        "Theo dõi chúng tôi để nhận tin mới nhất.",
    ],
    "ar": [
        "اقرأ أيضا: لماذا تتعفن الأرصفة بسرعة.",
        "المصدر: إدارة ميناء المدينة على البحر.",
        "اضغط هنا لقراءة التقرير الكامل عن الرصيف.",
        "جميع الحقوق محفوظة لجريدة الميناء اليومية.",
    ],
    "fa": [
        "بیشتر بخوانید: چرا اسکله‌ها زود می‌پوسند.",
        "منبع: اداره بندر شهر در کنار دریا.",
        "تمامی حقوق برای روزنامه بندر محفوظ است.",
    ],
    "hi": [
        "यह भी पढ़ें: घाट इतनी जल्दी क्यों सड़ते हैं।",
        "फोटो: तूफान में पुराना घाट पिछले हफ्ते।",
        "हमारे न्यूज़लेटर के लिए आज ही नाम लिखाएं।",
    ],
    "zh": ["责任编辑：王芳，海港时报编辑部。", "更多新闻请看海港时报网站首页。", "未经授权不得转载本报的任何文字。"],
    "ja": [
        "写真：嵐の中の古い桟橋（先週撮影）。",
        "続きを読むには会員登録が必要です。",
        "無断転載を禁じますのでご注意ください。",
    ],
    "ko": [
        "사진=폭풍 속의 낡은 부두 지난주 모습.",
        "저작권자 항만일보 무단 전재 및 재배포 금지.",
        "관련 기사: 부두는 왜 빨리 썩는가.",
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
    assert " ".join(kept(dateline + PLAIN[lang], lang)) == PLAIN[lang]


@pytest.mark.parametrize(
    ("lang", "line"), [pytest.param(lang, line, id=line) for lang in LINES for line in LINES[lang]]
)
def test_a_line_that_is_no_report_is_left_out(lang: str, line: str) -> None:
    assert " ".join(kept(f"{PLAIN[lang]}\n{line}", lang)) == PLAIN[lang]
    assert " ".join(kept(f"{line}\n{PLAIN[lang]}", lang)) == PLAIN[lang]


@pytest.mark.parametrize("lang", PLAIN)
def test_a_plain_article_loses_nothing(lang: str) -> None:
    assert " ".join(kept(PLAIN[lang], lang)) == PLAIN[lang]


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
        "The Wayback Machine keeps a page that the council took down.",
        "Byron once swam from this very pier to the island.",
        "It was 14:05 when the first pile went into the mud.",
    ],
)
def test_report_that_looks_like_boilerplate_stays(sentence: str) -> None:
    assert sentence in kept(f"{PLAIN['en']} {sentence} {PLAIN['en']}", "en")


def test_the_authors_biography_is_left_out_at_the_end_only() -> None:
    biography = "Anna Harlow is a senior correspondent at the Gazette."
    assert biography not in kept(f"{PLAIN['en']}\n{biography}", "en")
    middle = f"{PLAIN['en']}\n{biography}\n{PLAIN['en']} {PLAIN['en']}"
    assert biography in kept(middle, "en")


def test_a_subheading_glued_to_its_paragraph_is_left_out() -> None:
    text = "Le maire a quitté la salle.Un départ très remarquéLe conseil a voté sans lui hier soir."
    assert kept(text, "fr") == ["Le maire a quitté la salle.", "Le conseil a voté sans lui hier soir."]


def test_a_question_that_is_a_line_of_its_own_is_a_heading() -> None:
    assert kept(f"{PLAIN['en']}\nWhy did the pier fall?\n{PLAIN['es']}", "en") == kept(
        f"{PLAIN['en']} {PLAIN['es']}", "en"
    )
    opening = "Could the old pier fall this winter?"
    assert kept(f"{opening}\n{PLAIN['en']}", "en")[0] == opening


def test_the_hyphen_of_a_list_is_no_part_of_its_item() -> None:
    assert kept("- The council voted for the pier.\n- Ferries land at the market.", "en") == [
        "The council voted for the pier.",
        "Ferries land at the market.",
    ]
    assert kept("-The council voted for the pier.", "en") == ["The council voted for the pier."]
    dialogue = "– Nous avons voté pour la jetée, dit-il."
    assert kept(dialogue, "fr") == [dialogue]


@pytest.mark.parametrize(
    ("lang", "text", "last"),
    [
        pytest.param(
            "fr", "Ils ont dû casser le mur pour l'extraireIls sont rentrés tard.", "Ils sont rentrés tard.", id="l'"
        ),
        pytest.param(
            "fr",
            "DES PHOTOS DU VIEUX PORTL'employeur attend encore sa réponse.",
            "L'employeur attend encore sa réponse.",
            id="CAPITALS",
        ),
        pytest.param(
            "fr",
            'LE VIEUX PORT"Je vends mon bateau", répond le maire.',
            '"Je vends mon bateau", répond le maire.',
            id="CAPITALS before a quotation",
        ),
        pytest.param(
            "fr",
            'LE "VIEUX PORT"Le maire attend encore sa réponse.',
            "Le maire attend encore sa réponse.",
            id='"CAPITALS"',
        ),
        pytest.param(
            "fr",
            "Les vols ont augmenté (3 234, 6,31%).Les rues du centre sont calmes.",
            "Les rues du centre sont calmes.",
            id="%).",
        ),
    ],
)
def test_what_lost_its_space_is_parted(lang: str, text: str, last: str) -> None:
    assert kept(text, lang)[-1] == last


def test_headings_and_captions_that_a_space_parts_from_their_stop_are_left_out() -> None:
    assert kept(f"{PLAIN['en']}\nThe origin of the old pier .", "en") == kept(PLAIN["en"], "en")


# Shorter quotations are not split.
LONG = (
    "We won this time against all that the boats of the north coast could bring, with a crew that had never sailed "
    "together before the morning of the race and a mast that we had to mend in the night."
)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("See https://example.org for the whole of the report on the old pier.", id="link"),
        pytest.param("SEE WWW.example.org for the whole of the report on the pier.", id="link in capitals"),
        pytest.param("The pier as it was before the storm took it | The Daily Gull.", id="bar"),
        pytest.param("The pier as it was before the storm took it, © The Daily Gull.", id="copyright"),
        pytest.param("Write to pier@example.org if you know who took the planks away.", id="address"),
        pytest.param("The pier as Ada Cole saw it on Monday from a boat, by Getty Images.", id="agency"),
        pytest.param("Add this Tweet to your website by copying the code below.", id="what stands around a tweet"),
        pytest.param("The seed for this page was a list of every host in the Wayback Machine.", id="an archive's"),
        pytest.param("The interactive transcript could not be loaded, so try it later.", id="a film's"),
        pytest.param("Continue reading the main story Please verify you're not a robot.", id="a newsletter's"),
        pytest.param("Let friends in your social network know what you are reading about.", id="a button's"),
    ],
)
def test_a_sentence_is_left_out_for_a_phrase_anywhere_in_it_and_the_others_stay(line: str) -> None:
    first, *rest = kept(PLAIN["en"], "en")
    assert kept(f"{first}\n{line}\n{' '.join(rest)}", "en") == [first, *rest]


def test_a_phrase_is_found_across_the_blocks_that_a_long_text_is_read_in() -> None:
    block = 1 << 18
    for begin in range(block - 30, block + 2, 4):
        text = f"{'Boats came home. ' * (begin // 17)}{'x' * (begin % 17)}all rights reserved. Nets."
        assert phrases("en").found_in(text) == ["all rights reserved"]


@pytest.mark.parametrize(
    ("lang", "text", "parts"),
    [
        pytest.param("en", f'"{LONG} We shall win it all again," she said.', [(0, 1), (0, 1)], id="straight"),
        pytest.param("en", f"“{LONG} We shall win it all again,” she said.", [(0, 1), (0, 1)], id="curled"),
        pytest.param("en", f"'{LONG} We shall win it all again,' she said.", [(0, 1), (0, 1)], id="British"),
        pytest.param("de", f"„{LONG} Nun gehen wir alle nach Hause“, sagte sie.", [(0, 1), (0, 1)], id="German"),
        pytest.param("fr", f"« {LONG} Rentrons tous à la maison », dit-elle.", [(0, 1), (0, 1)], id="French"),
        pytest.param("ru", f"«{LONG} Идем теперь все домой», — сказала она.", [(0, 1), (0, 1)], id="Russian"),
        pytest.param("en", f"``{LONG} We shall win it all again,'' she said.", [(0, 1), (0, 1)], id="typesetters'"),
        pytest.param("ja", f"彼女は「{LONG} 私たちは家に帰ります。」と述べた。", [(0, 1), (0, 1)], id="Japanese"),
        pytest.param("en", 'It was a win for the town. "We won," said Ada Cole.', [None, None], id="whole"),
        pytest.param(
            "en", "The clubs' cup is the towns' pride. It's the sailors' too.", [None, None], id="apostrophes"
        ),
        pytest.param("en", 'He said: "We won the cup. Then he went back home.', ["broken", None], id="never closed"),
        pytest.param(
            "en",
            "He said: 'We won the cup. Then he put it on the shelf.' He went all the way home.",
            [(0, 1), (0, 1), None],
            id="British, opened within",
        ),
        pytest.param(
            "en", "He called it the 'oddest day ever. Then he went back home.", ["broken", None], id="British, unclosed"
        ),
        pytest.param(
            "en", "They came 'in the '90s. Nobody sang rock 'n' roll there.", ["broken", None], id="elided in front"
        ),
        pytest.param("en", "He was late (it was dark. Then he went back home.", ["broken", None], id="bracket"),
        pytest.param(
            "en",
            "“We won this time.\n“We shall surely win again.\n“That is all I say,” she said.\nThey all went home late.",
            [(0, 2), (0, 2), (0, 2), None],
            id="opened again with each paragraph",
        ),
        pytest.param(
            "ru", "ООО «Завод «Заря» закрыто на зиму. Люди все пошли домой.", [None, None], id="closed together"
        ),
        pytest.param("en", "The plan is 1) to mend it, 2) to go. All went well then.", [None, None], id="item numbers"),
    ],
)
def test_sentences_that_share_a_quotation_know_of_each_other(
    lang: str, text: str, parts: list[tuple[int, int] | str | None]
) -> None:
    pieces = clean(text, split_sentences(text, lang), lang)
    assert ["broken" if piece.is_broken else piece.stretch for piece in pieces] == parts


def test_a_word_in_capitals_opens_a_paragraph() -> None:
    text = "INTERNATIONAL Harbours of the north are full, the council said on Monday."
    assert kept(text, "en") == [text]


def test_two_names_alone_at_the_head_are_the_authors() -> None:
    assert kept(f"John Stone and Ada Cole.\n{PLAIN['en']}", "en") == kept(PLAIN["en"], "en")
    assert kept(f"By . John Stone . and Ada Marie Cole . {PLAIN['en']}", "en") == kept(PLAIN["en"], "en")
    assert kept(f"{PLAIN['en']} {PLAIN['en']} John Stone and Ada Cole.", "en")[-1] == "John Stone and Ada Cole."
    opening = "Stone and Cole mend the pier."
    assert kept(f"{opening} {PLAIN['en']}", "en")[0] == opening


def test_a_text_of_nothing_but_fragments_is_kept_whole() -> None:
    assert kept("Closed today\nCome back soon", "en") == ["Closed today", "Come back soon"]


@pytest.mark.parametrize(
    ("lang", "head", "is_dateline"),
    [
        ("ar", "القاهرة — ", True),
        ("ar", "خان يونس، غزة – ", True),
        ("fa", "تهران — ", True),
        ("ar", "القاهرة- ", False),
        ("ar", "قال رئيس بلدية المدينة القديمة — ", False),
        ("ar", "أحمد — وهو نجار — ", False),
    ],
)
def test_a_place_before_a_dash_is_cut_off_where_no_capitals_tell_it(lang: str, head: str, is_dateline: bool) -> None:
    body = {
        "ar": "يصل القطار الجديد إلى المدينة صباح الغد بعد عامين من العمل.",
        "fa": "قطار تازه فردا صبح پس از دو سال کار به شهر می‌رسد.",
    }[lang]
    start = after_dateline(head + body, 0, len(head + body), lang, is_first=True)
    assert start == (len(head) if is_dateline else 0)
