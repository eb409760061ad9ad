"""What the DICOM standard says of attributes that identify, from data that packages carry (see ``data/NOTICE``)."""

from sosie.images.standard.annex_e import Rule, concept_rule, rule
from sosie.images.standard.types import kind
from sosie.images.standard.vocabulary import is_technical, safe_private

__all__ = ["Rule", "concept_rule", "is_technical", "kind", "rule", "safe_private"]
