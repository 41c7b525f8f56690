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


PLAIN = {
    "en": "The harbour council voted to mend the old pier before winter. The work will cost nine million crowns.",
    "de": "Der Hafenrat hat beschlossen, die alte Mole vor dem Winter zu flicken. Das kostet neun Millionen Kronen.",
    "fr": "Le conseil du port a décidé de réparer la vieille jetée avant l'hiver. Les travaux coûteront neuf millions.",
    "es": "El consejo del puerto decidió reparar el viejo muelle antes del invierno. La obra costará nueve millones.",
    "uk": "Рада порту вирішила полагодити старий пірс до зими. Роботи коштуватимуть дев'ять мільйонів крон.",
    "it": "Il consiglio del porto ha deciso di riparare il vecchio molo prima dell'inverno. Costa ben nove milioni.",
    "pt": "O conselho do porto decidiu consertar o velho cais antes do inverno. A obra custará nove milhões.",
    "nl": "De havenraad heeft besloten de oude pier voor de winter te herstellen. Het werk kost negen miljoen.",
    "pl": "Rada portu postanowiła naprawić stare molo przed zimą. Prace będą kosztować dziewięć milionów koron.",
    "tr": "Liman meclisi eski iskeleyi kıştan önce onarmaya karar verdi. İşler dokuz milyon krona mal olacak.",
    "vi": "Hội đồng cảng đã quyết định sửa cầu tàu cũ trước mùa đông. Công trình sẽ tốn chín triệu đồng.",
    "ar": "قرر مجلس الميناء إصلاح الرصيف القديم قبل الشتاء. وستكلف الأعمال تسعة ملايين كرونة.",
    "fa": "شورای بندر تصمیم گرفت اسکله قدیمی را پیش از زمستان تعمیر کند. این کار نه میلیون هزینه دارد.",
    "hi": "बंदरगाह परिषद ने सर्दियों से पहले पुराने घाट की मरम्मत का फैसला किया। काम पर नौ लाख खर्च होंगे।",
    "zh": "港口委员会决定在冬天之前修好旧码头。 这项工程将花费九百万克朗。",
    "ja": "港湾評議会は冬までに古い桟橋を修理することを決めた。 工事費は九百万クローネになる見込みだ。",
    "ko": "항만 위원회는 겨울이 오기 전에 낡은 부두를 고치기로 결정했다. 공사에는 구백만 크로네가 든다.",
    "ru": "Совет порта решил починить старый пирс до зимы. Работы обойдутся в девять миллионов крон.",
}
"""Two sentences of plain report, by language."""
