"""Sentences that point back: without the one before them they hang in the air."""

from __future__ import annotations

import re
from functools import cache

# Openings, by language, of sentences that continue the one before. Whole words.
_POINTERS: dict[str, str] = {
    "en": """he she it they this that these those his her their its but and so however meanwhile also instead still yet then or nor
        moreover furthermore therefore thus besides nevertheless nonetheless otherwise afterwards hence indeed such both neither""",
    "de": """er sie es dies diese dieser dieses das sein seine seiner seinem seinen ihr ihre ihrer ihrem ihren aber doch jedoch und
        dennoch trotzdem deshalb daher darum deswegen zudem außerdem auch dabei dadurch damit danach daraufhin denn allerdings so
        dort dazu dafür dagegen hingegen stattdessen schließlich somit zuvor derweil beide""",
    "fr": """il elle ils elles ce cet cette ces cela ça celui celle ceux son sa ses leur leurs mais et or donc car ainsi pourtant
        cependant toutefois néanmoins ensuite puis alors aussi enfin par en d'ailleurs d’ailleurs c'est c’est c'était c’était
        celui-ci celle-ci ceux-ci lui eux y""",
    "es": """él ella ellos ellas ello este esta estos estas esto ese esa esos esas eso su sus pero y o sin además también así
        entonces luego después por tampoco asimismo sino aunque dicho dicha ambos""",
    "it": """egli lui lei loro esso essa questo questa questi queste ciò quello quella suo sua suoi sue ma e però tuttavia inoltre
        anche così quindi dunque poi infatti invece perciò entrambi""",
    "pt": """ele ela eles elas este esta estes estas isso isto esse essa esses essas aquele seu sua seus suas mas e porém contudo
        entretanto também assim então depois além ainda ambos""",
    "nl": "hij zij ze het dit dat deze die zijn haar hun maar en toch echter ook daarom daarna daarbij bovendien dus zo toen want beide",
    "pl": "on ona ono oni one to ten ta te tego tej jego jej ich ale i a jednak więc dlatego ponadto także też zatem potem poza natomiast",
    "cs": "on ona ono oni to ten ta ti tento tato toto jeho její jejich ale a však proto také pak navíc přesto tak zároveň",
    "uk": """він вона воно вони це цей ця ці його її їх їхній їхня їхні їм йому але а і й та проте однак тому також тоді потім
        отже зате натомість крім водночас при таким такий така такі тож адже обидва так""",
    "ru": """он она оно они это этот эта эти его её ее их им ему но а и однако поэтому также тогда потом затем зато при кроме
        таким такой такая такие так ведь тем причем причём впрочем оба об при""",
    "tr": "o bu şu onlar bunlar bunun onun ama fakat ancak ve ayrıca böylece sonra bunu buna",
    "vi": "ông bà anh chị họ nó đó này nhưng và tuy do vì ngoài theo đồng bên cạnh tuy nhiên",
    "sv": "han hon det den de detta denna dessa hans hennes deras men och dock också därför sedan dessutom så",
    "da": "han hun det den de dette denne disse hans hendes deres men og dog også derfor siden desuden så",
    "no": "han hun det den de dette denne disse hans hennes deres men og likevel også derfor siden dessuten så",
    "ro": "el ea ei ele acesta aceasta aceștia acestea acest această lui dar și însă totuși de astfel apoi",
    "ar": "هو هي هم هذا هذه ذلك تلك لكن ولكن كما وكان وقد وأضاف وقال فيما بينما",
    "fa": "او آنها این آن اما ولی همچنین وی",
    "hi": "वह वे यह ये इस उस इसके उसके लेकिन और उन्होंने इसलिए",
    "id": "ia dia mereka ini itu namun tetapi tapi dan selain hal",
}  # fmt: skip

_FIRST_WORD = re.compile(r"\W*([\w'’-]+)")


@cache
def _pointers(lang: str) -> frozenset[str]:
    return frozenset(_POINTERS.get(lang, "").split())


def points_back(sentence: str, lang: str) -> bool:
    """Whether a sentence opens with a word that leans on the sentence before it."""
    first = _FIRST_WORD.match(sentence)
    if not first:
        return False
    word = first.group(1).lower()
    pointers = _pointers(lang)
    return word in pointers or re.split(r"['’-]", word, maxsplit=1)[0] in pointers
