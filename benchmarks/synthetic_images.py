"""Synthetic radiographs beside real ones: who attacks them, what they are good for, and how they look.

python benchmarks/synthetic_images.py                               the table, five seeds
python benchmarks/synthetic_images.py --makers cosine vae --rounds 1
python benchmarks/synthetic_images.py --page /tmp/page.png          64 doubles' pictures beside 64 real ones

The data are the COVID-19 Image Repository of Hannover (doi:10.25835/0090041), 243 frontal radiographs of 71 patients,
in ``../shared/data/cxr_hannover`` or where ``--data`` says; without them there is nothing to print. A round makes two
releases, each from half of the patients, and every attack counts patients. The task is to tell films of bedridden
patients (AP) from others (PA), learned on synthetic pictures and tested on real ones of the other patients; "real" is
learned on the real pictures that the synthetic ones were made from. The network that recognises patients learns on all
real pictures, those of the attacked patients included.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from layout import figure, show

from sosie.attack.metric import Metric
from sosie.attack.records import Records, Seen, View, held_out, same_patient
from sosie.cohort import Floats, Rows
from sosie.images.decode.detail import chest
from sosie.images.encode.autoencoder import Autoencoder
from sosie.images.encode.components import Components
from sosie.images.encode.cosine import Cosine, CosineBasis
from sosie.images.pictures import Pictures, Singles, gathered, toned
from sosie.images.synthetic import Maker
from sosie.synthesis.mixture import Mixture

DATA = Path(os.environ.get("SOSIE_BENCH_DATA", "../shared/data")) / "cxr_hannover"
SIDE, SMALL, TASK, SHOWN = 64, 32, 16, 128
FREQUENCIES = 13
NEIGHBOURS = 5
HEADINGS = ("pictures", "pixels", "bound", "embedding", "bound", "patient", "bound", "network", "bound", "copies")
Make = Callable[[Pictures, np.random.Generator], Pictures]


def main() -> None:
    """Print the table, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--makers", nargs="*", default=["real", "neighbours", "pca", "cosine"], metavar="NAME")
    parser.add_argument("--deflection", type=float, default=0.3, help="strength of the density")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=4, help="rounds of two releases for each seed")
    parser.add_argument("--network", type=int, default=300, metavar="STEPS", help="0 for no recognising network")
    parser.add_argument("--vae-steps", type=int, default=400)
    parser.add_argument("--page", type=Path, help="write a page of real and synthetic pictures instead")
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    if not (asked.data / "data.csv").is_file():
        print(f"left out: no {asked.data}; SOSIE_BENCH_DATA names the folder that holds cxr_hannover/", file=sys.stderr)
        sys.exit(0)
    if asked.page:
        page(asked.data, asked.page, makers(SHOWN, asked.deflection, asked.vae_steps)[asked.makers[-1]])
        return
    pictures = read(asked.data, SIDE)
    chosen = {name: makers(SIDE, asked.deflection, asked.vae_steps)[name] for name in asked.makers}
    print(table(pictures, chosen, asked.seeds, asked.rounds, asked.network, markdown=asked.markdown))


def makers(side: int, deflection: float, steps: int) -> dict[str, Make]:
    """Return the ways to make pictures, by name."""
    density = Mixture(deflection=deflection)
    return {
        "real": lambda pictures, rng: pictures,
        "neighbours": neighbours,
        "pca": Maker(Components(), density).make,
        "vae": Maker(Autoencoder(steps=steps), density).make,
        "cosine": lambda pictures, rng: Maker(Cosine(), density, chest(side)).make(pictures, rng),
        "nobody": lambda pictures, rng: nobody(pictures, side, rng),
    }


def read(folder: Path, side: int) -> Pictures:
    """Read the pictures, their patients and their views."""
    from PIL import Image

    with (folder / "data.csv").open() as file:
        rows = list(csv.DictReader(file))
    pixels = [toned(np.asarray(Image.open(folder / "png" / f"{row['image_id']}.png")), side) for row in rows]
    return gathered(pixels, [row["patient_id"] for row in rows], [row["projection"] for row in rows], 11)[0]


def neighbours(pictures: Pictures, rng: np.random.Generator) -> Pictures:
    """Mix each picture's nearest neighbours of its class: the recipe that is not to be followed."""
    latents = CosineBasis(pictures.pixels.shape[1]).encode(pictures.pixels)
    made = np.empty_like(pictures.pixels)
    for at, own in enumerate(latents):
        alike = np.flatnonzero(pictures.label == pictures.label[at])
        near = alike[np.argsort(((latents[alike] - own) ** 2).sum(axis=1))[:NEIGHBOURS]]
        made[at] = np.tensordot(rng.dirichlet(np.ones(len(near))), pictures.pixels[near], 1)
    return Pictures(made, pictures.patient, pictures.patients, pictures.label, pictures.labels)


def nobody(pictures: Pictures, side: int, rng: np.random.Generator) -> Pictures:
    """Return phantoms: what attacks find where there is nothing to find."""
    fine = chest(side)
    drawn = fine.basis.decode(rng.normal(0.0, 0.5, (len(pictures), fine.basis.width)))
    return Pictures(fine.add(drawn, rng), pictures.patient, pictures.patients, pictures.label, pictures.labels)


@dataclass
class Watched:
    """A way to make pictures whose releases are tested as they are made."""

    pictures: Pictures
    make: Make
    learned: list[float] = field(default_factory=list)
    possible: list[float] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)

    def __call__(self, members: Rows, rng: np.random.Generator) -> Floats:
        """Make a release from the members, and learn the task on it."""
        inside = self.pictures.of(members)
        outside = self.pictures.of(np.setdiff1d(np.arange(self.pictures.patients), members))
        made = self.make(inside, rng)
        self.learned.append(predicted(made, outside))
        self.possible.append(predicted(inside, outside))
        self.drawn.append(len(made))
        return made.pixels


def predicted(learned: Pictures, tested: Pictures) -> float:
    """Learn the class of pictures on some, and return the area under the ROC curve on others, patients alike."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if len(np.unique(learned.label)) < 2:
        return 0.5
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=300))
    model.fit(shrunk(learned.pixels, TASK), learned.label, logisticregression__sample_weight=learned.weights * 100)
    scores = model.decision_function(shrunk(tested.pixels, TASK))
    return float(roc_auc_score(tested.label, scores, sample_weight=tested.weights))


def shrunk(pixels: Singles, side: int) -> Floats:
    """Return small pictures as rows."""
    step = pixels.shape[1] // side
    return pixels.reshape(len(pixels), side, step, side, step).mean(axis=(2, 4)).reshape(len(pixels), -1)


def attackers(pictures: Pictures, steps: int) -> dict[str, View]:
    """Return what each attacker compares: pixels, an embedding, a metric and a network that know the patients."""
    basis = CosineBasis(SIDE, FREQUENCIES)
    latents = basis.encode(pictures.pixels)
    spread = latents.std(axis=0)
    metric = Metric.of(latents, pictures.patient)
    views: dict[str, View] = {
        "pixels": lambda pixels: shrunk(pixels, SMALL),
        "embedding": lambda pixels: basis.encode(pixels) / spread,
        "patient": lambda pixels: metric.map(basis.encode(pixels)),
    }
    if steps:
        from sosie.images.recognition import train

        views["network"] = train(pictures.pixels, pictures.patient, np.random.default_rng(1), steps=steps)
    known = {name: same_patient(view(pictures.pixels), pictures.patient) for name, view in views.items()}
    print({name: round(value, 3) for name, value in known.items()}, "tell real patients apart", file=sys.stderr)
    return views


def table(
    pictures: Pictures, chosen: dict[str, Make], seeds: int, rounds: int, steps: int, *, markdown: bool = False
) -> str:
    """Attack each way to make pictures on the same rounds, and learn from what it makes."""
    views = attackers(pictures, steps)
    rows = []
    for name, make in chosen.items():
        clock, watched = time.perf_counter(), Watched(pictures, make)
        found = held_out(
            Records(pictures.pixels, pictures.patient),
            watched,
            views,
            rounds=seeds * rounds,
            rng=np.random.default_rng(1),
        )
        seconds = (time.perf_counter() - clock) / (2 * seeds * rounds)
        rows.append([name, *_attacked(found), *_useful(watched), figure(seconds, 1)])
        print(rows[-1], file=sys.stderr, flush=True)
    title = f"{len(pictures)} radiographs of {pictures.patients} patients, {seeds} seeds, {2 * seeds * rounds} releases"
    return show(title, (*HEADINGS, "task", "real", "drawn", "seconds"), rows, markdown=markdown)


def _attacked(found: dict[str, Seen]) -> list[str]:
    names = ("pixels", "embedding", "patient", "network")
    areas = [found[name].auc if name in found else None for name in names]
    cells = [figure(value) for one in areas for value in ((one.value, one.upper_95) if one else (None, None))]
    return [*cells, figure(max(seen.copies.value for seen in found.values()))]


def _useful(watched: Watched) -> list[str]:
    return [
        figure(float(np.mean(watched.learned))),
        figure(float(np.mean(watched.possible))),
        f"{np.mean(watched.drawn):.0f}",
    ]


def page(folder: Path, target: Path, make: Make) -> None:
    """Write 64 real pictures on the left, 64 synthetic ones on the right. It shows patients: keep it where they are."""
    from PIL import Image

    pictures = read(folder, SHOWN)
    rng = np.random.default_rng(1)
    made = make(pictures, rng)
    sides = []
    for some in (pictures, made):
        chosen = some.pixels[rng.permutation(len(some))[:64]]
        chosen = np.pad(chosen, ((0, 64 - len(chosen)), (0, 0), (0, 0)))
        sides.append(chosen.reshape(8, 8, SHOWN, SHOWN).swapaxes(1, 2).reshape(8 * SHOWN, 8 * SHOWN))
    whole = np.hstack([sides[0], np.ones((8 * SHOWN, 24)), sides[1]])
    Image.fromarray((255.0 * np.clip(whole, 0.0, 1.0)).astype(np.uint8)).save(target)


if __name__ == "__main__":
    main()
