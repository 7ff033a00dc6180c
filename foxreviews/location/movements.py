"""Which commune a former commune is part of today.

INSEE's file of movements (Code officiel géographique, "événements survenus aux communes") has what happened to each
code since 1943: registers, addresses and La Poste keep the code of a commune for some time after it was merged.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from foxreviews.location.sources.insee import GeographicCode, Movement


class Movements:
    """Follows a code through the years. `names` has all that a code was called before its last event."""

    def __init__(self, movements: Iterable[Movement] = ()) -> None:
        # before → date → what it became, with its name
        self._of: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        self._named: dict[str, tuple[str, str]] = {}  # what a code was last called, and since when
        self.names: dict[str, set[str]] = defaultdict(set)
        for each in movements:
            if each.before and each.after:
                self._of[each.before][each.date][each.after] = each.nom_after
                self.names[each.before].add(each.nom_before)
            if each.after:
                self._named[each.after] = max(
                    (each.date, each.nom_after), self._named.get(each.after, ("", ""))
                )

    @property
    def gone(self) -> set[str]:
        """The codes that are no commune any more."""
        return {code for code in self._of if not self.exists(code)}

    def exists(self, code: str) -> bool:
        """False where the last event of a code was its end: it became others, not itself, and did not come back."""
        last = max(self._of.get(code, ()), default="")
        return not last or code in self._of[code][last] or self._named.get(code, ("", ""))[0] > last

    def is_back(self, code: str) -> bool:
        """Whether a commune was merged, and is one again."""
        ended = any(code not in after for after in self._of.get(code, {}).values())
        return ended and self.exists(code)

    def name(self, code: str) -> str:
        """What the code is called since its last event, "" where nothing is known to have happened to it."""
        return self._named.get(code, ("", ""))[1]

    def today(self, code: str, exists: Callable[[str], bool]) -> str:
        """The commune that `code` is today, "" where it was split among several or its end is not known.

        Of 4,242 codes that have gone since 1943, 4,234 lead to a commune of 2026, 6 were split.
        """
        passed: set[str] = set()
        while not exists(code):
            last = max(self._of[code], default=None) if code in self._of else None
            heirs = self._of[code][last].keys() - {code} if last else set()
            if last is None or code in passed or len(heirs) != 1:
                return ""
            passed.add(code)
            (heir,) = heirs
            code = self._with_its_name(heir, last, self._of[code][last][heir])
        return code

    def _with_its_name(self, code: str, since: str, nom: str) -> str:
        """The code that has the commune's name since it was split: what had joined it by then went with the name.

        Les Hauts-Talican (60054) became 60694 when Beaumont-les-Nonains took 60054 back.
        """
        for date in sorted(self._of.get(code, ())):
            became = self._of[code][date]
            others = [each for each in became if each != code and became[each] == nom]
            if date > since and nom and became.get(code) not in (None, nom) and others:
                return others[0]
        return code


@dataclass(frozen=True)
class Successors:
    """The commune of today for each code, by the movements, the geographic code and what an earlier load knew.

    The movements decide which codes have ended or come back, also against the geographic code and La Poste. The
    geographic code decides into which commune they went, where that one exists: it also knows the parts of one that was
    split. `known` (former code → commune) decides what neither of them has.
    """

    movements: Movements
    cog: GeographicCode | None
    known: Mapping[str, str]

    def today(self, code: str) -> str:
        """The commune that the code is now; itself where it is one, or where no source says what has become of it."""
        passed: list[str] = []
        while (after := self._after(code)) != code and after not in passed:
            passed.append(code)
            code = after
        return code if after == code else passed[0]

    def former(self) -> set[str]:
        """The codes that some source tells the end of."""
        parts = {part for parts in self.cog.former.values() for part in parts} if self.cog else set()
        codes = {*self.movements.gone, *parts, *self.known}
        return {code for code in codes if self.today(code) != code}

    def _after(self, code: str) -> str:
        exists = self.movements.exists
        parent = self.cog.parents.get(code, "") if self.cog else ""
        if not exists(code):
            return parent if parent and exists(parent) else self.movements.today(code, exists) or code
        if self.movements.is_back(code) or (self.cog and code in self.cog.communes):
            return code
        return parent or self.known.get(code, code)
