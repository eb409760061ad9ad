"""What the red team finds on ACTG 175: one subcommand a question.

python benchmarks/privacy.py shadow                     trained attack, n = 1,000
python benchmarks/privacy.py shadow --patients 100      another size
python benchmarks/privacy.py shadow --releases 1000 --only Sosie    one maker, all the releases, and the time
"""

from __future__ import annotations

import argparse

import shadow_releases


def main() -> None:
    """Print the table that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    questions = parser.add_subparsers(dest="question", required=True)
    shadow_releases.arguments(questions.add_parser("shadow", help=shadow_releases.__doc__))
    asked = parser.parse_args()
    print(asked.run(asked))


if __name__ == "__main__":
    main()
