"""How much of the text that is burned into pixels is found, by its size, contrast and angle; and what it costs.

python benchmarks/burned_in.py                  sixty drawn images of 512 x 512, four texts each
python benchmarks/burned_in.py --images 10      fewer
python benchmarks/burned_in.py --markdown
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import burned
import numpy as np

from sosie.images import pixels
from sosie.images.pixels import frames
from sosie.images.pixels.meaning import Nobody

TURNS = (0, 0, 0, 0, 90, 270, 180, 15)


@dataclass(frozen=True)
class Outcome:
    """What became of a text: hidden or not; and of the image around it."""

    text: burned.Written
    background: str
    hidden: bool


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    outcomes, same, clean, seconds = measure(asked.images, np.random.default_rng(asked.seed))
    texts = [each for each in outcomes if each.text.kind != "innocent"]
    innocent = [each for each in outcomes if each.text.kind == "innocent"]
    rows: list[tuple[str, str]] = [("text that identifies, hidden", share(texts))]
    rows += by("size", texts, lambda each: each.text.size)
    rows += by("contrast", texts, lambda each: each.text.contrast)
    rows += by("angle", texts, lambda each: each.text.angle)
    rows += by("kind", texts, lambda each: each.text.kind)
    rows += by("image", texts, lambda each: each.background)
    rows += [
        ("innocent text, masked", share(innocent)),
        ("pixels elsewhere, identical", f"{100 * same:.2f} %"),
        ("images without text, left alone", clean),
        ("images a second of one core", f"{1 / seconds:.2f}"),
    ]
    for name, value in rows:
        print(f"| {name} | {value} |" if asked.markdown else f"{name:36s}{value}")


def measure(number: int, rng: np.random.Generator) -> tuple[list[Outcome], float, str, float]:
    """Hide the text of drawn images, and look at what became of it."""
    outcomes, same, alone, seconds = [], [], 0, []
    bare = max(1, number // 6)
    for at in range(number + bare):
        kind = burned.KINDS[at % len(burned.KINDS)]
        texts = [drawn(rng) for _ in range(4)] if at < number else []
        made = burned.image(kind, (512, 512), texts, rng)
        image = burned.dataset(made.pixels, kind, int(rng.choice((8, 12, 16))))
        before = frames.frame(image, 0).samples.copy()
        clock = time.process_time()
        masked, _, _ = pixels.hide(image, Nobody())
        seconds.append(time.process_time() - clock)
        after = frames.frame(image, 0).samples
        outcomes += [Outcome(each, kind, burned.hidden(before, after, each.box)) for each in made.written]
        alone += not texts and not masked
        same.append(float((before == after)[elsewhere(made)].mean()))
    return outcomes, float(np.mean(same)), f"{alone} of {bare}", float(np.mean(seconds))


def drawn(rng: np.random.Generator) -> tuple[str, int, float, int]:
    """Draw what is to be written: kind, size, contrast, angle."""
    kind = str(rng.choice(("name", "number", "date", "innocent")))
    return kind, int(rng.choice(burned.SIZES)), float(rng.choice(burned.CONTRASTS)), int(rng.choice(TURNS))


def elsewhere(made: burned.Burned) -> np.ndarray:
    """Return what is not near a text that identifies."""
    far = np.ones(made.pixels.shape[:2], bool)
    for each in made.written:
        if each.kind != "innocent":
            left, top, right, bottom = each.box
            far[max(0, top - 25) : bottom + 25, max(0, left - 40) : right + 40] = False
    return far


def by(name: str, outcomes: list[Outcome], key: Callable[[Outcome], Hashable]) -> list[tuple[str, str]]:
    """Return one row for each value of a key."""
    groups: dict[Hashable, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        groups[key(each)].append(each)
    return [
        (f"  {name} {value}", share(groups[value]))
        for value in sorted(groups, key=lambda each: (str(type(each)), each))
    ]


def share(outcomes: list[Outcome]) -> str:
    """Return the share that is hidden."""
    hidden = sum(each.hidden for each in outcomes)
    return f"{100 * hidden / max(1, len(outcomes)):.1f} % ({hidden}/{len(outcomes)})"


if __name__ == "__main__":
    main()
