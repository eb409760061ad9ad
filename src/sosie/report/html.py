"""The report: the evidence of one release comes in, one offline HTML page leaves.

What is read of the evidence, every part of it optional but the verdict:

``settings``
    ``guarantee``, ``synthesizer``, ``doubles`` (number of rows), ``k``, ``leaf``, ``rounds``, ``seed`` (only when one was
    given), ``cohort`` (a name), ``patients`` (in the cohort), ``command`` (``anonymize`` or ``audit``); others are listed.
``privacy``
    ``uniqueness`` (of ``tables.uniqueness``), ``rules`` (sentences), ``not_attacked`` (criterion ids or sentences),
    ``distances`` (``{"dcr": [real, doubles], "nndr": [real, doubles]}``, medians, or any mapping of names to numbers).
``criteria[].details``
    ``with`` and ``without`` (rates), ``guesses``, ``attacked`` and ``auxiliary`` (column names), others are listed.
``utility["tables"]``
    What ``tables.compare.compare`` returns; shares are of the patients that have a value, groups hold k or more::

        {"shapes": float, "pairs": float, "propensity_auc": float,
         "columns": {name: {"kind": "numeric" | "categorical" | "date", "shape": float,
                            "missing": [real, doubles],
                            "bins": [edge, ...],            # numeric: numbers; date: ISO text or days since 1970
                            "levels": [label, ...],         # categorical, instead of bins
                            "real": [share, ...], "doubles": [share, ...]}},
         "correlations": {"columns": [name, ...], "real": [[r, ...], ...], "doubles": [[r, ...], ...]},
         "pairs_worst": [{"columns": [a, b], "similarity": float}],
         "tstr": [{"target": name, "metric": "auc" | "r2" | ..., "real": float, "doubles": float, "gap": float}],
         "survival": [{"duration": name, "event": name, "group": name | None,
                       "curves": [{"group": str, "who": "real" | "doubles", "time": [...], "survival": [...]}],
                       "distance": float, "logrank_p": float,
                       "cox": [{"name": str, "real": [hr, low, high], "doubles": [hr, low, high], "overlap": float}]}]}

    A number that is missing, null or not finite is shown as unknown; a part that is missing is left out.
"""

from __future__ import annotations
