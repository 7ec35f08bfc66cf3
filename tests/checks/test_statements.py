"""Billing statements: there, of a kind that is taken, readable."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from PIL import Image
from tests.conftest import SAMPLES

from portops.checks.statements import inspect, kind_of, look_up
from portops.providers import limits_of

LIMITS = limits_of("twilio")


def _pdf(path: Path, password: str | None = None) -> Path:
    page = FPDF()
    page.add_page()
    page.set_font("helvetica", size=12)
    page.cell(text="Statement")
    if password:
        page.set_encryption(owner_password="owner", user_password=password)
    page.output(str(path))
    return path


def test_sound_statements_have_no_fault(tmp_path: Path) -> None:
    """PDF, PNG and JPEG are taken."""
    Image.new("RGB", (40, 40), "white").save(tmp_path / "a.png")
    Image.new("RGB", (40, 40), "white").save(tmp_path / "a.JPG", format="JPEG")
    for path in (_pdf(tmp_path / "a.pdf"), tmp_path / "a.png", tmp_path / "a.JPG"):
        assert inspect(path, LIMITS).fault is None


def test_every_sample_statement_is_sound() -> None:
    """The samples are what they say."""
    for path in (SAMPLES / "statements").iterdir():
        assert inspect(path, LIMITS).fault is None, path.name


def test_what_is_wrong_with_a_statement(tmp_path: Path) -> None:
    """Empty, cut off, locked, too large, another kind, another name."""
    sound = _pdf(tmp_path / "whole.pdf").read_bytes()
    Image.effect_noise((200, 200), 50).convert("RGB").save(tmp_path / "whole.jpg")
    picture = (tmp_path / "whole.jpg").read_bytes()
    cases = {
        "empty.pdf": (b"", "statement.unreadable"),
        "cut.pdf": (sound[: len(sound) // 2], "statement.unreadable"),
        "cut.jpg": (picture[: len(picture) // 2], "statement.unreadable"),
        "huge.pdf": (sound + b"\0" * 10 * 1024 * 1024, "statement.too_large"),
        "word.doc": (b"\xd0\xcf\x11\xe0 some document", "statement.type"),
        "really.png": (sound, "statement.type"),
        "text.pdf": (b"hello", "statement.type"),
    }
    for name, (content, fault) in cases.items():
        (tmp_path / name).write_bytes(content)
        assert inspect(tmp_path / name, LIMITS).fault == fault, name
    locked = inspect(_pdf(tmp_path / "locked.pdf", password="secret"), LIMITS)
    assert locked.fault == "statement.unreadable"
    assert "password" in locked.detail


def test_the_limit_is_exactly_ten_megabytes(tmp_path: Path) -> None:
    """10 MB is taken, one byte more is not."""
    path = tmp_path / "a.pdf"
    sound = _pdf(path).read_bytes()
    body, end = sound[:-6], sound[-6:]
    path.write_bytes(body + b"\n" * (LIMITS.document_bytes - len(sound)) + end)
    assert inspect(path, LIMITS).fault is None
    path.write_bytes(body + b"\n" * (LIMITS.document_bytes - len(sound) + 1) + end)
    assert inspect(path, LIMITS).fault == "statement.too_large"


def test_names_are_found_whatever_their_case_and_never_outside(tmp_path: Path) -> None:
    """A name that leads out of the folder is not found; a near name is suggested."""
    inside = tmp_path / "docs"
    (inside / "sub").mkdir(parents=True)
    _pdf(tmp_path / "outside.pdf")
    _pdf(inside / "Copper-Hill.pdf")
    _pdf(inside / "sub" / "deep.pdf")
    names = [
        "copper-hill.PDF",
        "../outside.pdf",
        "sub\\deep.pdf",
        "coper-hill.pdf",
        "C:\\Users\\me\\Copper-Hill.pdf",
    ]
    statements = look_up(names, inside, LIMITS)
    assert statements["copper-hill.PDF"].fault is None
    assert statements["../outside.pdf"].fault == "statement.not_found"
    assert statements["sub\\deep.pdf"].fault is None
    assert statements["coper-hill.pdf"].nearest == "Copper-Hill.pdf"
    assert statements["C:\\Users\\me\\Copper-Hill.pdf"].fault is None


@pytest.mark.parametrize(
    ("head", "kind"), [(b"junk %PDF-1.4", "pdf"), (b"II*\x00", "tiff"), (b"GIF89a", None)]
)
def test_kinds_are_told_by_content(head: bytes, kind: str | None) -> None:
    """The first bytes decide, not the name."""
    assert kind_of(head) == kind


def test_pdfium_reads_what_we_call_sound(tmp_path: Path) -> None:
    """The library that renders agrees."""
    pdf = pdfium.PdfDocument(_pdf(tmp_path / "a.pdf"))
    assert len(pdf) == 1
    pdf.close()
