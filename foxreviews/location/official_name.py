"""The post's capitals in the official manner: "ST GERMAIN LE CHATELET" → "Saint-Germain-le-Chatelet"."""

from foxreviews.reference.text import fold

SAINTS = {"ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "STES": "SAINTES"}
ARTICLES = {"LE", "LA", "LES"}
ELIDED = {"D", "L"}
SMALL = {
    "A", "AU", "AUX", "DE", "DEL", "DELS", "DERRIERE", "DES", "DEVANT", "DI", "DIT", "DU", "EN", "ES", "ET",
    "EZ", "LA", "LE", "LES", "LEZ", "PRES", "SOUS", "SUR",
}  # fmt: skip


def official_name(name: str) -> str:
    """The official spelling of a name that the post gives in capitals; any other name is returned as it is.

    Accents cannot be guessed. Accents aside, on La Poste's file against the geographic code of 2026: 34,188
    of the 34,866 names in both are the official ones (98.1 %); 520 others are of communes renamed since, and
    most of the last 158 of new communes, some of which write no hyphens.
    """
    if name != name.upper():
        return name
    words = [SAINTS.get(word, word) for word in fold(name).split()]
    last = len(words) - 1
    written = ""
    for place, word in enumerate(words):
        if word in ELIDED and place < last:
            written += f"{word.lower() if place else word}'"
        elif place and word in SMALL and not (word == "LEZ" and place == last):  # Castelnau-le-Lez: a river
            written += word.lower()
        else:
            written += word.capitalize()
        if place < last and word not in ELIDED:
            written += " " if place == 0 and word in ARTICLES else "-"
    return written
