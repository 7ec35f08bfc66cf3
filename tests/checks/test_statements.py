"""Billing statements: there, of a kind that is taken, readable."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import psutil
import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from PIL import Image
from tests.conftest import SAMPLES

from portops.checks.gist import from_json
from portops.checks.statements import inspect, kind_of, look_up
from portops.checks.worker import Worker
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


def _raw_pdf(path: Path, *streams: tuple[str, bytes]) -> Path:
    """Write a PDF by hand: a page, its content (4) and further objects (from 5), each a stream."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources"
            b"<</XObject<</A 5 0 R>>>>>>"
        ),
    ]
    for head, content in streams:
        objects.append(
            f"<<{head}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"
        )
    body, starts = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, start=1):
        starts.append(len(body))
        body += f"{number} 0 obj".encode() + written + b"endobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    count = len(objects) + 1
    body += (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer<</Size {count}/Root 1 0 R>>\n"
        f"startxref\n{body.rfind(b'endobj') + 7}\n%%EOF"
    ).encode()
    path.write_bytes(body)
    return path


def _form(*names: int) -> str:
    inner = "".join(f"/{chr(60 + number)} {number} 0 R" for number in names)
    return f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<<{inner}>>>>"


def _hostile(folder: Path) -> dict[str, Path]:
    call = b"/A Do "
    # Each of thirty forms shows the next one ten times.
    nested = [
        (_form(number + 1), f"/{chr(61 + number)} Do ".encode() * 10) for number in range(5, 35)
    ]
    twice = zlib.compress(zlib.compress(b"q " * 150_000_000, 9), 9)
    huge = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 6, 0, 0, 0)
    chunk = struct.pack(">I", len(huge)) + b"IHDR" + huge
    picture = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", zlib.crc32(b"IHDR" + huge))
    (folder / "huge.png").write_bytes(picture + b"\0\0\0\0IEND\xae\x42\x60\x82")
    return {
        "itself": _raw_pdf(folder / "itself.pdf", ("", call * 2), (_form(5), call * 20)),
        "nested": _raw_pdf(folder / "nested.pdf", ("", call * 10), *nested),
        "twice": _raw_pdf(
            folder / "twice.pdf", ("/Filter[/FlateDecode/FlateDecode]", twice), (_form(5), b"")
        ),
        "picture": folder / "huge.png",
    }


def test_hostile_statements_take_neither_memory_nor_time(tmp_path: Path) -> None:
    """Each is read, or unreadable; the next file is read as if nothing had been."""
    sound = _pdf(tmp_path / "sound.pdf")
    worker = Worker(patience=3.0, memory=400 * 1024**2)
    try:
        for name, path in _hostile(tmp_path).items():
            assert path.stat().st_size < 2_000_000
            fault = worker.read(path, "png" if path.suffix == ".png" else "pdf").fault
            if name in {"picture", "nested"}:
                assert fault, name
            answer = worker.read(sound, "pdf")
            assert answer.gist is not None, name
            assert from_json(answer.gist).words == "statement", name
    finally:
        worker.close()
    assert psutil.Process().memory_info().rss < 2 * 1024**3


def test_a_reader_that_dies_is_a_fault_of_the_file(tmp_path: Path) -> None:
    """The process is started again for the next file."""
    worker = Worker()
    sound = _pdf(tmp_path / "sound.pdf")
    try:
        assert worker.read(sound, "pdf")[0] is None
        first = worker._process
        assert first is not None
        first.kill()
        first.wait()
        assert worker.read(sound, "pdf")[0] is None
        assert worker._process is not first
    finally:
        worker.close()


def test_the_reader_is_given_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens, keys and passwords of the caller's environment are not the reader's."""
    secrets = ("PORTOPS_SECRET_KEY", "PORTOPS_TWILIO_AUTH_TOKEN", "PGPASSWORD", "AWS_SESSION_TOKEN")
    for name in secrets:
        monkeypatch.setenv(name, "hush-hush")
    worker = Worker()
    try:
        assert worker.read(_pdf(tmp_path / "sound.pdf"), "pdf")[0] is None
        assert worker._process is not None
        inherited = psutil.Process(worker._process.pid).environ()
    finally:
        worker.close()
    assert "PATH" in inherited
    assert "hush-hush" not in inherited.values()
    assert not [name for name in inherited if name.startswith("PORTOPS_")]
