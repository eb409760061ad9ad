"""Sosie beside what its users have today, on the same tables in the same run.

python benchmarks/tables.py                     ACTG 175 and the package-shipped tables
python benchmarks/tables.py --quick             one split, two tables, no CTGAN
python benchmarks/tables.py --scaling           rows to a million, columns to a thousand
"""

from __future__ import annotations

import argparse
import warnings

import actg
import scaling
import shipped


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, nargs="+", default=[0, 1, 2, 3, 4], choices=range(5), metavar="I")
    parser.add_argument("--quick", action="store_true", help="one split, two tables, no CTGAN, small sizes")
    parser.add_argument("--scaling", action="store_true", help="measure time and memory instead")
    parser.add_argument("--only", choices=("actg", "shipped"), help="print one of the two tables")
    parser.add_argument("--ctgan-epochs", type=int, default=300, metavar="N", help="0 leaves CTGAN out (default 300)")
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    if asked.scaling:
        print(scaling.table(quick=asked.quick, markdown=asked.markdown))
        return
    if asked.only != "shipped":
        splits, epochs = (asked.splits[:1], None) if asked.quick else (asked.splits, asked.ctgan_epochs or None)
        found = actg.table(splits, epochs, markdown=asked.markdown)
        print(found or "")
    if asked.only != "actg":
        print(shipped.table(quick=asked.quick, markdown=asked.markdown))


if __name__ == "__main__":
    main()
