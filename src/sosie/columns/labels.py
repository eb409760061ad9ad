"""What each kind of identifier is to the person, and what its values must look like.

A column's name alone proves little: ``cp`` is a postcode in one hospital and chest pain in another. A label that the
name suggests is kept only if the column's values can be that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sosie.cohort import Role
from sosie.columns.profile import Profile
from sosie.columns.validators import named

Fit = Callable[[Profile], bool]


@dataclass(frozen=True)
class Label:
    """One kind of identifier.

    Parameters
    ----------
    role : Role
    fits : callable
        Whether a column's values can be of this kind.
    meaning : str
        What it is, for a sentence: "a postcode".
    weight : float
        Factor on the confidence, below 1 for what identifies weakly.
    """

    role: Role
    fits: Fit
    meaning: str
    weight: float = 1.0


def _always(profile: Profile) -> bool:
    return len(profile) > 0


def _identifier(profile: Profile) -> bool:
    """Numbers or words that are rarely shared by two patients (a few rows a patient are allowed for)."""
    if profile.form == "integer":
        return profile.spread > 0.2 and not profile.within(0, 120)
    return profile.form == "text" and profile.spread > 0.2 and profile.words < 4


def _record(profile: Profile) -> bool:
    # Small counts pass as record numbers in small tables only if they do not repeat.
    return _identifier(profile) or (profile.form == "integer" and len(profile) > 1 and profile.spread > 0.95)


def _person(profile: Profile) -> bool:
    many = profile.spread > 0.02 or profile.distinct > 50
    return profile.form == "text" and profile.alphabetic > 0.5 and profile.words < 6 and many


def _professional(profile: Profile) -> bool:
    # Few doctors see many patients; answers such as "oui" and "non" are neither capitalised nor many.
    named = profile.distinct >= 10 or (profile.distinct >= 3 and bool(profile.uniques.str.contains(r"^\p{Lu}").all()))
    return profile.form == "text" and profile.alphabetic > 0.5 and profile.words < 6 and named


def _place(profile: Profile) -> bool:
    return profile.form == "text" and profile.alphabetic > 0.5 and profile.words < 8


def _text(profile: Profile) -> bool:
    return profile.form == "text" and profile.distinct > 5


def _prose(profile: Profile) -> bool:
    return profile.form == "text" and profile.words > 1.5


def _few(most: int) -> Fit:
    return lambda profile: 0 < profile.distinct <= most


def _postcode(profile: Profile) -> bool:
    if profile.form == "integer":
        return profile.within(501, 99999) and profile.distinct > 2
    return profile.form == "text" and profile.digits > 0.7 and bool((profile.text.str.len_chars() <= 10).all())


def _phone(profile: Profile) -> bool:
    digits = profile.text.str.count_matches(r"\d")
    return profile.form in ("text", "integer") and bool((digits >= 6).sum() > 0.5 * len(profile))


def _day(profile: Profile) -> bool:
    return profile.form == "date" or _dated(profile)


def _dated(profile: Profile) -> bool:
    if profile.form not in ("text", "integer"):
        return False
    return any(validator.matches(profile.text).sum() > 0.5 * len(profile) for validator in named("DATE"))


def _code(profile: Profile) -> bool:
    return profile.form in ("text", "integer", "number") and profile.words <= 3


def _number(low: float, high: float) -> Fit:
    return lambda profile: profile.within(low, high) and profile.distinct > 2


def _grouped(low: float, high: float) -> Fit:
    return lambda profile: profile.within(low, high) or (profile.form == "text" and profile.distinct <= 120)


D, Q, S = Role.DIRECT, Role.QUASI, Role.SENSITIVE
LABELS: dict[str, Label] = {
    "NIR": Label(D, _identifier, "a French social security number"),
    "SSN": Label(D, _identifier, "a social security number"),
    "NHS": Label(D, _identifier, "an NHS number"),
    "IPP": Label(D, _record, "a patient, stay or record number"),
    "NAME": Label(D, _person, "a person's name"),
    "FIRST_NAME": Label(D, _person, "a first name"),
    "PRACTITIONER": Label(D, _professional, "a health professional's name"),
    "INITIALS": Label(D, lambda p: p.form == "text" and bool((p.text.str.len_chars() <= 6).all()), "initials"),
    "ADDRESS": Label(D, _text, "a postal address"),
    "PHONE": Label(D, _phone, "a telephone number"),
    "EMAIL": Label(D, lambda p: bool(p.text.str.contains("@").any()), "an e-mail address"),
    "RPPS": Label(D, _code, "a health professional's number"),
    "ADELI": Label(D, _code, "a health professional's number"),
    "IBAN": Label(D, _identifier, "a bank account number"),
    "ACCOUNT": Label(D, _identifier, "an account, insurance or document number"),
    "DEVICE": Label(D, _identifier, "the serial number of a device"),
    "URL": Label(D, _text, "a web address"),
    "IP": Label(D, lambda p: p.form == "text" and p.digits > 0.9, "a network address"),
    "MAC": Label(D, lambda p: p.form == "text" and p.digits > 0.7, "a hardware address"),
    "UUID": Label(D, _identifier, "a universal identifier"),
    "UID": Label(D, _identifier, "a DICOM or object identifier"),
    "RECORD_NUMBER": Label(D, _record, "a row number"),
    "IDENTIFIER": Label(D, _identifier, "an identifier of unknown kind"),
    "GEOLOCATION": Label(D, lambda p: p.form == "number" and p.within(-180, 180), "a position on the map"),
    "POSTCODE": Label(Q, _postcode, "a postcode"),
    "CITY": Label(Q, _place, "a town"),
    "REGION": Label(Q, _code, "a region"),
    "COUNTRY": Label(Q, _place, "a country"),
    "NATIONALITY": Label(Q, _place, "a nationality"),
    "FINESS": Label(Q, _code, "the number of a health facility"),
    "FACILITY": Label(Q, _code, "a health facility or unit", 0.8),
    "BIRTH_YEAR": Label(Q, lambda p: p.within(1850, 2100), "a year of birth"),
    "AGE": Label(Q, _grouped(0, 45000), "an age"),
    "SEX": Label(Q, _few(6), "a sex or gender"),
    "WEIGHT": Label(Q, _number(0.2, 400), "a body weight", 0.6),
    "HEIGHT": Label(Q, _number(0.2, 260), "a body height", 0.6),
    "OCCUPATION": Label(Q, _code, "an occupation"),
    "EDUCATION": Label(Q, _code, "an education level", 0.8),
    "MARITAL_STATUS": Label(Q, _few(20), "a marital status"),
    "CHILDREN": Label(Q, _few(40), "a number of children or births", 0.7),
    "ETHNICITY": Label(Q, _few(60), "an ethnic origin"),
    "LANGUAGE": Label(Q, _few(200), "a language"),
    "INCOME": Label(S, _always, "an income or insurance status", 0.8),
    "RELIGION": Label(S, _few(60), "a religion"),
    "SEXUAL_ORIENTATION": Label(S, _few(10), "a sexual orientation or practice"),
    "SUBSTANCE_USE": Label(S, _always, "the use of a substance", 0.8),
    "VITAL_STATUS": Label(S, _few(6), "whether the patient died", 0.8),
    "DIAGNOSIS_CODE": Label(S, _code, "a diagnosis"),
    "PROCEDURE_CODE": Label(S, _code, "a procedure"),
    "DRUG_CODE": Label(S, _code, "a drug"),
    "BIRTH_DATE": Label(Role.DATE, _day, "a date of birth"),
    "DEATH_DATE": Label(Role.DATE, _day, "a date of death"),
    "DATE": Label(Role.DATE, _day, "a date"),
    "FREE_TEXT": Label(Role.FREE_TEXT, _prose, "free text"),
}
