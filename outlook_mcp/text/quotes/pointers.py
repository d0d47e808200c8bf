"""Sentences in many languages that send the reader into the quoted mail below, where somebody may have answered.

Outlook quotes without `>`, so that answers between its lines cannot be told from these.
"""

from __future__ import annotations

import re
from functools import cache

_COLOURS = {
    "en": r"in (?:red|blue|green|bold|yellow|purple)|highlighted",
    "de": r"in (?:rot|blau|grün)|(?:rot|blau|grün|gelb) (?:markiert|eingefügt|unten)",
    "fr": r"en (?:rouge|bleu|vert|gras)",
    "es": r"en (?:rojo|azul|verde|negrita)",
    "it": r"in (?:rosso|blu|verde|grassetto)",
    "pt": r"(?:em|a) (?:vermelho|azul|verde|negrito)",
    "nl": r"in (?:rood|blauw|groen|het rood|het blauw)",
    "pl": r"na (?:czerwono|niebiesko|zielono)",
    "sv": r"i (?:rött|blått|grönt)|med (?:rött|blått)",
    "da": r"med (?:rødt|blåt|grønt)",
    "fi": r"(?:punaisella|sinisellä|vihreällä)",
    "cs": r"červeně|modře|zeleně",
    "ru": r"(?:красным|синим|зел[её]ным)",
    "tr": r"(?:kırmızı|mavi) (?:ile|renk)",
    "ja": r"(?:赤字|青字)",
    "zh": r"(?:红色|红字|蓝色|紅色|藍色)",
}
_PLACES = {
    "en": r"in-?line|(?:see|answers?|comments?|replies|responses?|remarks?|notes?|thoughts|feedback|answered)"
    r"(?:\W+\w+){0,4}\W+below",
    "de": r"siehe unten|s\. ?u\.|(?:antwort(?:en)?|kommentare?|anmerkung(?:en)?)(?:\W+\w+){0,4}\W+(?:unten|im text)",
    "fr": r"ci-dessous|dans le (?:texte|corps)",
    "es": r"(?:más|mas) abajo|abajo (?:mis|las)|entre líneas",
    "it": r"qui sotto|nel testo|in calce",
    "pt": r"(?:veja|ver|respostas?|comentários?)(?:\W+\w+){0,4}\W+abaixo|em baixo",
    "nl": r"hieronder|zie onder|in de tekst",
    "pl": r"poniżej|w treści",
    "sv": r"se nedan|(?:svar|kommentarer)(?:\W+\w+){0,4}\W+nedan",
    "da": r"se nedenfor|(?:svar|kommentarer)(?:\W+\w+){0,4}\W+nedenfor",
    "nb": r"se under|(?:svar|kommentarer)(?:\W+\w+){0,4}\W+(?:under|nedenfor)",
    "fi": r"(?:katso|ks\.|vastaukse\w*|komment\w+)(?:\W+\w+){0,4}\W+alla|tekstin (?:sekaan|seassa)",
    "cs": r"(?:viz|odpovědi|komentáře)(?:\W+\w+){0,4}\W+níže|v textu",
    "ru": r"(?:см|смотри\w*|ответ\w*|комментари\w*|отвеч\w*)(?:\W+\w+){0,4}\W+ниже|в тексте",
    "uk": r"(?:див|дивись|відповід\w*|коментар\w*)(?:\W+\w+){0,4}\W+нижче|в тексті",
    "tr": r"aşağıda",
    "hu": r"(?:lentebb|alább|a szövegben)",
    "ro": r"mai jos",
    "el": r"παρακάτω",
    "he": r"(?:להלן|למטה)",
    "ar": r"أدناه",
    "ja": r"(?:以下|下記)(?:に|で)?(?:回答|返信|コメント)|インライン",
    "zh": r"见下|見下|(?:回复|答复|回覆)(?:在|见|見)?下",
    "ko": r"아래에? ?(?:답|회신|의견)",
}
# In these languages other letters may stand right beside the words.
_WITHOUT_EDGES = ("ja", "zh", "ko")
_LONGEST = 2_000


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join((*_COLOURS.values(), *_PLACES.values()))
    anywhere = "|".join(of[language] for of in (_COLOURS, _PLACES) for language in _WITHOUT_EDGES if language in of)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)|{anywhere}", re.I)


def points_below(text: str) -> bool:
    """Whether the new part of a reply, by its first 2,000 characters, says that something of it stands further down.

    >>> points_below("My answers are in red."), points_below("Siehe unten"), points_below("Well below 5 EUR.")
    (True, True, False)
    """
    return bool(_pattern().search(text[:_LONGEST]))
