"""How many typos a word may have, and how many there are between two."""

# Letters typed from which a word may have them: three may be four, one of which is lost; seven may be nine.
ONE_TYPO, TWO_TYPOS = 3, 7


def typos_of(word: str) -> int:
    """How many typos a word may have: none in a number or a short word."""
    if len(word) < ONE_TYPO or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) < TWO_TYPOS else 2


def distance(one: str, other: str, most: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two words; `most` + 1 where more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)
