"""Charts over time, drawn here as SVG: a bar for each month or year, and the same numbers for a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from django.utils.formats import date_format, number_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from foxreviews.core.keyset import Row
from foxreviews.search.query.nodes import Counts
from foxreviews.web.wording import month_of

WIDTH, HEIGHT = 640, 260
TOP, BOTTOM = 24, 26  # free for a number above and years below
BAR = 0.74  # of the width that a bar and the gap next to it have
MONTHS, YEARS = 60, 40
MAX_LINES = 5
LABEL_YEARS = 10  # between two labels of a chart by year
MIN_BARS = 3  # fewer are no chart


@dataclass(frozen=True)
class Mark:
    """A text of an axis, and where it stands."""

    text: str
    at: str


@dataclass(frozen=True)
class Chart:
    """Two series in one chart, as paths, and all numbers in words, the latest first."""

    caption: str
    unit: str  # what each bar is of
    first: str  # what the series are called
    second: str
    first_path: str
    second_path: str
    zero: str  # where the line is that bars stand on
    lines: Sequence[Mark]
    marks: Sequence[Mark]
    rows: Sequence[tuple[str, int, int]]
    width: int = WIDTH
    height: int = HEIGHT


def months(counted: Sequence[Row]) -> Chart | None:
    """What was created and what closed in each of the last months: one above the line, the other below.

    None where too few months have anything.
    """
    now = f"{localdate():%Y-%m}"
    by_month = {
        each["mois"]: (each["creations"], each["fermetures"]) for each in counted if each["mois"] <= now
    }
    if len(by_month) < MIN_BARS:
        return None
    last = _number(max(by_month))
    names = [_named(number) for number in range(last - MONTHS + 1, last + 1)]
    names = names[next(place for place, name in enumerate(names) if name in by_month) :]
    pairs = [by_month.get(name, (0, 0)) for name in names]
    scale = _Scale.of(max(came for came, _gone in pairs), max(gone for _came, gone in pairs))
    return Chart(
        _("Establishments opened and closed, by month"),
        _("Month"),
        _("openings"),
        _("closures"),
        scale.bars([came for came, _gone in pairs]),
        scale.bars([-gone for _came, gone in pairs]),
        scale.place(0),
        scale.lines(),
        _marks(_januaries(names), len(names)),
        [(date_format(month_of(name), "F Y"), *pair) for name, pair in zip(names, pairs, strict=True)][::-1],
    )


def years(every: Counts, active: Counts) -> Chart | None:
    """How many companies were created in each of the last years, and how many of these are active still.

    None where too few years have any.
    """
    now = localdate().year  # the register also has dates to come
    known = {
        int(year): count for year, count in every.items() if year.isdigit() and int(year) <= now and count
    }
    if len(known) < MIN_BARS:
        return None
    last = max(known)
    some = range(max(last - YEARS + 1, min(known)), last + 1)
    names = [f"{year:04}" for year in some]
    bars = [(name, every.get(name, 0), active.get(name, 0)) for name in names]
    labels = [(name, place) for place, name in enumerate(names) if int(name) % _between(len(names)) == 0]
    return _stacked(_("Companies by year of creation"), _("Year"), bars, labels)


def created(every: Counts, active: Counts) -> Chart | None:
    """How many companies were created in each of the last months, and how many of these are active still.

    None where too few months have any.
    """
    if len(every) < MIN_BARS:
        return None
    last = _number(max(every))
    names = [_named(number) for number in range(max(last - MONTHS + 1, _number(min(every))), last + 1)]
    bars = [(date_format(month_of(name), "F Y"), every.get(name, 0), active.get(name, 0)) for name in names]
    return _stacked(_("Companies created, by month"), _("Month"), bars, _januaries(names))


def _stacked(
    caption: str, unit: str, bars: Sequence[tuple[str, int, int]], labels: Sequence[tuple[str, int]]
) -> Chart:
    """`bars` are names with how many companies there are and how many of them are active."""
    still = [active for _name, _total, active in bars]
    ceased = [total - active for _name, total, active in bars]
    scale = _Scale.of(max(total for _name, total, _active in bars), 0)
    return Chart(
        caption,
        unit,
        _("active today"),
        _("ceased since"),
        scale.bars(still),
        scale.bars(ceased, on=still),
        scale.place(0),
        scale.lines(),
        _marks(labels, len(bars)),
        [(name, active, total - active) for name, total, active in bars][::-1],
    )


@dataclass(frozen=True)
class _Scale:
    """From numbers to places: `above` and `below` the line, at most; `step` between two lines."""

    above: float
    below: float
    step: int

    @classmethod
    def of(cls, above: int, below: int) -> "_Scale":
        return cls(max(above, 1), below, _step((max(above, 1) + below) / MAX_LINES))

    def place(self, number: float) -> str:
        return f"{self._y(number):.1f}".removesuffix(".0")

    def _y(self, number: float) -> float:
        return TOP + (self.above - number) * (HEIGHT - TOP - BOTTOM) / (self.above + self.below)

    def bars(self, numbers: Sequence[int], on: Sequence[int] = ()) -> str:
        """One path of all bars, each on the line, or on what is `on` it already."""
        room = WIDTH / len(numbers)
        bases = on or [0] * len(numbers)
        return "".join(
            f"M{place * room + room * (1 - BAR) / 2:.1f} {self.place(base)}"
            f"V{self.place(base + number)}h{room * BAR:.1f}V{self.place(base)}z"
            for place, (number, base) in enumerate(zip(numbers, bases, strict=True))
            if number
        )

    def lines(self) -> list[Mark]:
        numbers = range(-(int(self.below) // self.step) * self.step, int(self.above) + 1, self.step)
        return [
            Mark(number_format(abs(each), force_grouping=True), self.place(each)) for each in numbers if each
        ]


def _step(number: float) -> int:
    """1, 2 or 5 with zeros, the least that is not below the number."""
    power = 10 ** max(ceil(log10(number)) - 1, 0) if number > 1 else 1
    return int(next(digit * power for digit in (1, 2, 5, 10) if digit * power >= number))


def _between(count: int) -> int:
    """Years between two labels."""
    return LABEL_YEARS if count > LABEL_YEARS * 2 else 5


def _januaries(names: Sequence[str]) -> list[tuple[str, int]]:
    """The years below the months that they begin with."""
    return [(name[:4], place) for place, name in enumerate(names) if name.endswith("-01")]


def _marks(labels: Sequence[tuple[str, int]], bars: int) -> list[Mark]:
    """In the middle of their bars; none where it would be cut off."""
    room = WIDTH / bars
    places = [(text, (place + 0.5) * room) for text, place in labels]
    return [Mark(text, f"{x:.0f}") for text, x in places if WIDTH * 0.03 < x < WIDTH * 0.97]


def _number(month: str) -> int:
    """Months since the year 0: "2026-01"."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _named(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
