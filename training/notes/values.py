"""Telephone numbers, addresses of mail and identifiers as hospitals write them, drawn at random for a language."""

from __future__ import annotations

import random
import unicodedata

MAILS = "orange.fr wanadoo.fr gmail.com free.fr laposte.net sfr.fr hotmail.com yahoo.fr outlook.com nhs.net icloud.com".split()


def plain(text: str) -> str:
    """Lower case letters of a name, as addresses of mail hold them."""
    text = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in text if sign.isascii() and (sign.isalnum() or sign == "-"))


def digits(rng: random.Random, count: int) -> str:
    """A number of so many digits."""
    return "".join(rng.choice("0123456789") for _ in range(count))


def phone(rng: random.Random, language: str) -> str:
    """A telephone number, or an extension."""
    if language == "en":
        a, b, c = digits(rng, 3), digits(rng, 3), digits(rng, 4)
        return rng.choice(
            (
                f"({a}) {b}-{c}",
                f"{a}-{b}-{c}",
                f"+1 {a} {b} {c}",
                f"{a}.{b}.{c}",
                f"0{a} {b} {c}",
                f"020 7{a} {c}",
                f"07{digits(rng, 3)} {digits(rng, 6)}",
                f"+44 20 7{a} {c}",
                f"+44 (0)1{a} {digits(rng, 6)}",
                f"ext. {c}",
                f"01{a} {digits(rng, 6)}",
                f"{a}{b}{c}",
                f"x{c}",
            )
        )
    pairs = [rng.choice("012345679"), *(digits(rng, 2) for _ in range(4))]
    luck = rng.random()
    sign = rng.choice((" ", " ", " ", ".", ".", "-", "", "  "))
    if luck < 0.62:
        number = f"0{pairs[0]}{sign}{sign.join(pairs[1:])}"
        return number + rng.choice(("",) * 12 + (f" / {digits(rng, 2)}", f"/{digits(rng, 2)}", f" ou {digits(rng, 2)}"))
    if luck < 0.82:
        return rng.choice(
            (
                f"+33 {pairs[0]}{sign}{sign.join(pairs[1:])}",
                f"+33(0){pairs[0]}{''.join(pairs[1:])}",
                f"+33 (0){pairs[0]} {' '.join(pairs[1:])}",
                f"0033 {pairs[0]} {' '.join(pairs[1:])}",
                f"+33{pairs[0]}{''.join(pairs[1:])}",
                f"(0{pairs[0]}) {' '.join(pairs[1:])}",
            )
        )
    if luck < 0.86:
        return f"{rng.choice(('+32', '+41', '+352', '+213', '+212', '+590', '+262'))} {digits(rng, 2)} {digits(rng, 3)} {digits(rng, 2)} {digits(rng, 2)}"
    if luck < 0.9:
        return f"0{pairs[0]}{digits(rng, 2)} {digits(rng, 3)} {digits(rng, 3)}"
    return rng.choice(
        (
            f"poste {digits(rng, 4)}",
            f"poste {digits(rng, 5)}",
            f"poste {digits(rng, 3)}",
            digits(rng, 5),
            f"DECT {digits(rng, 4)}",
            f"bip {digits(rng, 3)}",
        )
    )


def mail(rng: random.Random, first: str, last: str, hospital: str) -> str:
    """An address of mail of a person, at home or at work."""
    first, last = plain(first) or "a", plain(last) or "b"
    host = (
        rng.choice(MAILS)
        if rng.random() < 0.5
        else rng.choice(
            (
                f"chu-{plain(hospital)[:9]}.fr",
                f"ch-{plain(hospital)[:9]}.fr",
                f"{plain(hospital)[:8]}.mssante.fr",
                f"{plain(hospital)[:10]}.org",
                "medecin.mssante.fr",
                "aphp.fr",
                f"hopital-{plain(hospital)[:8]}.com",
            )
        )
    )
    user = rng.choice(
        (
            f"{first}.{last}",
            f"{first[0]}.{last}",
            f"{last}.{first[0]}",
            f"{last}{digits(rng, 2)}",
            f"{first}_{last}",
            f"{first[0]}{last}",
            f"secretariat.{last}",
            f"{last}.{first}",
            f"sec-{plain(hospital)[:6]}",
            f"{first}{digits(rng, 2)}",
            f"cs.{plain(hospital)[:6]}",
        )
    )
    return f"{user}@{host}"


def url(rng: random.Random, hospital: str) -> str:
    """An address of the web of a hospital."""
    name = plain(hospital)[:10]
    return rng.choice(
        (
            f"www.{name}.fr",
            f"https://www.chu-{name}.fr",
            f"http://hopital-{name}.fr/rdv",
            f"https://{name}.org/patient/{digits(rng, 6)}",
            f"www.ch-{name}.com",
            f"www.{name}.nhs.uk",
        )
    )


def national(rng: random.Random, language: str) -> str:
    """A number of social insurance."""
    if language == "en":
        letters = "".join(rng.choice("ABCEGHJKLMNPRSTWXYZ") for _ in range(2))
        nine = digits(rng, 10)
        return rng.choice(
            (
                f"{nine[:3]}-{nine[3:5]}-{nine[5:9]}",
                f"{nine[:3]} {nine[3:6]} {nine[6:]}",
                nine,
                f"{letters} {nine[:2]} {nine[2:4]} {nine[4:6]} C",
                f"{nine[:3]}-{nine[3:6]}-{nine[6:]}",
            )
        )
    parts = [
        rng.choice("12"),
        digits(rng, 2),
        f"{rng.randint(1, 12):02d}",
        rng.choice((f"{rng.randint(1, 95):02d}", "2A", "2B", "97", "99")),
        digits(rng, 3),
        digits(rng, 3),
        digits(rng, 2),
    ]
    luck = rng.random()
    if luck < 0.45:
        return "".join(parts[: 7 if rng.random() < 0.7 else 6])
    if luck < 0.75:
        return " ".join(parts[: 7 if rng.random() < 0.75 else 6])
    if luck < 0.85:
        return " ".join(parts[:6]) + rng.choice((" / ", "/", " - ", "-")) + parts[6]
    if luck < 0.93:
        return "".join(parts[:6]) + rng.choice((" ", "/", " / ")) + parts[6]
    return " ".join("".join(parts))


def number(rng: random.Random, kind: str) -> str:
    """A number of a patient, a stay, a practitioner, a place of care, a device ..."""
    letters = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(3))
    match kind:
        case "ipp":
            return rng.choice(
                (
                    digits(rng, 7),
                    digits(rng, 8),
                    digits(rng, 10),
                    digits(rng, 10),
                    f"{letters[0]}{digits(rng, 8)}",
                    f"{digits(rng, 3)} {digits(rng, 3)} {digits(rng, 4)}",
                    f"0{digits(rng, 9)}",
                    digits(rng, 11),
                    f"{letters[:2]}-{digits(rng, 6)}",
                    f"{digits(rng, 2)}.{digits(rng, 5)}",
                    f"8{digits(rng, 9)}",
                )
            )
        case "nda":
            return rng.choice(
                (
                    digits(rng, 9),
                    digits(rng, 8),
                    digits(rng, 10),
                    f"{digits(rng, 2)}{letters[0]}{letters[1]}{digits(rng, 5)}",
                    digits(rng, 7),
                    f"{digits(rng, 4)}-{digits(rng, 5)}",
                    f"{letters[0]}{digits(rng, 9)}",
                    f"75{digits(rng, 7)}",
                )
            )
        case "rpps":
            return rng.choice(
                (
                    f"10{digits(rng, 9)}",
                    f"10{digits(rng, 9)}",
                    f"1 0{digits(rng, 3)} {digits(rng, 3)} {digits(rng, 3)}",
                    digits(rng, 9),
                    f"{digits(rng, 2)} {digits(rng, 1)} {digits(rng, 5)} {digits(rng, 1)}",
                )
            )
        case "finess":
            return rng.choice(
                (
                    digits(rng, 9),
                    f"{digits(rng, 2)} {digits(rng, 7)}",
                    f"{digits(rng, 2)} {digits(rng, 3)} {digits(rng, 4)}",
                )
            )
        case "iban":
            return f"FR{digits(rng, 2)} " + " ".join(digits(rng, 4) for _ in range(5)) + f" {digits(rng, 3)}"
        case "plate":
            return f"{letters[:2]}-{digits(rng, 3)}-{letters[1:]}"
        case _:
            return rng.choice(
                (
                    f"SN {letters}{digits(rng, 7)}",
                    f"{letters}-{digits(rng, 6)}",
                    f"{digits(rng, 4)}{letters}{digits(rng, 4)}",
                    f"{letters}{digits(rng, 6)}",
                    f"{digits(rng, 2)}-{digits(rng, 6)}",
                    digits(rng, 12),
                )
            )


def acronym(rng: random.Random) -> str:
    """A short run of capitals, sometimes with digits, as markers, genes and grades have."""
    letters = "".join(rng.choice("ABCDEFGHIKLMNPRSTV") for _ in range(rng.choice((2, 2, 3, 3, 3, 4, 5))))
    return rng.choice(
        (
            letters,
            letters,
            f"{letters[:2]}{rng.randint(1, 200)}",
            f"{letters}-{letters[::-1][:2]}",
            f"{letters[0]}{rng.randint(1, 9)}{letters[1:2]}",
            f"{letters}/{letters[:2]}{rng.randint(1, 9)}",
        )
    )
