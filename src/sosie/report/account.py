"""How the doubles were made, and what the attacks could not show: the method, the rules, the settings, the gaps."""

from __future__ import annotations

from dataclasses import dataclass

from sosie.evidence import Criterion, Evidence, Status
from sosie.report import criteria
from sosie.report.reading import mapping, number, sequence, text
from sosie.report.verdict import audited, budget
from sosie.report.words import Words


@dataclass(frozen=True)
class Method:
    """The method in plain words."""

    sentences: tuple[str, ...]
    budget: str
    uncovered: tuple[str, ...]
    rules: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Remains:
    """What was not shown."""

    open: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]
    not_attacked: tuple[str, ...]
    distances: tuple[tuple[str, str, str], ...]


def method(evidence: Evidence, say: Words) -> Method:
    """Tell how the doubles were made."""
    return Method(
        sentences=_sentences(evidence, say),
        budget=budget(evidence, say),
        uncovered=tuple(_localised(one, say) for one in sequence(evidence.privacy.get("uncovered"))),
        rules=tuple(_localised(rule, say) for rule in sequence(evidence.privacy.get("rules"))),
        settings=tuple(
            (say.known("setting", text(name)), criteria.plain(value, say))
            for name, value in sorted(evidence.settings.items())
            if value not in (None, "")
        ),
    )


def remains(evidence: Evidence, say: Words) -> Remains:
    """Tell what the attacks could not show, and those that were not run."""
    found = evidence.verdict.criteria
    return Remains(
        open=tuple(_line(criterion, say) for criterion in found if criterion.status is Status.NOT_DEMONSTRATED),
        failed=tuple(_line(criterion, say) for criterion in found if criterion.status is Status.FAILED),
        not_attacked=tuple(_attack(item, say) for item in sequence(evidence.privacy.get("not_attacked"))),
        distances=_distances(evidence, say),
    )


def method_name(evidence: Evidence, say: Words) -> str:
    """Name the family of the method, for a recipient."""
    return say.known("method_name", _synthesizer(evidence), say("method_name.other"))


def _synthesizer(evidence: Evidence) -> str:
    name = text(evidence.settings.get("synthesizer", "trees"))
    return "trees" if name == "auto" else name


def _sentences(evidence: Evidence, say: Words) -> tuple[str, ...]:
    if audited(evidence):
        return (say("method.audit_text"),)
    k, leaf = (number(evidence.settings.get(name)) for name in ("k", "leaf"))
    name = _synthesizer(evidence)
    sentences = [say("method.text")]
    if name in ("mixture", "marginals"):
        sentences.append(say(f"method.{name}"))
    elif name != "trees":
        sentences.append(say("method.other", name=name))
    elif leaf is None:
        sentences.append(say("method.trees"))
    else:
        sentences.append(say("method.trees_leaf", leaf=say.number(leaf)))
    if k is not None and name != "marginals":
        sentences.append(say("method.k", k=say.number(k)))
    return (*sentences, say("method.dropped"))


def _localised(value: object, say: Words) -> str:
    spoken = mapping(value)
    return text(spoken.get(say.language) or next(iter(spoken.values()), "")) if spoken else text(value)


def _line(criterion: Criterion, say: Words) -> tuple[str, str]:
    return criteria.title(criterion, say), criteria.needed(criterion, say)


def _attack(item: object, say: Words) -> str:
    if mapping(item):
        return _localised(item, say)
    name = text(item)
    if name in say.section("criterion_question"):
        return say(f"criterion_question.{name}")
    return say.known("attack", name)


def _distances(evidence: Evidence, say: Words) -> tuple[tuple[str, str, str], ...]:
    """Return a name and one or two figures (patients, doubles) for each distance that was measured."""
    rows = []
    for name, value in mapping(evidence.privacy.get("distances")).items():
        sides = mapping(value)
        pair = [sides.get("real", sides.get("original")), sides.get("doubles")] if sides else list(sequence(value))
        real, doubles = [*pair, None, None][:2] if pair else (None, value)
        if number(real) is not None or number(doubles) is not None:
            label = say.known("distance", text(name))
            rows.append((label, say.number(number(real), 3), say.number(number(doubles), 3)))
    return tuple(rows)
