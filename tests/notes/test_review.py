import re
from pathlib import Path

import pytest

pytest.importorskip("sosie.notes.identify")

from sosie.notes import review
from sosie.notes.review import Review
from sosie.notes.worker import Finding

TEXT = "M. Moreau <b>vu</b> à Nantes"
FOUND = (Finding(3, 9, "NOM", 0.95, "header", 3, 9), Finding(20, 26, "VILLE", 0.5, "ner", 22, 28))


def written(folder: Path, notes: int = 1) -> list[str]:
    with Review(folder / "review", "fr") as pages:
        for at in range(notes):
            pages.add(f"{at}.txt", TEXT, FOUND)
    return [path.read_text(encoding="utf-8") for path in sorted((folder / "review").iterdir())]


def test_what_was_replaced_is_highlighted_with_its_label_and_score(tmp_path: Path) -> None:
    page, _ = written(tmp_path)
    assert re.findall(r'data-label="(\w+)" data-score="([\d.]+)"[^>]*>([^<]+)<', page) == [
        ("NOM", "0.95", "Moreau"),
        ("VILLE", "0.5", "Nantes"),
    ]
    assert "&lt;b&gt;vu&lt;/b&gt;" in page


def test_each_label_has_a_filter(tmp_path: Path) -> None:
    page, _ = written(tmp_path)
    assert re.findall(r'<input type="checkbox" checked value="(\w+)">', page) == ["NOM", "VILLE"]
    assert page.count('type="range"') == 1


def test_nothing_comes_from_elsewhere(tmp_path: Path) -> None:
    for page in written(tmp_path):
        assert "default-src 'none'" in page
        assert not re.findall(r"""(?:src|href)=["']?(?:https?:|//)""", page)


def test_a_batch_is_a_page_and_the_contents_name_them_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "NOTES", 2)
    *pages, contents = written(tmp_path, 5)
    assert [page.count("<article>") for page in pages] == [2, 2, 1]
    assert re.findall(r'href="(\d+\.html)"', contents) == ["0001.html", "0002.html", "0003.html"]
