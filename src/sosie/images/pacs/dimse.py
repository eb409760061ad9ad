"""An archive that speaks DIMSE: C-FIND finds, C-GET or C-MOVE fetches, C-STORE takes (PS3.4, annexes B and C)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sosie.engine import Event, Listener
from sosie.errors import UnreadableError
from sosie.images.pacs.address import Address
from sosie.images.pacs.staging import file_of
from sosie.stream import Problem

if TYPE_CHECKING:
    from pydicom import Dataset
    from pynetdicom.association import Association

PENDING, SUCCESS = (0xFF00, 0xFF01), 0x0000
WARNINGS = range(0xB000, 0xC000)
CONTEXTS = 126
"""Kinds of instances that one association can negotiate, beside the query."""
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
"""Study root query and retrieve (PS3.4, C.6.2)."""
SECONDS = 60
NOT_ACCEPTED = 0x0122
"""Status of an instance whose kind the archive refuses (PS3.7, C.5.4)."""


def fetch(address: Address, folder: Path, listener: Listener) -> Iterator[Problem]:
    """Fetch what is asked, a series at a time; yield what could not be fetched."""
    with _associated(address, _finding) as association:
        found = list(_series(association, address))
    done = 0
    for number, one in enumerate(found, 1):

        def kept(count: int) -> None:
            nonlocal done
            done += count
            listener(Event("fetch", done))

        failed = (_move if address.move else _get)(address, one, folder, kept)
        if failed:
            yield Problem(f"series {number} of {len(found)}", f"could not be fetched whole ({failed})")


def send(files: Iterable[Path], address: Address, listener: Listener) -> Iterator[Problem]:
    """Send files over one association, a new one for kinds that it did not negotiate; yield those not taken."""
    found = [(path, form) for path in files if (form := _form(path)) is not None]
    for group in _together(found):
        forms = dict.fromkeys(form for _, form in group)
        with _associated(address, partial(_storing, tuple(forms))) as association:
            for number, (path, _) in enumerate(group, 1):
                status = _sent(association, path)
                if status != SUCCESS and status not in WARNINGS:
                    yield Problem(path.name, f"was not taken by the archive (status 0x{status:04X})")
                listener(Event("send", number, len(found)))


def _form(path: Path) -> tuple[str, str] | None:
    """Return the SOP class and the transfer syntax of a file; None for what is no instance."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        dataset = dcmread(path, specific_tags=["SOPClassUID"], stop_before_pixels=True)
        return str(dataset.SOPClassUID), str(dataset.file_meta.TransferSyntaxUID)
    except (InvalidDicomError, OSError, AttributeError):
        return None


def _together(found: Sequence[tuple[Path, tuple[str, str]]]) -> Iterator[list[tuple[Path, tuple[str, str]]]]:
    """Cut files where one association could not negotiate one kind more."""
    group: list[tuple[Path, tuple[str, str]]] = []
    forms: set[tuple[str, str]] = set()
    for path, form in found:
        if len(forms | {form}) > CONTEXTS:
            yield group
            group, forms = [], set()
        group.append((path, form))
        forms.add(form)
    if group:
        yield group


def _sent(association: Association, path: Path) -> int:
    from pydicom import dcmread

    try:
        return int(association.send_c_store(dcmread(path)).get("Status", NOT_ACCEPTED))
    except ValueError:
        return NOT_ACCEPTED


@dataclass(frozen=True)
class Series:
    """A series of an archive, and the kinds of its instances."""

    study: str
    uid: str
    classes: tuple[str, ...]

    @property
    def query(self) -> Dataset:
        """What asks for it."""
        return _query("SERIES", {"StudyInstanceUID": self.study, "SeriesInstanceUID": self.uid})


def _series(association: Association, address: Address) -> Iterator[Series]:
    """List the series that match: studies first, as the hierarchy of queries wants it."""
    filters = dict(address.filters)
    series = filters.pop("SeriesInstanceUID", "")
    keys = {**filters, "StudyInstanceUID": filters.get("StudyInstanceUID", "")}
    # An association answers one query at a time.
    studies = [str(each.StudyInstanceUID) for each in _found(association, "STUDY", keys) if "StudyInstanceUID" in each]
    for study in studies:
        for one in list(_found(association, "SERIES", {"StudyInstanceUID": study, "SeriesInstanceUID": series})):
            if "SeriesInstanceUID" in one:
                yield Series(study, uid := str(one.SeriesInstanceUID), _classes(association, study, uid))


def _classes(association: Association, study: str, series: str) -> tuple[str, ...]:
    """Return the SOP classes of a series; none where the archive does not tell."""
    keys = {"StudyInstanceUID": study, "SeriesInstanceUID": series, "SOPInstanceUID": "", "SOPClassUID": ""}
    answers = list(_found(association, "IMAGE", keys))
    return tuple(sorted({str(answer.SOPClassUID) for answer in answers if answer.get("SOPClassUID")}))


def _found(association: Association, level: str, keys: dict[str, str]) -> Iterator[Dataset]:

    for status, answer in association.send_c_find(_query(level, keys), FIND):
        code = status.get("Status", 0xA700) if status else 0xA700
        if code in PENDING and answer is not None:
            yield answer
        elif code != SUCCESS:
            raise UnreadableError(level.lower(), f"the archive refuses the query (status 0x{code:04X})")


def _query(level: str, keys: dict[str, str]) -> Dataset:
    from pydicom import Dataset

    query = Dataset()
    query.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(query, keyword, value)
    return query


def _get(address: Address, series: Series, folder: Path, kept: Any) -> str:
    """Fetch a series on the association that asks for it."""
    from pynetdicom import evt

    handlers = [(evt.EVT_C_STORE, lambda event: _store(event, folder, kept))]
    with _associated(address, partial(_getting, classes=series.classes), handlers) as association:
        return _outcome(association.send_c_get(series.query, GET))


def _move(address: Address, series: Series, folder: Path, kept: Any) -> str:
    """Have a series sent to a port of ours."""
    from pynetdicom import AE, AllStoragePresentationContexts, evt

    taking = AE(ae_title=address.calling)
    taking.supported_contexts = _every_syntax(AllStoragePresentationContexts)
    handlers: list[Any] = [(evt.EVT_C_STORE, lambda event: _store(event, folder, kept))]
    server = taking.start_server(("", address.move or 0), block=False, evt_handlers=handlers)
    try:
        with _associated(address, _moving) as association:
            return _outcome(association.send_c_move(series.query, address.calling, MOVE))
    finally:
        if server is not None:
            server.shutdown()


def _outcome(answers: Iterable[tuple[Any, Any]]) -> str:
    code = None
    for status, _ in answers:
        code = status.get("Status") if status else None
    if code is None:
        return "the connection was lost"
    return "" if code == SUCCESS else f"status 0x{code:04X}"


def _store(event: Any, folder: Path, kept: Any) -> int:
    """Write an instance as it came, with its own file meta."""
    path = file_of(folder, str(event.request.AffectedSOPInstanceUID))
    beside = path.with_suffix(".part")
    try:
        beside.write_bytes(event.encoded_dataset())
        beside.replace(path)
    except OSError:
        return 0xA700
    kept(1)
    return SUCCESS


def _finding() -> dict[str, Any]:
    from pynetdicom import build_context

    return {"contexts": [build_context(FIND)]}


def _moving() -> dict[str, Any]:
    from pynetdicom import build_context

    return {"contexts": [build_context(MOVE)]}


def _getting(classes: Sequence[str]) -> dict[str, Any]:
    """Ask for each kind in each syntax apart: an archive answers a context in one syntax, and few can change theirs."""
    from pynetdicom import ALL_TRANSFER_SYNTAXES, StoragePresentationContexts, build_context, build_role

    pairs = [(kind, [syntax]) for kind in classes for syntax in ALL_TRANSFER_SYNTAXES]
    if not 0 < len(pairs) <= CONTEXTS:
        known = [str(context.abstract_syntax) for context in StoragePresentationContexts]
        pairs = [(kind, ALL_TRANSFER_SYNTAXES) for kind in (classes or known)[:CONTEXTS]]
    contexts = [build_context(GET), *(build_context(kind, syntaxes) for kind, syntaxes in pairs)]
    return {
        "contexts": contexts,
        "ext_neg": [build_role(kind, scp_role=True) for kind in dict.fromkeys(kind for kind, _ in pairs)],
    }


def _storing(forms: Sequence[tuple[str, str]]) -> dict[str, Any]:
    from pynetdicom import build_context

    return {"contexts": [build_context(kind, syntax) for kind, syntax in forms]}


def _every_syntax(contexts: Iterable[Any]) -> list[Any]:
    """Return contexts in every syntax: what is compressed comes as it is."""
    from pynetdicom import ALL_TRANSFER_SYNTAXES, build_context

    return [build_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES) for context in contexts]


@contextmanager
def _associated(address: Address, contexts: Callable[[], dict[str, Any]], handlers: Any = ()) -> Iterator[Association]:
    """Open an association with an archive, and close it.

    Raises
    ------
    UnreadableError
        When it cannot be opened.
    """
    from pynetdicom import AE

    ae = AE(ae_title=address.calling)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = ae.connection_timeout = SECONDS
    negotiated = contexts()
    association = ae.associate(
        address.host, address.port, ae_title=address.called, evt_handlers=list(handlers), **negotiated
    )
    if not association.is_established:
        raise UnreadableError(
            address.name,
            f"no association with {address.called!r} could be made: check host, port and both names "
            f"(ours is {address.calling!r}; calling= changes it)",
        )
    try:
        yield association
    finally:
        association.release()
