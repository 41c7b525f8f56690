"""Short articles of our own, in several languages and scripts."""

from __future__ import annotations

import regex

from summarizer import Document

ENGLISH = Document(
    lang="en",
    title="Harbour council votes to mend the old pier",
    text=(
        "WESTHAVEN, Nov 5 (Reuters) - The harbour council voted on Monday to mend the old pier before winter, "
        "after a storm tore away a third of its planks.\n"
        "The work will cost nine million crowns and take two years, the mayor, Ada Cole, told reporters. She said "
        "the money would come from the port's own savings. But not everybody is pleased. \"We asked for a new pier, "
        'not an old one with new planks," said Paul Stone, who has fished from it since 1983.\n'
        "Read more: Why piers rot in ten years.\n"
        "The council had weighed three plans: to mend the pier, to replace it with a concrete one, and to leave it "
        "to the sea. Concrete would have cost forty million crowns, according to the engineers' report. Ferries "
        "will land at the fish market until the work is done. The pier was built in 1911 and mended twice before, "
        "in 1954 and in 1987. A vote of the townspeople is planned for spring.\n"
        "Anna Harlow is a correspondent at the Gazette."
    ),
)

UKRAINIAN = Document(
    lang="uk",
    title="Рада порту полагодить старий пірс",
    text=(
        "ЗАТОКА, 5 листопада (Укрінформ) — Рада порту в понеділок вирішила полагодити старий пірс до зими, бо буря "
        "зірвала третину його дощок.\n"
        "Роботи коштуватимуть 9 млн крон і триватимуть два роки, повідомила мерка Ада Коваль. Вона додала, що "
        "гроші дасть порт. «Ми просили новий пірс. А дістали старі дошки», — каже рибалка П. Камінь.\n"
        "Читайте також: Чому гниють пірси.\n"
        "Рада мала три плани: полагодити пірс, збудувати бетонний або лишити його морю. Бетонний коштував би 40 "
        "млн крон. Пороми причалюватимуть біля рибного ринку. Пірс збудували 1911 р. і двічі лагодили."
    ),
)

JAPANESE = Document(
    lang="ja",
    title="港の評議会が古い桟橋の修理を決定",
    text="港の評議会は月曜日、冬までに古い桟橋を修理することを決めた。嵐で板の三分の一が失われていた。"
    "工事には九百万クローネと二年の歳月がかかると市長は述べた。「新しい桟橋が欲しかった。」と漁師は語った。"
    "渡し船は当面、魚市場に着く。桟橋は1911年に建てられ、二度修理された。",
)

ARABIC = Document(
    lang="ar",
    title="مجلس الميناء يصلح الرصيف القديم",
    text="قرر مجلس الميناء يوم الاثنين إصلاح الرصيف القديم قبل الشتاء. ستكلف الأعمال تسعة ملايين كرونة وتستغرق عامين. "
    "هل يكفي المال؟ قالت رئيسة البلدية إن الميناء سيدفع كل شيء. سترسو العبارات قرب سوق السمك حتى انتهاء العمل.",
)

ALL = (ENGLISH, UKRAINIAN, JAPANESE, ARABIC)


def count_chars(text: str) -> int:
    """Count the characters of a text as a person does."""
    return len(regex.findall(r"\X", text))
