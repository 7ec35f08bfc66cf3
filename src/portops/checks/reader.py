"""Read the text of one statement at a time, in a process of its own: customers' files are hostile.

It is started by `checks.worker`, takes a line of JSON for each file and answers with another: what
is wrong with the file, the gist of its text, and whether that is read off a picture. Only what
reading needs is imported here, so that it starts quickly.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from PIL import Image, UnidentifiedImageError

from portops import apart
from portops.checks import ocr
from portops.checks.gist import as_json, gist_of

#: Pages and characters of a statement that are read; the first pages name number and account.
_PAGES, _CHARACTERS = 60, 600_000

#: Reading a page of pictures takes a second or two.
_SCANNED_PAGES = 4

#: Fewer letters and digits are no text that could be compared.
_LEAST_CHARACTERS = 20

Image.MAX_IMAGE_PIXELS = 120_000_000


def _pdf(path: Path) -> tuple[str | None, str]:
    """Return what is wrong with a PDF, and its text."""
    tail = path.read_bytes()[-2048:]
    if b"%%EOF" not in tail:
        return "the PDF is cut off", ""
    try:
        pdf = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).casefold()
        return ("the PDF is protected by a password" if locked else "the PDF is damaged"), ""
    texts = []
    try:
        if not len(pdf):
            return "the PDF has no page", ""
        for number in range(min(len(pdf), _PAGES)):
            page = pdf[number]
            layer = page.get_textpage()
            texts.append(layer.get_text_range())
            layer.close()
            page.close()
            if sum(map(len, texts)) > _CHARACTERS:
                break
    except pdfium.PdfiumError:
        return "the PDF is damaged", ""
    finally:
        pdf.close()
    return None, "\n".join(texts)[:_CHARACTERS]


def _image_fault(path: Path) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError):
        return "the image unpacks to more than can be read"
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return "the image is damaged or cut off"
    return None


def _scanned(path: Path, kind: str) -> str:
    """Read a picture, or the first pages of a PDF that is made of pictures."""
    if kind != "pdf":
        with Image.open(path) as picture:
            return ocr.read(picture)
    pdf, texts = pdfium.PdfDocument(path), []
    try:
        for number in range(min(len(pdf), _SCANNED_PAGES)):
            page = pdf[number]
            texts.append(ocr.read(page.render(scale=2).to_pil()))
            page.close()
    finally:
        pdf.close()
    return "\n".join(texts)


def read(path: Path, kind: str) -> tuple[str | None, str, bool]:
    """Return what is wrong with a statement, its text, and whether that is read off a picture."""
    fault, text = _pdf(path) if kind == "pdf" else (_image_fault(path), "")
    if fault is None and ocr.available() and sum(map(str.isalnum, text)) < _LEAST_CHARACTERS:
        return None, _scanned(path, kind), True
    return fault, text, False


def serve() -> None:
    """Answer line by line until nobody asks any more."""
    apart.limit_memory(ocr.MEMORY_OF_PICTURES if ocr.available() else ocr.MEMORY)
    # Libraries may print: the answers have a channel of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        question: dict[str, Any] = json.loads(line)
        try:
            fault, text, scanned = read(Path(question["path"]), question["kind"])
        except MemoryError:
            fault, text, scanned = "reading it takes too much memory", "", False
        except Exception as error:  # whatever a file makes a library raise is its fault
            fault, text, scanned = f"it cannot be read ({type(error).__name__})", "", False
        gist = None if fault else as_json(gist_of(text))
        print(json.dumps([fault, gist, scanned]), file=answers, flush=True)
