"""What the words of lists say of a company: whether it is active, and whether it may be shown.

Lists write the register's letters (etatAdministratif A, C, F; statutDiffusion O, P, N), yes and no, or words, in any
gender, number, case and accents. A text is understood only where each of its words is: "activité suspendue" is not
"activité". What is not understood is None, which is neither active nor public.
"""

import re
from functools import lru_cache

from foxreviews.reference.text import fold

_YES = {"1", "T", "TRUE", "VRAI", "OUI", "O", "Y", "YES", "ON", "A"}
_NO = {"0", "F", "FALSE", "FAUX", "NON", "N", "NO", "OFF", "C"}
_NOT = {"N", "NON", "NOT", "PAS", "PLUS", "SANS", "NO"}

# Beginnings of words: what follows is a gender, a number, or the word's French or English ending.
_ENDING = r"(?:EE?S?|S|ED|ING)?"
_ACTIVE = re.compile(
    rf"(?:ACTIF|ACTIV|ACTIVIT|OUVERT|OPEN|IMMATRICUL|INSCRIT|REGISTER|EXISTANT|EXPLOITATION|TRADING|LIVE){_ENDING}"
)
_CEASED = re.compile(
    rf"(?:CESS|CESSATION|CESSANTE?|CEAS|FERM|FERMETUR|CLOS|CLO|CLOTUR|RADI|RADIATION|DISSOUT|DISSOUS|DISSOU|DISSOLU"
    rf"|DISSOLUTION|DISSOLV|LIQUID|LIQUIDATION|LIQUIDAT|INACTIF|INACTIV|FAILLIT|BANKRUPT|DISPARU"
    rf"|SUPPRIM|SUPPRESSION|ABSORB|DECED|STRUCK|DEREGISTER|DELET|REMOV|TERMINAT|DEFUNCT|FIN|ARRET){_ENDING}"
)
# What ceases: "cessation d'activité" is no contradiction, "active, radiée" is one.
_OBJECT = re.compile(rf"(?:ACTIVIT|EXPLOITATION|TRADING|REGISTER){_ENDING}")
_CEASED_PADDING = {
    "A", "ETE", "SON", "SA", "DEFINITIF", "DEFINITIVE", "DEFINITIVEMENT", "TOTAL", "TOTALE", "TOTALEMENT", "COMPLETE",
    "JUDICIAIRE", "JUDICIAIREMENT", "AMIABLE", "VOLONTAIRE", "ANTICIPEE", "SIMPLIFIEE", "OFFICE", "OFF", "RCS",
    "REGISTRE", "COMMERCE", "ECONOMIQUE", "PROFESSIONNELLE", "PERMANENTLY", "HAS", "BEEN", "THE", "FROM", "MISE",
}  # fmt: skip
_STATE_PADDING = {
    "EN", "D", "DE", "DU", "L", "LE", "LA", "LES", "DEPUIS", "ETAT", "STATUT", "ADMINISTRATIF",
    "ADMINISTRATIVEMENT", "ENTREPRISE", "SOCIETE", "ETABLISSEMENT", "UNITE", "LEGALE", "COMPANY", "BUSINESS", "IN",
    "IS", "EST",
}  # fmt: skip

_PUBLIC = re.compile(
    rf"(?:DIFFUSIBL|DIFFUSABL|PUBLIC|PUBLIQU|TOTAL|TOTALEMENT|ENTIEREMENT|COMPLET|FULL){_ENDING}"
)
_PARTIAL = re.compile(
    rf"(?:ND|PARTIEL|PARTIELL|PARTIELLEMENT|PARTIAL|PARTIALLY|MASQU|PROTEG|PRIV|PRIVAT|CONFIDENTIEL|CONFIDENTIELL"
    rf"|CONFIDENTIAL|OPPOS|OPPOSITION|RESTREINT|RESTRICT|LIMIT|SECRET|HIDDEN|UNPUBLISH){_ENDING}"
)
_EMPLOYER = re.compile(r"EMPLOYEU(?:R|RS|SE|SES)|EMPLOYERS?")
_DIFFUSION_PADDING = {"A", "DIFFUSION", "DIFFUSE", "DIFFUSEE", "STATUT", "DE", "LA", "UNITE", "LEGALE", "EST"}

# The register's letter and its meaning: "C : Cessée", "P (partielle)".
_CODE = re.compile(r"\s*([A-Za-z])\s*[-–—:=(/]\s*(\w.*)", re.DOTALL)
_DATES = re.compile(
    r"[0-9]+|JANVIER|FEVRIER|MARS|AVRIL|MAI|JUIN|JUILLET|AOUT|SEPTEMBRE|OCTOBRE|NOVEMBRE|DECEMBRE"
)


@lru_cache(maxsize=10_000)
def is_active(text: str) -> bool | None:
    """Whether a company of which a list says this is active; None where the words are not known.

    A company in liquidation counts as ceased. One under safeguard or in receivership goes on trading, or not: that
    is not known. One in dormancy ("en sommeil") is active in the register, and not in other lists.
    """
    if code := _CODE.fullmatch(text):
        said = {is_active(part) for part in code.groups()}
        return said.pop() if len(said) == 1 else None
    if "?" in text:
        return None
    key = _key(text).replace(" POUR INSUFFISANCE D ACTIF", "")
    if key in _YES or key in _NO:
        return key in _YES
    words = [word for word in key.split() if word not in _STATE_PADDING and not _DATES.fullmatch(word)]
    negated = any(word in _NOT for word in words)
    if any(_CEASED.fullmatch(word) for word in words):
        return False if _has_ceased([word for word in words if word not in _CEASED_PADDING]) else None
    known = [word for word in words if word in _NOT or _ACTIVE.fullmatch(word)]
    if not words or len(known) != len(words) or all(word in _NOT for word in words):
        return None
    return not negated


@lru_cache(maxsize=10_000)
def diffusion(text: str) -> str | None:
    """The register's letter, O (public) or P (partial), for what a list says; None where the words are not known.

    What was not diffusible at all before 2023 (N) is partial.
    """
    if code := _CODE.fullmatch(text):
        said = {diffusion(part) for part in code.groups()}
        return said.pop() if len(said) == 1 else None
    if "?" in text or text.startswith("#"):  # #N/A is no N
        return None
    key = _key(text)
    if key == "P" or key in _NO - {"F", "C"}:
        return "P"
    if key in _YES - {"A", "T"}:
        return "O"
    words = [word for word in key.split() if word not in _DIFFUSION_PADDING]
    if any(word in _NOT or _PARTIAL.fullmatch(word) for word in words):
        return "P"
    return "O" if words and all(_PUBLIC.fullmatch(word) for word in words) else None


@lru_cache(maxsize=10_000)
def is_employer(text: str) -> bool | None:
    """Whether a company of which a list says this has employees; None where the words are not known."""
    key = _key(text)
    if key in _YES - {"A"} or key in _NO - {"C"}:
        return key in _YES
    words = key.split()
    if not words or not _EMPLOYER.fullmatch(words[-1]) or any(word not in _NOT for word in words[:-1]):
        return None
    return len(words) == 1


def _has_ceased(words: list[str]) -> bool:
    """Whether each word is known, and none says otherwise: "sans activité, radiée" does not, "non radiée" does."""
    negated = False
    for word in words:
        if negated and not (word in _NOT or _ACTIVE.fullmatch(word)):
            return False
        if not negated and not (word in _NOT or _CEASED.fullmatch(word) or _OBJECT.fullmatch(word)):
            return False
        negated = word in _NOT
    return not negated


def _key(text: str) -> str:
    """Folded, without the decimals that a spreadsheet gives to 0 and 1."""
    return fold(re.sub(r"^\s*([01])[.,]0+\s*$", r"\1", text))
