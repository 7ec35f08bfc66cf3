"""Processes of our own with limits: what a customer's file can do, it does there and not to us."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: What such a process inherits: where libraries, temporary files and a language are. Nothing else:
#: the caller's environment has tokens of providers and keys of the store.
_INHERITED = frozenset(
    {
        "DYLD_FALLBACK_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "OMP_NUM_THREADS",
        "PATH",
        "PYTHONHOME",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "TZ",
        "USERPROFILE",
        "WINDIR",
    }
)


def environment(own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of such a process, without anybody's secrets."""
    inherited = {name: value for name, value in os.environ.items() if name.upper() in _INHERITED}
    return {**inherited, **(own or {})}


def leave_out() -> None:
    """Keep pandera from loading what no process of ours asks of it, which takes a second.

    Where they are installed, it makes sample data with one and looks at the tables of the other.
    For a process that is ours alone: in a session somebody may want them.
    """
    for name in ("hypothesis", "dask.dataframe"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def start(serve: str, own: Mapping[str, str] | None = None, **more: Any) -> subprocess.Popen[Any]:
    """Start a process that runs `module:function` and speaks through its pipes.

    No fork and no `multiprocessing`: both would run a caller's script again, or are not everywhere.
    """
    module, function = serve.split(":")
    code = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
        "from portops.apart import leave_out; leave_out(); "
        f"from {module} import {function}; {function}()"
    )
    paths = [str(Path(place).resolve()) for place in sys.path if place]
    return subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(paths)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(own),
        # Ctrl+C in a terminal is for the program; this process ends with it.
        start_new_session=sys.platform != "win32",
        **more,
    )


def end(process: subprocess.Popen[Any]) -> None:
    """End a process, whatever it is doing."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue


def memory_of(process: subprocess.Popen[Any]) -> int:
    """Return how many bytes of memory a process has taken; 0 when it is gone."""
    # The process itself imports this module too, and should start quickly.
    import psutil

    try:
        resident: int = psutil.Process(process.pid).memory_info().rss
    except psutil.Error:
        return 0
    return resident


def limit_memory(most: int) -> None:
    """Have the system end this process when it takes more, where there is such a limit."""
    try:
        import resource
    except ImportError:
        return
    for limit, value in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CORE, 0)):
        try:
            hard = resource.getrlimit(limit)[1]
            within = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(limit, (within, hard))
        except (OSError, ValueError):
            continue
