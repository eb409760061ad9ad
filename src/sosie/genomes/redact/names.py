"""What stands for each sample: the pseudonym that its patient bears in every other file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sosie.pseudonyms import Pseudonyms
from sosie.stream import Knowledge

SHORTEST = 3
"""Letters of a sample's name that is looked for in the names of files."""
_TOKEN = re.compile(r"[^;,=|/:&()\s]+")


@dataclass(frozen=True)
class Names:
    """Pseudonyms of the samples of a file.

    Parameters
    ----------
    pseudonyms : Pseudonyms
    knowledge : Knowledge
        What the tables say of the patients.
    listed : mapping of str to str
        Patients of samples, by the manifest.
    aliases : mapping of str to sequence of str
        Names that a sample may go by.
    """

    pseudonyms: Pseudonyms
    knowledge: Knowledge
    listed: Mapping[str, str] = field(default_factory=dict, repr=False)
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def key(self, sample: str) -> str:
        """Return the patient of a sample: by the list, by the tables, else the sample itself."""
        if sample in self.listed:
            return self.listed[sample]
        return next((name for name in self.aliases.get(sample, ()) if name in self.knowledge.facts), sample)

    def of(self, sample: str) -> str:
        """Return the pseudonym of a sample, as the copy of the tables writes its patient's."""
        if sample not in self._known:
            key = self.key(sample)
            facts = self.knowledge.facts.get(key, ())
            told = next((fact.replacement for fact in facts if fact.label == "PATIENT_KEY" and fact.replacement), None)
            plain = self.pseudonyms.number(key) if key.isdecimal() else self.pseudonyms.pseudonym(key)
            self._known[sample] = told or str(plain)
        return self._known[sample]

    def family(self, family: str, sample: str) -> str:
        """Return what stands for a family: the sample's own where it is named after it."""
        if family in {"0", ""}:
            return family
        return self.of(sample) if family == sample else self.pseudonyms.pseudonym(family, "family")

    def parent(self, name: str) -> str:
        """Return what stands for a father or a mother, who may not be in the file; nobody stays nobody."""
        return name if name in {"0", "", "."} else self.of(name)

    def path(self, path: str, samples: Sequence[str]) -> str:
        """Return the path of a file without the names of samples."""
        for sample in sorted(samples, key=len, reverse=True):
            if len(sample) >= SHORTEST and sample in path:
                bounds = rf"(?<![^\W_]){re.escape(sample)}(?![^\W_])"
                path = re.sub(bounds, self.of(sample), path)
        return path

    def within(self, samples: Sequence[str]) -> Callable[[str], str]:
        """Return what replaces the names of samples in a text; short numbers are no names there."""
        known = {sample for sample in samples if len(sample) >= SHORTEST or not sample.isdecimal()}

        def replaced(text: str) -> str:
            found = [word for word in _TOKEN.findall(text) if word in known]
            if not found:
                return text
            return _TOKEN.sub(lambda word: self.of(word[0]) if word[0] in known else word[0], text)

        return replaced
