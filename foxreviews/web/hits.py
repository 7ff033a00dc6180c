"""Companies in a list, as a page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from foxreviews.core.keyset import Row
from foxreviews.enterprise.names import Kind
from foxreviews.enterprise.privacy import MASK, is_hidden, masked
from foxreviews.search.query.explain import Explanation
from foxreviews.web import slugs
from foxreviews.web.language import address
from foxreviews.web.wording import KINDS, place, trade


@dataclass(frozen=True)
class Branch:
    """The establishment by whose sign or town a company was found."""

    url: str
    sign: str
    place: str


@dataclass(frozen=True)
class Hit:
    """A company. `other_name` is the one by which it was found, where that is not its registered one."""

    url: str
    nom: SafeString | str
    siren: str
    is_active: bool
    is_hidden: bool
    trade: str
    adresse: str
    place: str
    other_name: SafeString | str = ""
    other_kind: Promise | str = ""
    branch: Branch | None = None


def hits(rows: Iterable[Row], why: Explanation | None = None) -> list[Hit]:
    """The rows as they may be shown, with what was found of them marked."""
    return [_hit(masked(row), why) for row in rows]


def _hit(row: Row, why: Explanation | None) -> Hit:
    nom = "" if row["nom"] == MASK else row["nom"]
    matched = why.matched_name(row, row["score"]) if why and nom else None
    other = matched.nom if matched and matched.kind != Kind.NOM else ""
    branch = row.get("etablissement")
    return Hit(
        url=slugs.entreprise(row),
        nom=_marked(nom, row, why),
        siren=row["siren"],
        is_active=row["is_active"],
        is_hidden=is_hidden(row),
        trade=trade(row),
        adresse="" if row["adresse"] == MASK else row["adresse"],
        place=place(row),
        other_name=_marked(other, row, why),
        other_kind=KINDS[Kind(matched.kind)] if matched and other else "",
        branch=Branch(
            address("etablissement", branch["siret"]),
            branch["nom_commercial"],
            f"{branch['code_postal']} {branch['ville_nom']}".strip(),
        )
        if branch
        else None,
    )


def _marked(nom: str, row: Row, why: Explanation | None) -> SafeString | str:
    """HTML with <mark>: the explanation escapes all else."""
    return mark_safe(why.highlighted(nom, row["score"])) if why and nom else escape(nom)  # noqa: S308
