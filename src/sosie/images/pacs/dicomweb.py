"""An archive that speaks DICOMweb: QIDO-RS finds, WADO-RS fetches, STOW-RS takes (PS3.18, chapters 10.4 to 10.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sosie.engine import Event, Listener
from sosie.errors import UnreadableError
from sosie.images.pacs.address import Address
from sosie.images.pacs.staging import file_of
from sosie.stream import Problem

if TYPE_CHECKING:
    from dicomweb_client.api import DICOMwebClient

PAGE = 500
"""Answers that are asked for at once; servers cut longer ones."""
_STUDY, _SERIES, _INSTANCE = "0020000D", "0020000E", "00080018"
_FAILED = "FailedSOPSequence"


def fetch(address: Address, folder: Path, listener: Listener) -> Iterator[Problem]:
    """Fetch what is asked, one instance at a time; yield what could not be fetched."""
    client = _client(address)
    with _speaking(address):
        found = list(_instances(client, address))
    for number, (study, series, instance) in enumerate(found, 1):
        path = file_of(folder, instance)
        if not path.exists():
            try:
                dataset = client.retrieve_instance(study, series, instance, media_types=(("application/dicom", "*"),))
                _write(dataset, path)
            except (OSError, ValueError) as error:
                yield Problem(f"instance {number} of {len(found)}", f"could not be fetched ({_kind(error)})")
        listener(Event("fetch", number, len(found)))


def send(files: Iterable[Path], address: Address, listener: Listener) -> Iterator[Problem]:
    """Send files one by one; yield those that were not taken."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    client = _client(address)
    for number, path in enumerate(files, 1):
        try:
            dataset = dcmread(path)
        except (InvalidDicomError, OSError):
            continue
        try:
            answer = client.store_instances([dataset])
        except (OSError, ValueError) as error:
            if number == 1:
                raise UnreadableError(address.name, f"the archive takes nothing ({_kind(error)})") from None
            yield Problem(path.name, f"was not taken ({_kind(error)})")
            continue
        if answer.get(_FAILED):
            yield Problem(path.name, "was not taken by the archive")
        listener(Event("send", number))


def _instances(client: DICOMwebClient, address: Address) -> Iterator[tuple[str, str, str]]:
    """List the instances that match, a study and a page at a time."""
    # A lone star matches everything (PS3.4, C.2.2.2.4), and servers differ in how they want it escaped.
    filters = {key: value for key, value in address.filters.items() if value != "*"}
    series = filters.pop("SeriesInstanceUID", None)
    study = filters.get("StudyInstanceUID")
    studies = [study] if study and len(filters) == 1 else _pages(client.search_for_studies, _STUDY, filters)
    for one in studies:
        wanted = {} if series is None else {"SeriesInstanceUID": series}
        for number in _pages(client.search_for_series, _SERIES, wanted, study_instance_uid=one):
            places = {"study_instance_uid": one, "series_instance_uid": number}
            for instance in _pages(client.search_for_instances, _INSTANCE, {}, **places):
                yield one, number, instance


def _pages(search: Any, tag: str, filters: dict[str, str], **places: str) -> Iterator[str]:
    """Yield a UID of each answer, in order, page by page."""
    seen: set[str] = set()
    offset = 0
    while True:
        answers = search(**places, search_filters=filters, limit=PAGE, offset=offset)
        fresh = [uid for each in answers for uid in each.get(tag, {}).get("Value", ())[:1] if uid not in seen]
        yield from fresh
        seen.update(fresh)
        offset += len(answers)
        if len(answers) < PAGE or not fresh:
            return


def _client(address: Address) -> DICOMwebClient:
    from dicomweb_client.api import DICOMwebClient
    from dicomweb_client.session_utils import create_session, create_session_from_user_pass

    session = create_session_from_user_pass(address.user, address.password) if address.user else create_session()
    # A proxy of the environment would be an endpoint that the user did not name.
    session.trust_env = False
    headers = {"Authorization": f"Bearer {address.token}"} if address.token else None
    client = DICOMwebClient(address.url, session=session, headers=headers, permissive_uid=True, timeout=60)
    client.set_http_retry_params(retry=True, max_attempts=3, wait_exponential_multiplier=200)
    return client


def _write(dataset: Any, path: Path) -> None:
    beside = path.with_suffix(".part")
    dataset.save_as(beside)
    beside.replace(path)


@contextmanager
def _speaking(address: Address) -> Iterator[None]:
    """Turn what a connection can fail of into one message, without what was asked."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise UnreadableError(address.name, f"the archive does not answer as DICOMweb ({_kind(error)})") from None


def _kind(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"status {status}" if status else type(error).__name__
