"""Read scanned statements, where the optional extra `ocr` is installed; offline, models included."""

from __future__ import annotations

import threading
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

#: Bytes of memory that the process which reads statements may take; reading pictures needs more.
MEMORY, MEMORY_OF_PICTURES = 1_500 * 1024**2, 4_000 * 1024**2

#: One engine is used by one thread at a time.
_LOCK = threading.Lock()


def available() -> bool:
    """Tell whether pictures can be read here: `pip install 'portops[ocr]'`."""
    return find_spec("rapidocr_onnxruntime") is not None


@cache
def _engine() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR()


def read(picture: Image.Image) -> str:
    """Return the text of a picture, a line each; empty where nothing can be read."""
    import numpy as np

    with _LOCK:
        lines, _ = _engine()(np.asarray(picture.convert("RGB")))
    return "\n".join(str(line[1]) for line in lines or [])
