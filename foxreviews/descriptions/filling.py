"""Ask the endpoint for what it has not described yet, within the day's budget, and keep what holds.

Each answer is committed as it comes: interrupted, the next run goes on behind it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from foxreviews.core import sql
from foxreviews.core.errors import UsageError
from foxreviews.core.keyset import Row
from foxreviews.core.locks import advisory_lock
from foxreviews.core.progress import Reporter
from foxreviews.descriptions.checker import problem
from foxreviews.descriptions.endpoint import EndpointError, ask
from foxreviews.descriptions.facts import Company, Facts, Town, Trade
from foxreviews.descriptions.models import Description
from foxreviews.enterprise import dataset
from foxreviews.enterprise.privacy import LEGAL_PERSON, MASK, PUBLIC
from foxreviews.location.models import Ville
from foxreviews.reference import naf

LOCK = "descriptions"
NOTED = 100  # texts, after which kept answers are made again: a run may be killed, or take hours
MAX_FAILURES = 5  # in a row: the endpoint is down, and asking on would only spend the budget
MAY_LEAVE = {"public": PUBLIC, "mask": MASK, "legal_person": LEGAL_PERSON}
DUE_COMPANIES = sql.load(__file__, "due_companies")


@dataclass
class Filled:
    """What became of a run: `thrown_away` and `failed` by their reason."""

    asked: int = 0
    kept: int = 0
    thrown_away: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    budget_is_spent: bool = False

    def __str__(self) -> str:
        parts = [f"{self.asked:,} asked for, {self.kept:,} kept"]
        for word, counts in (("thrown away", self.thrown_away), ("failed", self.failed)):
            parts += [f"{count:,} {word} ({reason})" for reason, count in counts.most_common()]
        end = (
            f" The budget of {settings.DESCRIPTION_BUDGET:,} a day is spent." if self.budget_is_spent else ""
        )
        return f"{', '.join(parts)}.{end}"


def fill(limit: int, reporter: Reporter) -> Filled:
    """Ask for `limit` texts at most.

    Raises UsageError where there is no endpoint, LockedError where another run fills, EndpointError where the endpoint
    fails MAX_FAILURES times in a row.
    """
    if not settings.DESCRIPTION_URL:
        raise UsageError(
            "There is no endpoint to ask: set DESCRIPTION_URL and DESCRIPTION_MODEL (docs/howto/descriptions.md). "
            "Without one, sentences are made by rule as they are shown, and nothing is to be filled."
        )
    filled, failures = Filled(), 0
    held = advisory_lock(LOCK, message="Another run asks for descriptions. Wait for it to end.", timeout=1)
    with held, _noted(), reporter.stage("Describing", total=limit, unit="texts") as stage:
        _forget_gone()
        for facts in due(limit):
            if not _spend():
                filled.budget_is_spent = True
                break
            filled.asked += 1
            try:
                refused = _keep(facts, ask(facts))
            except EndpointError as error:
                filled.failed[error.reason] += 1
                failures += 1
                if failures == MAX_FAILURES:
                    raise EndpointError(
                        error.reason, f"{error} {failures} times in a row. {filled}"
                    ) from error
                continue
            failures = 0
            stage.advance(1)
            if refused:
                filled.thrown_away[refused] += 1
            else:
                filled.kept += 1
                if filled.kept % NOTED == 0:
                    dataset.note_change()
    return filled


@contextmanager
def _noted() -> Iterator[None]:
    """Answers that are kept (core.cache, browsers) have the texts of before: they are made again."""
    try:
        yield
    finally:
        dataset.note_change()


def due(limit: int) -> Iterator[Facts]:
    """What has no answer for its facts, `limit` at most: trades, the largest towns, the largest companies."""
    left = limit
    kinds = (_trades, _towns, lambda: _companies(limit))
    for facts in chain.from_iterable(kind() for kind in kinds):
        if not left:
            return
        left -= 1
        yield facts


def _trades() -> Iterator[Facts]:
    found = (Trade.of(code) for code in (*naf.NAF, *naf.NAF25))
    return _without_answer(Description.objects.filter(kind=Trade.kind), (trade for trade in found if trade))


def _towns() -> Iterator[Facts]:
    ordered = Ville.objects.order_by(F("population").desc(nulls_last=True), "code_insee")
    return _without_answer(
        Description.objects.filter(kind=Town.kind), (Town.of(dict(row)) for row in ordered.values())
    )


def _without_answer(known: QuerySet[Description], facts: Iterator[Facts]) -> Iterator[Facts]:
    """Those that are not among the known ones with these facts; what another model could not word is asked again."""
    answers = {
        key: (made_from, not refused or model == settings.DESCRIPTION_MODEL)
        for key, made_from, refused, model in known.values_list("key", "facts", "refused", "model")
    }
    return (each for each in facts if answers.get(each.key) != (each.hash, True))


def _companies(limit: int) -> Iterator[Facts]:
    """Those whose row has changed and whose facts have not are noted, and left out."""
    rows: list[Row] = sql.rows(
        DUE_COMPANIES, MAY_LEAVE | {"limit": limit, "model": settings.DESCRIPTION_MODEL}
    )
    found = [Company.of(row | {"ville_id": row["code_commune"]}) for row in rows]
    known = Description.objects.filter(kind=Company.kind, key__in=[company.key for company in found])
    waiting = list(_without_answer(known, iter(found)))
    unchanged = {company.key for company in found} - {company.key for company in waiting}
    known.filter(key__in=unchanged).update(made_at=Now())
    return iter(waiting)


def _keep(facts: Facts, text: str) -> str:
    """Store the text, or that it was thrown away; returns why, "" where it holds."""
    refused = problem(text, facts)
    values: dict[str, Any] = {
        "facts": facts.hash,
        "text": "" if refused else text,
        "refused": refused,
        "model": settings.DESCRIPTION_MODEL,
        "made_at": timezone.now(),
    }
    Description.objects.update_or_create(kind=facts.kind, key=facts.key, defaults=values)
    return refused


def _spend() -> bool:
    """Whether the day's budget has one more request; it is then spent, whatever comes of it."""
    parameters = {"day": timezone.localdate(), "budget": settings.DESCRIPTION_BUDGET}
    return bool(sql.rows(sql.load(__file__, "spend"), parameters))


def _forget_gone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.load(__file__, "forget_gone"), MAY_LEAVE)
