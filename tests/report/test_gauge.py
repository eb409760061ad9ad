import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from made_evidence import criterion

from sosie.evidence import CriterionId, Status
from sosie.report import gauge

FIGURES = st.floats(-1, 30)


@given(
    st.sampled_from(CriterionId), st.sampled_from(Status), FIGURES, st.none() | FIGURES | st.just(float("inf")), FIGURES
)
def test_everything_is_drawn_inside_the_picture(
    identity: CriterionId, status: Status, value: float, upper: float | None, threshold: float
) -> None:
    drawn = gauge.draw(
        criterion(identity, status, value=value, upper_95=upper, threshold=threshold), "<title>", "<0>", "<1>"
    )

    ElementTree.fromstring(drawn)
    places = [float(found) for found in re.findall(r' (?:x|cx)="([^"]+)"', drawn)]
    assert all(0 <= place <= gauge.WIDTH for place in places)


def test_a_bound_beyond_the_threshold_is_drawn_beyond_it() -> None:
    low, high = gauge.scale(criterion(CriterionId.MEMBERSHIP_AUC, value=0.53, upper_95=0.7, threshold=0.55))

    assert low == 0.5
    assert high > 0.7
