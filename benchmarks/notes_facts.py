"""What is found of the facts that notes state, by language and kind, and how fast.

python benchmarks/notes_facts.py

The notes are those whose facts are marked in ``tests/notes``; the words of the detector were chosen by the same
people, and some of them after these notes, so that the figures are those of notes that it knows.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from layout import show

from sosie.notes.facts import extract
from sosie.notes.frames import lines
from sosie.notes.languages import available, load

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "notes"))
from stated import notes, scores

HEADINGS = ("language", "kind", "marked", "recall", "precision", "status")


def main() -> None:
    rows = []
    for code in available():
        for kind, one in sorted(scores([code]).items()):
            shares = (one.found / one.marked, one.right / one.told, one.held / one.found)
            rows.append((code, kind, str(one.marked), *(f"{100 * share:.1f} %" for share in shares)))
    print(show("Facts of marked notes", HEADINGS, rows))
    for code in available():
        texts, known = [note.text for note in notes(code)], load(code)
        clock = time.process_time()
        for text in texts:
            lines(text, [], extract(text, known), known)
        spent = time.process_time() - clock
        print(f"{code}: {1e3 * 1_500 * spent / sum(map(len, texts)):.1f} ms for 1,500 characters")


if __name__ == "__main__":
    main()
