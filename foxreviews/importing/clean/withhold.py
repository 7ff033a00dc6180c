"""What a file says of companies that are not public: masked before it is staged (enterprise.privacy)."""

import polars as pl

from foxreviews.enterprise.privacy import CONTACTS, MASK, NAMES, POSITION, PUBLIC, hidden, partial
from foxreviews.importing.clean import not_known
from foxreviews.importing.clean.cleaning import Cleaner

# As the register, the State's directory and people write it, alone or with more of the name around it
MASKS = r"(?i)[\[［]\s*(ｎｄ|n\.?\s*d\.?|non[- ]diffusible)\s*[\]］]"
BRACKETS = ("[", "［")  # looked for first, as bytes


def withhold(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Who is hidden has the name `[ND]`, and nothing that tells who and in which street; a legal person its name.

    A company that is not public and has no name in the file is named `[ND]`, too. Nearly every block has neither
    such a status nor such a name, and costs two looks.
    """
    has_status = "statut_diffusion" in frame.columns
    has_mask = any(frame["nom"].str.contains(bracket, literal=True).any() for bracket in BRACKETS)
    if not has_mask and not (has_status and (frame["statut_diffusion"] != PUBLIC).any()):
        return frame
    given = frame
    for name, value in (("statut_diffusion", PUBLIC), ("categorie_juridique", "")):
        if name not in frame.columns:
            given = given.with_columns(pl.lit(value).alias(name))
    withheld = _withhold(given)
    return withheld.select(*frame.columns, *({not_known.COLUMN} & {*withheld.columns} - {*frame.columns}))


def _withhold(frame: pl.DataFrame) -> pl.DataFrame:
    nameless = partial(pl.col) & (pl.col("nom") == "")
    is_mask = pl.col("nom").str.contains(MASKS) | nameless
    frame = frame.with_columns(
        nom=pl.when(is_mask & ~pl.col("blank")).then(pl.lit(MASK)).otherwise(pl.col("nom"))
    )
    texts = [name for name in (*NAMES, *CONTACTS) if name in frame.columns]
    numbers = [name for name in POSITION if name in frame.columns]
    frame = frame.with_columns(is_hidden=hidden(pl.col), is_withheld=hidden(pl.col) | partial(pl.col))
    # Of a company that is there already it is not known: its status hides it, or not, by the form that it has there.
    of_status = partial(pl.col)
    frame = not_known.mark(frame, [name for name in texts if name in NAMES], of_status & pl.col("is_hidden"))
    frame = not_known.mark(frame, [*(name for name in texts if name not in NAMES), *numbers], of_status)
    return frame.with_columns(
        *(
            pl.when("is_hidden" if name in NAMES else "is_withheld")
            .then(pl.lit(MASK if name == "nom" else ""))
            .otherwise(pl.col(name))
            .alias(name)
            for name in texts
        ),
        *(pl.when(~pl.col("is_withheld")).then(pl.col(name)).alias(name) for name in numbers),
    )
