from marked import covers, found


def test_the_initials_of_who_dictated_and_who_typed_are_found() -> None:
    assert {"BCD", "lm"} <= set(found("Lannion, le 3 mai 2021\nRéf : BCD/lm"))


def test_initials_count_where_somebody_signs() -> None:
    assert covers("Compte rendu validé par : P.B.", "P.B.")
    assert found("Technicienne : S.V.\nHb 12,4 g/dL")["S.V."] == "INITIALS"


def test_initials_in_the_last_line_are_a_signature() -> None:
    assert found("Merci de le recevoir.\nBises\nJMD")["JMD"] == "INITIALS"


def test_abbreviations_of_the_wards_are_no_initials() -> None:
    assert not found("voie I.V. puis S.C., avis O.R.L. demandé, HTA")


def test_a_side_and_a_sex_are_no_initials() -> None:
    assert not found("Cathéter jugulaire G. Pansement refait. Score fait, sexe F - 12 kg")
