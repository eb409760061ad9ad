"""The address of an archive of images, and what is asked of it.

Two forms: ``dicomweb+https://host/dicom-web?StudyInstanceUID=1.2.3`` (QIDO-RS, WADO-RS, STOW-RS) and
``dicom://CALLED@host:104?StudyInstanceUID=1.2.3`` (C-FIND, C-GET or C-MOVE, C-STORE). What follows the question mark
selects studies or series, by keywords of DICOM.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from sosie.errors import ManifestError

WEB, DIMSE = ("dicomweb+http", "dicomweb+https"), "dicom"
TOKEN = "SOSIE_PACS_TOKEN"
"""Variable that holds the bearer token of a DICOMweb server."""
_OWN = ("calling", "move")
_FORMS = (
    "expected dicomweb+https://host/path?StudyInstanceUID=... or dicom://CALLED@host:port?StudyInstanceUID=...; "
    "what is selected goes by keywords of DICOM (PatientID, StudyDate, AccessionNumber, SeriesInstanceUID ...)"
)


@dataclass(frozen=True)
class Address:
    """An archive, and what is asked of it.

    Parameters
    ----------
    name : str
        For messages: neither who asks nor what is asked.
    web : bool
        Whether it speaks DICOMweb.
    url : str
        Root of the service, without credentials; empty for DIMSE.
    host, port
    called, calling : str
        Application entities, for DIMSE.
    move : int, optional
        Port on which instances come back by C-MOVE; without it they come by C-GET.
    filters : mapping of str to str
        Values by keyword.
    user, password, token : str
        Credentials of DICOMweb; empty where there are none.
    """

    name: str
    web: bool
    url: str = ""
    host: str = ""
    port: int = 104
    called: str = "ANY-SCP"
    calling: str = "SOSIE"
    move: int | None = None
    filters: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, text: str, *, selects: bool = True) -> Address:
        """Read an address.

        Parameters
        ----------
        text : str
        selects : bool
            Whether it must say what is asked; to send somewhere, nothing is.

        Raises
        ------
        ManifestError
        """
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            parts = make_url(text)
        except (ArgumentError, ValueError):
            raise ManifestError(f"the address of the archive cannot be read: {_FORMS}") from None
        scheme, host, port = parts.drivername.lower(), parts.host or "", parts.port
        if scheme not in (*WEB, DIMSE) or not host:
            raise ManifestError(f"the address of the archive cannot be read: {_FORMS}")
        asked = {key: value if isinstance(value, str) else "\\".join(value) for key, value in parts.query.items()}
        filters = {key: value for key, value in asked.items() if key not in _OWN}
        _known(filters, selects=selects)
        name = f"{scheme}://{host}" + (f":{port}" if port else "")
        if scheme == DIMSE:
            return cls(
                name,
                web=False,
                host=host,
                port=port or 104,
                called=parts.username or "ANY-SCP",
                calling=asked.get("calling", "SOSIE"),
                move=_port(asked.get("move")),
                filters=filters,
            )
        inner = (
            f"{scheme.partition('+')[2]}://{host}"
            + (f":{port}" if port else "")
            + f"/{parts.database or ''}".rstrip("/")
        )
        token = os.environ.get(TOKEN, "")
        user, password = parts.username or "", str(parts.password or "")
        return cls(name, web=True, url=inner, filters=filters, user=user, password=password, token=token)


def is_address(source: object) -> bool:
    """Tell the address of an archive of images from a path and from the address of a database."""
    return isinstance(source, str) and source.partition("://")[0].lower() in (*WEB, DIMSE) and "://" in source


def _known(filters: Mapping[str, str], *, selects: bool) -> None:
    from pydicom.datadict import tag_for_keyword

    wrong = sorted(key for key in filters if tag_for_keyword(key) is None)
    if wrong:
        raise ManifestError(f"{', '.join(wrong)}: no keyword of DICOM; {_FORMS}")
    if selects and not filters:
        raise ManifestError(f"the address selects nothing, and a whole archive is never fetched: {_FORMS}")


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ManifestError("move= names the port on which the archive sends instances back: expected 1 to 65535")
    return int(text)
