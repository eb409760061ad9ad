"""Whether a word is another one, misspelt."""

from __future__ import annotations


def misspells(word: str, name: str, most: int) -> bool:
    """Tell whether a few insertions, deletions, substitutions or swaps of neighbours turn a word into a name.

    The first letter or the last one must be right; both are folded, and not empty. The distance is that of optimal
    string alignment (Damerau 1964).
    """
    if abs(len(word) - len(name)) > most or (word[0] != name[0] and word[-1] != name[-1]):
        return False
    before: list[int] = []
    last = list(range(len(name) + 1))
    for i, left in enumerate(word, 1):
        row = [i]
        for j, right in enumerate(name, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == name[j - 2] and word[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return False
        before, last = last, row
    return last[-1] <= most
