"""One secret, and what every modality derives from it: pseudonyms, date shifts, DICOM UIDs, surrogates, digests.

A patient's key and the institution's secret come in; values leave that are always the same for that patient, in every
file and every modality, and that nobody computes or undoes without the secret. Each use has its own key (HMAC-SHA256
with domain separation), so that no output of one helps against another. The secret lives in a key file (`keyfile`).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from sosie import keyfile, names, surrogates
from sosie.errors import ManifestError

SECRET_BYTES = 32
MAX_SHIFT = 365
"""Days; the shift is uniform in [-365, 365] without 0."""
WEEK = 7
NAMES = ("NAME", "FIRST_NAME", "PRACTITIONER")
"""Labels of what `names` replaces."""


@dataclass(frozen=True)
class Pseudonyms:
    """Everything that is derived from one secret.

    Parameters
    ----------
    secret : bytes
        At least 32 bytes, from the operating system's random source.
    language : str
        Of the names that stand for names which no list knows.
    weekdays : bool
        Whether a date stays on its day of the week: shifts are then multiples of seven days.
    """

    secret: bytes = field(repr=False)
    language: str = names.LANGUAGES[0]
    weekdays: bool = False
    _keys: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_BYTES:
            raise ManifestError(
                f"the secret of the pseudonyms must hold {SECRET_BYTES} bytes or more: generate a key file"
            )

    @classmethod
    def generate(cls) -> Pseudonyms:
        """Draw a new secret from the operating system."""
        return cls(secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> Pseudonyms:
        """Read a key file; ManifestError when the passphrase is wrong or the file was changed."""
        # The institution's key file holds the key of its signatures behind the secret.
        return cls(keyfile.read(path, passphrase)[:SECRET_BYTES])

    def save(self, path: Path, passphrase: str | None = None) -> None:
        """Write a new key file (mode 0600), encrypted when a passphrase is given; never over an existing one."""
        keyfile.write(path, self.secret, passphrase)

    def pseudonym(self, patient_key: str, kind: str = "patient") -> str:
        """Return 16 letters and digits (80 bits) that stand for a patient, or for another thing of some kind."""
        return base64.b32encode(self._derive("pseudonym", kind, patient_key)[:10]).decode()

    def number(self, patient_key: str, kind: str = "patient") -> int:
        """Return a pseudonym for columns of integers: 15 digits, which spreadsheets keep exactly."""
        drawn = int.from_bytes(self._derive("number", kind, patient_key)[:16])
        return 10**14 + drawn % (9 * 10**14)

    def date_shift(self, patient_key: str) -> timedelta:
        """Return the days by which all dates of a patient move."""
        unit = WEEK if self.weekdays else 1
        most = MAX_SHIFT // unit
        drawn = int.from_bytes(self._derive("date-shift", patient_key)[:8]) % (2 * most)
        return timedelta(days=unit * (drawn - most if drawn < most else drawn - most + 1))

    def uid(self, original: str) -> str:
        """Return the DICOM UID that replaces another (2.25 and a version 4 UUID, DICOM PS3.5 B.2)."""
        drawn = int.from_bytes(self._derive("uid", original)[:16])
        drawn = drawn & ~(0xF << 76) | (0x4 << 76)
        return f"2.25.{drawn & ~(0x3 << 62) | (0x2 << 62)}"

    def surrogate(
        self, patient_key: str, label: str, like: str, *, born: date | None = None, taken: Collection[str] = ()
    ) -> str:
        """Return a fictitious value of the shape of an identifier.

        The same value, however it is spaced or cased, of the same patient always gets the same surrogate.

        Parameters
        ----------
        patient_key, label, like : str
        born : date, optional
            Birth date of the patient, for a social security number.
        taken : collection of str
            Folded names that a name must not become.
        """
        if label == "UID":
            return self.uid(like)
        if label in NAMES:
            found = names.units(like, label)
            return names.written(like, found, lambda unit: self.name(patient_key, unit, taken))
        same = "".join(character for character in like.casefold() if character.isalnum())
        stream = self._stream("surrogate", label, patient_key, same)
        return surrogates.imitate(label, like, stream, self.date_shift(patient_key), born)

    def name(self, patient_key: str, unit: names.Unit, taken: Collection[str] = ()) -> str:
        """Return the name that replaces one unit of a name, whatever its case and its accents."""
        return names.double(
            unit, lambda kind, same: self._stream("name", kind, patient_key, same), self.language, taken
        )

    def stream(self, patient_key: str, use: str, like: str) -> Iterator[int]:
        """Return the secret bytes that belong to a use and a value of a patient."""
        return self._stream(use, patient_key, like)

    def hmac(self, data: bytes) -> str:
        """Return the keyed digest of some bytes, in hexadecimal."""
        return hmac.new(self._key("digest"), data, sha256).hexdigest()

    def hmac_file(self, path: Path) -> str:
        """Return the keyed digest of a file, equal to `hmac` of its content."""
        digest = hmac.new(self._key("digest"), digestmod=sha256)
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    def mark(self, identity: str) -> int:
        """Return 64 bits that recognise a patient in the ledger; uniform, so that the smallest are a fair sample."""
        return int.from_bytes(self._derive("mark", identity)[:8])

    def _key(self, domain: str) -> bytes:
        key = self._keys.get(domain)
        if key is None:
            key = self._keys[domain] = hmac.digest(self.secret, f"sosie/1/{domain}".encode(), "sha256")
        return key

    def _derive(self, domain: str, *fields: str) -> bytes:
        # Lengths go before the fields so that ("ab", "c") and ("a", "bc") differ.
        encoded = [text.encode("utf-8", "surrogatepass") for text in fields]
        message = b"".join(len(text).to_bytes(4) + text for text in encoded)
        return hmac.digest(self._key(domain), message, "sha256")

    def _stream(self, domain: str, *fields: str) -> Iterator[int]:
        seed, block = self._derive(domain, *fields), 0
        while True:
            yield from hmac.digest(seed, block.to_bytes(4), "sha256")
            block += 1
