import base64
import builtins
import io
from pathlib import Path
from typing import Any

import pytest
from made_evidence import evidence, findings

from sosie.report.html import render
from sosie.report.pdf import write_pdf


def test_the_report_becomes_a_pdf(tmp_path: Path) -> None:
    small = evidence().model_copy(update={"utility": {}})

    written = write_pdf(render(small, findings()), tmp_path / "report.pdf")

    if not written:
        pytest.skip(written.reason)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


def test_a_picture_that_the_page_holds_is_in_the_pdf_and_no_other(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    drawn = io.BytesIO()
    image.new("L", (8, 8), 200).save(drawn, "JPEG")
    held = f"data:image/jpeg;base64,{base64.b64encode(drawn.getvalue()).decode()}"
    (tmp_path / "other.jpg").write_bytes(drawn.getvalue())

    shown = [write_pdf(f'<img src="{url}">', tmp_path / f"{at}.pdf") for at, url in enumerate((held, "file:other.jpg"))]

    if not all(shown):
        pytest.skip(shown[0].reason)
    assert [b"/Image" in (tmp_path / f"{at}.pdf").read_bytes() for at in (0, 1)] == [True, False]


@pytest.mark.parametrize(("problem", "word"), [(OSError("no pango"), "Pango"), (ImportError("none"), "WeasyPrint")])
def test_a_missing_library_is_a_reason_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception, word: str
) -> None:
    usual = builtins.__import__

    def missing(name: str, *rest: Any, **named: Any) -> Any:
        if name == "weasyprint":
            raise problem
        return usual(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", missing)

    written = write_pdf("<p>text</p>", tmp_path / "report.pdf")

    assert not written
    assert word in written.reason
    assert not list(tmp_path.iterdir())
