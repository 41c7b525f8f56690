"""What stands in articles without belonging to their text, by language.

The patterns were written by hand after reading pages of some sixty outlets; they hold wordings, not sentences.
"""

from __future__ import annotations

import re
from functools import cache

# Whole sentences that begin so are left out. Matched without regard to case, at the first letter or digit.
_OPENINGS: dict[str, tuple[str, ...]] = {
    "en": (
        r"by(?::| \.|$)",
        r"(?:published|updated|posted|created|last (?:updated|modified))(?: ?:| \.| (?:at|on)? ?\d| (?:mon|tue|wed|thu|fri|sat|sun))",
        r"(?:read|see|watch|listen|learn|find out|hear|click|tap|scroll|swipe)(?: also| more| next| now| on| here| down| below| this"
        r"| the (?:full|rest)| to (?:see|read|watch))\b(?! than)",
        r"(?:full story|related|more(?: on this| stories| from| news| coverage)|also (?:read|on|see)|you may also|don'?t miss|recommended"
        r"|most read|trending|read|watch|see also|photos|video|listen)\s*:",
        r"(?:photo|image|picture|caption|credit|source|file photo|photograph|graphic|illustration)s?(?: by| credit| from| courtesy"
        r"| copyright|:)",
        r"(?:scroll down|click here|share this|follow (?:us|me|him|her|@)|sign up|subscribe (?:to|now|here|today)|log in|join (?:our|us on|the conversation)"
        r"|download (?:our|the) app|like us on|find us on|get (?:our|the latest|breaking news)|send (?:us )?(?:tips|an email)|email (?:us|the author)"
        r"|contact (?:us|the author)|have (?:you got )?a (?:story|tip)|got a (?:story|tip)|advertisement|continue reading|story continues"
        r"|this (?:article|story|post) (?:was|is|has been|first|originally|contains|may contain)|this content is|editor'?s? note"
        r"|correction:|clarification:|copyright|all rights reserved|©|we use cookies|by (?:clicking|continuing|signing)|your email"
        r"|please (?:enable|subscribe|sign|check|enter)|comments? (?:are|is) closed|what do you think\?|let us know"
        r"|the (?:opinions|views) expressed|additional reporting|reporting by|edited by|editing by|writing by|compiled by"
        r"|with (?:files|reporting|additional reporting|post wires) from|image (?:source|caption|copyright)|media caption"
        r"|for (?:more|the latest|confidential|breaking|full) (?:news|information|on this|updates|stories|support|coverage)"
        r"|if you (?:or someone you know|have been affected)|tags?:|topics?:|key(?: facts| points)?:|scores of)",
    ),
    "de": (
        r"(?:von|stand|veröffentlicht|aktualisiert|datum|quelle|foto|fotos|bild|bilder|bildquelle|bildunterschrift|grafik|video|symbolbild|archivbild)\s*:",
        r"(?:lesen sie|lies|mehr (?:dazu|zum thema|infos?|informationen|nachrichten|lesen)|weiterlesen|zum thema|auch interessant|das könnte sie|hier (?:geht|lesen|klicken|finden sie)"
        r"|zur startseite|jetzt (?:abonnieren|lesen|anmelden|kostenlos|testen)|melden sie sich|abonnieren sie|newsletter|folgen sie|teilen sie|anzeige\b|werbung\b"
        r"|alle rechte vorbehalten|©|copyright|in diesem artikel sind affiliate|mit \* (?:gekennzeichnete|markierte)|wir verwenden cookies|empfohlener (?:redaktioneller )?inhalt"
        r"|an dieser stelle (?:finden|findest)|mit material (?:von|der)|dieser (?:artikel|text|beitrag) (?:ist|wurde|erschien|stammt|enthält)|redaktioneller hinweis"
        r"|lesezeit|artikel (?:anhören|hören|teilen)|über (?:dieses thema|den autor|die autorin)|hinweis der redaktion|transparenzhinweis|schlagw|themen:|kommentare)",
    ),
    "fr": (
        r"(?:par|publié|mis à jour|modifié|source|photo|photos|crédits?|légende|vidéo|image|lire aussi|à lire aussi|voir aussi)\s*:",
        r"(?:publié le|mis à jour le|lire (?:aussi|la suite|également|plus)|à lire|voir aussi|(?:pour )?en savoir plus|cliquez|inscrivez-vous|abonnez-vous|suivez[- ](?:nous|toute)"
        r"|retrouvez (?:nous|ici|toute|tous|l'ensemble|l’ensemble)|téléchargez|partagez|tous droits réservés|©|copyright|publicité\b|la suite après|cet article (?:est|a été|vous)|article réservé"
        r"|nous utilisons|ce contenu|je m'abonne|déjà abonné|newsletter|temps de lecture|crédit photo|avec (?:l')?(?:afp|reuters)\b|\(avec (?:afp|reuters)|découvrez (?:notre|nos|aussi)|commentaires)",
    ),
    "es": (
        r"(?:por|publicado|actualizado|fuente|foto|fotos|imagen|crédito|vídeo|video|lea también|lee también|ver también|te puede interesar|más información)\s*:",
        r"(?:publicado el|actualizado el|le(?:a|e|er) (?:también|más|además)|te puede interesar|te recomendamos|sigue leyendo|seguir leyendo|haz clic|haga clic|suscríbete|suscríbase|regístrate"
        r"|síguenos|síganos|sigue (?:toda|a )|descarga (?:la|nuestra)|comparte|todos los derechos reservados|©|copyright|publicidad\b|este (?:artículo|contenido|texto) (?:es|fue|ha sido|se publicó)"
        r"|utilizamos cookies|newsletter|apúntate|recibe (?:en|las|nuestra)|con información de|archivado en|más noticias|consulta (?:aquí|toda)|comentarios)",
    ),
    "it": (
        r"(?:di|pubblicato|aggiornato|fonte|foto|immagine|video|leggi anche|vedi anche)\s*:",
        r"(?:leggi (?:anche|tutto|di più)|clicca|iscriviti|abbonati|seguici|scarica l|condividi|tutti i diritti riservati|riproduzione riservata|©|copyright|pubblicità\b|continua a leggere)",
    ),
    "pt": (
        r"(?:por|publicado|atualizado|fonte|foto|imagem|vídeo|leia também|leia mais|veja também)\s*:",
        r"(?:leia (?:também|mais)|saiba mais|clique|inscreva-se|assine|siga (?:o|a|nos)|baixe|compartilhe|todos os direitos reservados|©|copyright|publicidade\b|continua depois)",
    ),
    "nl": (
        r"(?:door|gepubliceerd|bijgewerkt|bron|foto|beeld|video|lees ook|bekijk ook)\s*:",
        r"(?:lees (?:ook|meer|verder)|klik (?:hier|op)|schrijf je in|abonneer|volg ons|download de app|deel dit|alle rechten voorbehouden|©|copyright|advertentie\b|meer over)",
    ),
    "pl": (
        r"(?:autor|źródło|fot\.|foto|zdjęcie|wideo|czytaj także|zobacz też|zobacz także|opracowanie)\s*:?",
        r"(?:czytaj (?:także|też|więcej|również)|zobacz (?:także|też|więcej|również)|kliknij|zapisz się|subskrybuj|obserwuj nas|udostępnij|wszelkie prawa zastrzeżone|©|copyright|reklama\b|polecamy)",
    ),
    "uk": (
        r"(?:автор|джерело|фото|відео|ілюстрація|оновлено|опубліковано|читайте також|читайте ще|дивіться також|теги|за темою|нагадаємо)\s*:",
        r"(?:читайте (?:також|ще|більше|далі|нас)|чита(?:ти|й) (?:також|далі|більше|ще)|дивіться (?:також|ще|відео)|більше новин|більше про|підпи(?:суй|ш)|приєднуй|слідкуй|стежте за|долучай|натисніть"
        r"|завантаж(?:уй|те)|поділитися|усі права захищено|всі права захищено|©|реклама\b|фото з |фото ілюстративне|ілюстративне фото|скриншот|якщо ви (?:помітили|знайшли) помилку"
        r"|помітили помилку|передрук|матеріал (?:підготовлено|створено)|надсилайте|хочете (?:дізнаватися|бути в курсі)|новини у telegram|ми в (?:telegram|facebook)|раніше (?:ми )?(?:писали|повідомлялося)|нагадаємо,|як повідомлялося)",
    ),
    "ru": (
        r"(?:автор|источник|фото|видео|иллюстрация|обновлено|опубликовано|читайте также|читайте ещё|читайте еще|смотрите также|теги|по теме)\s*:",
        r"(?:читайте (?:также|ещ[её]|больше|далее|нас)|чита(?:ть|й) (?:также|далее|больше|ещ[её])|смотрите (?:также|ещ[её]|видео)|больше новостей|подпи(?:сывай|ш)|присоединяй|следите за|нажмите"
        r"|скача(?:й|ть)|поделиться|все права защищены|©|реклама\b|на правах рекламы|фото из |скриншот|если вы (?:заметили|нашли) ошибку|заметили ошибку|перепечатка|материал подготовлен"
        r"|присылайте|мы в (?:telegram|vk|дзен)|новости в telegram|ранее (?:мы )?(?:писали|«[^»]{3,30}» (?:писала?|сообщала?|рассказывала?)|сообщалось))",
    ),
    "vi": (r"(?:ảnh|nguồn|video|đồ hoạ|đồ họa|xem thêm|đọc thêm|mời bạn|tin liên quan)\s*:", r"(?:xem thêm|đọc thêm|bấm vào|theo dõi chúng tôi|©)"),
    "tr": (r"(?:kaynak|fotoğraf|foto|video|haber|ayrıca okuyun|editör)\s*:", r"(?:devamını oku|tıklayın|abone ol|takip edin|tüm hakları|©|reklam\b|ilginizi çekebilir)"),
    "ar": (r"(?:المصدر|الصورة|صورة|فيديو|اقرأ أيضا|اقرأ أيضاً|شاهد)\s*:", r"(?:اقرأ (?:أيضا|المزيد|أيضاً)|شاهد (?:أيضا|المزيد)|تابعونا|اشترك|جميع الحقوق|©)"),
}  # fmt: skip

# Sentences that hold one of these anywhere are left out. Lower case.
_PHRASES: dict[str, tuple[str, ...]] = {
    "en": (
        "all rights reserved", "contributed to this report", "contributed reporting", "contributed to this story", "getty images",
        "expressed in this commentary", "expressed in this article", "expressed here are", "follow him on twitter", "follow her on twitter",
        "follow us on", "on twitter @", "sign up for our", "sign up to our", "subscribe to our", "our newsletter", "our privacy policy", "terms of service",
        "terms and conditions apply", "cookie policy", "may not be published, broadcast", "click here to", "scroll down for", "scroll down to",
        "this material may not be", "is a freelance", "samaritans.org", "call samaritans", "suicide prevention lifeline", "affiliate link",
        "affiliate commission", "via e-mail at", "the author and do not", "are solely those of", "on facebook, twitter", "on facebook and twitter",
        "for confidential support", "has been removed from our", "please enable javascript", "to use this interactive",
    ),
    "de": ("alle rechte vorbehalten", "getty images", "affiliate-link", "kleine provision", "unserem newsletter", "unseren newsletter", "datenschutzerklärung", "widerruf", "picture alliance",
           "mit inhalten von", "ihre zustimmung", "personenbezogene daten an drittanbieter"),
    "fr": ("tous droits réservés", "getty images", "notre newsletter", "nos newsletters", "abonnez-vous", "politique de confidentialité", "(crédit", "crédits photo"),
    "es": ("todos los derechos reservados", "getty images", "nuestra newsletter", "nuestro boletín", "suscríbete", "política de privacidad", "síguenos en"),
    "it": ("riproduzione riservata", "getty images", "iscriviti alla", "nostra newsletter"),
    "pt": ("todos os direitos reservados", "getty images", "assine nossa", "nossa newsletter"),
    "nl": ("alle rechten voorbehouden", "getty images", "onze nieuwsbrief"),
    "pl": ("wszelkie prawa zastrzeżone", "getty images", "naszego newslettera"),
    "uk": ("усі права захищено", "всі права захищено", "підписуйтесь на", "підписуйтеся на", "наш telegram", "наш телеграм", "telegram-канал «", "ctrl+enter", "гіперпосилання"),
    "ru": ("все права защищены", "подписывайтесь на", "наш telegram", "наш телеграм", "ctrl+enter", "гиперссылк", "признан в россии иноагентом", "признана в россии экстремист", "внесен в реестр иностранных агентов"),
    "vi": ("bản quyền thuộc",),
    "tr": ("tüm hakları saklıdır",),
}  # fmt: skip

_EVERYWHERE = ("©", "all rights reserved", "getty images")

_AGENCIES = (
    "CNN|Reuters|REUTERS|AP|AFP|UPI|dpa|DPA|dpa-AFX|KNA|epd|SID|ANSA|EFE|EP|EUROPA PRESS|Europa Press|Xinhua|TASS|ТАСС|РИА Новости|Интерфакс|УНІАН|УНИАН|Укрінформ|Укринформ"
    "|Belga|ATS|awp|APA|ANP|NTB|PAP|ČTK|Lusa|LUSA|Agência Brasil|AA|DHA|İHA|Kyodo|Yonhap|BBC|CNN Business|CNN Student News|The Hollywood Reporter|Bloomberg|PTI|IANS|ANI|TTO|TNO|NLĐO|Dân trí|VnExpress"
)  # fmt: skip

_UPPER = "A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ"
_PLACE = rf"[{_UPPER}][\w.'’\-]{{0,30}}(?:[ ,/]{{1,2}}(?:[{_UPPER}]|d[eu] |am |an der )[\w.'’\-]{{0,30}}){{0,5}}"
_DATE = r"(?:[,.]? ?\d{0,2}\.? ?[^\W\d_]{3,10}\.? ?\d{0,2}(?:\.|, \d{4})?)"
_DASH = r"\s*(?:--|[—–:-])\s*"
_TEXT_FOLLOWS = rf"\s+(?=[{_UPPER}«\"“„])"

DATELINE = re.compile(
    r"\s*(?:"
    + "|".join(
        (
            rf"(?:{_PLACE}{_DATE}?\s*)?[(/](?:{_AGENCIES})(?:[/ ,][\w ]{{2,20}})?[)/]\.?(?:{_DASH})?(?=\S)",
            rf"{_PLACE}{_DATE}\s*(?:--|[—–]){_TEXT_FOLLOWS}",
            rf"[{_UPPER}]{{2}}[{_UPPER}.,/ '’\-]{{1,40}}\s*(?:--|[—–-]){_TEXT_FOLLOWS}",
            rf"(?:{_AGENCIES})\s*(?:--|[—–-]){_TEXT_FOLLOWS}",
        )
    )
    + ")"
)
"""A dateline at the head of an article, with the dash and space that part it from the text."""

BIOGRAPHY = re.compile(
    r"(?:[A-Z][\w.'’-]+ ){2,4}(?:is|was|are) (?:an? |the )?(?:[\w'’-]+ ){0,5}?(?:reporter|editor|correspondent|columnist|contributor"
    r"|journalist|professor|fellow|author|writer|analyst|founder|director|producer)\b"
)
"""Who wrote the article, as English papers put it in the last lines; counts only there."""

TIMESTAMP = re.compile(
    r"\W*(?:\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\.?)?(?: ?(?:uhr|h|[A-Z]{2,4}))?[,.]?\s*)?(?:[^\W\d_]{2,10}[,.]? )?(?:\d{1,4}[./\- ]){0,2}"
    r"(?:\d{1,2}(?:st|nd|rd|th)?\.? )?[^\W\d_]{0,10}\.?,? ?\d{0,4}\W*(?:\d{1,2}[:.]\d{2})?(?: ?(?:[ap]\.?m\.?|uhr|h|[A-Z]{2,4}))?\W*$",
    re.IGNORECASE,
)
"""A line that holds a date, a time of day or both, and nothing else."""


@cache
def openings(lang: str) -> re.Pattern[str]:
    """Give the pattern of beginnings that mark a sentence as boilerplate; English wordings serve all languages."""
    patterns = [*_OPENINGS["en"], *(_OPENINGS.get(lang, ()) if lang != "en" else ())]
    return re.compile(r"[\W_]*(?:" + "|".join(patterns) + ")", re.IGNORECASE)


@cache
def phrases(lang: str) -> tuple[str, ...]:
    """Give the phrases, lower case, that mark a sentence as boilerplate wherever they stand in it."""
    return tuple(dict.fromkeys((*_EVERYWHERE, *_PHRASES.get(lang, ()))))
