"""What is left of the people in DICOM headers: Sosie beside dicom-anonymizer, deid, dicognito and dcmodify.

python benchmarks/images.py                    all, on dicom/ of SOSIE_BENCH_DATA
python benchmarks/images.py --only sosie       ours alone
python benchmarks/images.py --repeat 5         speed over five copies of the set, for one that is too quick to time
python benchmarks/images.py --keep DIR         keep the outputs there

Data: a folder with ``instances/``, ``answer_key.json`` and ``score.py``, which scores outputs under the same file
names. The Python peers run in an environment of their own (``.venv-bench-images``), which is made on first use;
dcmodify and dciodvfy are the Debian packages dcmtk and dicom3tools. Headers only: pixels are another script's.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

DATA = Path(os.environ.get("SOSIE_BENCH_DATA", "../shared/data")) / "dicom"
VENV = Path(__file__).resolve().parents[1] / ".venv-bench-images"
PACKAGES = ("dicom-anonymizer==2.1.0", "deid==0.4.13", "dicognito==0.19.0")
JOBS = 2
SECRET = bytes(32)
PEERS = """
import sys, time, warnings, logging
from pathlib import Path
warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
kind, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
files = sorted(source.iterdir())
if kind == "dicom-anonymizer":
    from dicomanonymizer import anonymize_dicom_file
    def clean(path):
        anonymize_dicom_file(str(path), str(target / path.name))
elif kind == "dicognito":
    import pydicom
    from dicognito.anonymizer import Anonymizer
    anonymizer = Anonymizer()
    def clean(path):
        dataset = pydicom.dcmread(path, force=True)
        anonymizer.anonymize(dataset)
        dataset.save_as(target / path.name)
else:
    from deid.config import DeidRecipe
    from deid.dicom import replace_identifiers
    recipe = DeidRecipe()
    def clean(path):
        replace_identifiers([str(path)], deid=recipe, save=True, output_folder=str(target), overwrite=True,
                            force=True, remove_private=True, disable_skip=True)
started = time.perf_counter()
failed = 0
for path in files:
    try:
        clean(path)
    except Exception:
        failed += 1
print("seconds", time.perf_counter() - started, "failed", failed)
"""
ERASED = (
    *("InstitutionName", "InstitutionAddress", "OperatorsName", "PerformingPhysicianName", "StationName"),
    *("PatientAddress", "PatientTelephoneNumbers", "PatientMotherBirthName", "OtherPatientIDs", "PatientComments"),
    *("AdditionalPatientHistory", "DeviceSerialNumber", "StudyDescription", "OtherPatientIDsSequence"),
    *("RequestAttributesSequence", "OriginalAttributesSequence", "SeriesDate", "AcquisitionDate", "ContentDate"),
)
DCMODIFY = (
    *("-nb", "-imt", "-ie", "-gst", "-gse", "-gin", "-ep"),
    *("-ma", "PatientName=ANONYMOUS", "-ma", "PatientID=ANONYMOUS", "-ma", "StudyID=", "-ma", "AccessionNumber="),
    *("-ma", "PatientBirthDate=", "-ma", "ReferringPhysicianName=", "-ma", "StudyDate=19000101"),
    *(part for name in ERASED for part in ("-ea", name)),
)
ROWS = (
    ("identifiers removed", re.compile(r"PHI strings removed ([\d.]+)%")),
    ("files without any leak", re.compile(r"file_no_leak_in_any_element +([\d.]+)%")),
    ("survive", re.compile(r"survive +([\d.]+)%")),
    ("references", re.compile(r"ref_integrity +([\d.]+)%")),
    ("exact date intervals", re.compile(r"date_interval_exact +([\d.]+)%")),
    ("UIDs changed", re.compile(r"uid_changed +([\d.]+)%")),
    ("UIDs consistent", re.compile(r"uid_consistent_injective +([\d.]+)%")),
    ("useful text kept", re.compile(r"text_retained +([\d.]+)%")),
    ("safe private kept", re.compile(r"safe_private +([\d.]+)%")),
)
Runner = Callable[[Path, Path], float]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", choices=tuple(RUNNERS))
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    if not (asked.data / "instances").is_dir():
        print(f"left out: there is no {asked.data / 'instances'}")
        return
    with tempfile.TemporaryDirectory() as folder:
        root = asked.keep or Path(folder)
        source = repeated(asked.data / "instances", Path(folder) / "source", asked.repeat)
        columns = {
            name: figures(name, runner, asked.data, source, root / name)
            for name, runner in RUNNERS.items()
            if asked.only in (None, name)
        }
    print(table(columns))


def figures(name: str, runner: Runner, data: Path, source: Path, target: Path) -> dict[str, str]:
    """Run one tool, score what it wrote, and look for new violations of the standard."""
    target.mkdir(parents=True, exist_ok=True)
    count = sum(1 for _ in source.iterdir())
    seconds = runner(source, target)
    done = subprocess.run([sys.executable, data / "score.py", target], capture_output=True, text=True, check=False)
    found = {row: match[1] for row, pattern in ROWS if (match := pattern.search(done.stdout))}
    return {
        **{row: f"{value} %" for row, value in found.items()},
        "new standard violations": new_violations(data / "instances", target),
        "files/s": f"{count / seconds:.1f}" if seconds else "-",
    }


def ours(source: Path, target: Path) -> float:
    """Clean the headers with Sosie, in two processes."""
    files = sorted(source.iterdir())
    with ProcessPoolExecutor(JOBS, initializer=partial(_warm, files[0])) as pool:
        list(pool.map(time.sleep, [0.5] * JOBS))
        started = time.perf_counter()
        list(pool.map(partial(_clean, target=target), files, chunksize=4))
        return time.perf_counter() - started


def _warm(first: Path) -> None:
    import logging
    import warnings

    from sosie.images.redact import Cleaner, Profile
    from sosie.pseudonyms import Pseudonyms

    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    globals()["cleaner"] = Cleaner(Profile(), Pseudonyms(SECRET), language="fr")
    with tempfile.TemporaryDirectory() as folder:
        _clean(first, Path(folder))


def _clean(path: Path, target: Path) -> None:
    import pydicom

    from sosie.images.encoding import encoded

    dataset = pydicom.dcmread(path, force=True)
    globals()["cleaner"].clean(dataset, pixels=False, faces=False)
    (target / path.name).write_bytes(encoded(dataset))


def theirs(kind: str, source: Path, target: Path) -> float:
    """Run a Python peer in its environment."""
    python = VENV / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    done = subprocess.run(
        [python, "-c", PEERS, kind, source, target], capture_output=True, text=True, check=False, cwd=target
    )
    match = re.search(r"seconds ([\d.]+) failed (\d+)", done.stdout)
    if match is None:
        print(f"{kind}: {done.stderr.strip().splitlines()[-1:]}")
        return 0.0
    if match[2] != "0":
        print(f"{kind}: {match[2]} files could not be cleaned")
    return float(match[1])


def dcmodify(source: Path, target: Path) -> float:
    """Erase what a usual recipe erases."""
    if shutil.which("dcmodify") is None:
        print("dcmodify: not installed (Debian package dcmtk)")
        return 0.0
    for path in source.iterdir():
        shutil.copy(path, target / path.name)
    started = time.perf_counter()
    files = sorted(target.iterdir())
    subprocess.run(["dcmodify", *DCMODIFY, *files], capture_output=True, check=False)
    return time.perf_counter() - started


RUNNERS: Mapping[str, Runner] = {
    "sosie": ours,
    "dicom-anonymizer": partial(theirs, "dicom-anonymizer"),
    "deid": partial(theirs, "deid"),
    "dicognito": partial(theirs, "dicognito"),
    "dcmodify": dcmodify,
}


def repeated(instances: Path, target: Path, times: int) -> Path:
    """Return a folder with each file several times, under other names."""
    if times == 1:
        return instances
    target.mkdir()
    for path in instances.iterdir():
        shutil.copy(path, target / path.name)
        for number in range(1, times):
            shutil.copy(path, target / f"{number}_{path.name}")
    return target


def new_violations(instances: Path, target: Path) -> str:
    """Count the files of which dciodvfy says something that it did not say of the original."""
    if shutil.which("dciodvfy") is None:
        return "-"
    worse = sum(bool(_errors(target / path.name) - _errors(path)) for path in instances.iterdir())
    return f"{worse} files"


def _errors(path: Path) -> set[str]:
    done = subprocess.run(["dciodvfy", path], capture_output=True, text=True, errors="replace", check=False)
    lines = (line for line in done.stderr.splitlines() + done.stdout.splitlines() if line.startswith("Error"))
    # UIDs, dates and other values change; what is said of them does not.
    return {re.sub(r"<[^>]*>|[\d.]+", "", line) for line in lines}


def table(columns: Mapping[str, Mapping[str, str]]) -> str:
    """Return the figures, a tool a column."""
    rows = [*(row for row, _ in ROWS), "new standard violations", "files/s"]
    lines = ["| figure | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {row} | " + " | ".join(column.get(row, "-") for column in columns.values()) + " |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
