"""From whatever a command raises to one message and an exit code; no traceback, no patient's value.

An error of ours speaks for itself. Of any other, only the kind and the place in our code are told: its message may
quote the data. ``SOSIE_DEBUG=1`` shows everything.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from sosie.console import Console
from sosie.errors import ManifestError, SosieError, UnreadableError

INTERNAL, INTERRUPTED = 1, 130
# Every usage error of typer derives from the base of this one, which it does not export.
_Usage = typer.BadParameter.__mro__[1]


def guarded(action: Callable[[], object], console: Console) -> int:
    """Run a command and return its exit code."""
    debug = bool(os.environ.get("SOSIE_DEBUG"))
    _end_as_interrupted()
    try:
        with warnings.catch_warnings():
            # Libraries quote the data in their warnings.
            if not debug:
                warnings.simplefilter("ignore")
            code = action()
            # typer turns an interruption into this code, without a word.
            if code == INTERRUPTED:
                raise KeyboardInterrupt
    except (KeyboardInterrupt, typer.Abort):
        return console.error(console.say("error.interrupted"), INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output left (`sosie inspect ... | head`); flushing it again would fail too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SosieError as error:
        return console.error(str(error), error.exit_code, **_place(error))
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _misused(error, console) if isinstance(error, _Usage) else _unforeseen(error, console)
    return code if isinstance(code, int) else 0


def _end_as_interrupted() -> None:
    """Let a request to end (SIGTERM) do as an interruption does, so that what was begun is tidied up."""
    # Only the main thread may set it, and somebody else's choice stands.
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _place(error: SosieError) -> dict[str, Any]:
    if not isinstance(error, UnreadableError):
        return {}
    return {"file": error.file, "column": error.column, "row": error.row}


def _misused(error: Any, console: Console) -> int:
    """Tell a usage error; without a message it was a call without arguments, and the help is already on the screen."""
    message = error.format_message()
    if not message:
        return ManifestError.exit_code
    hint = console.say("error.help", command=error.ctx.command_path if error.ctx else "sosie")
    return console.error(f"{message} {hint}", ManifestError.exit_code)


def _unforeseen(error: Exception, console: Console) -> int:
    if isinstance(error, OSError) and error.filename is not None:
        return console.error(console.say("error.system", reason=error.strerror, file=error.filename), INTERNAL)
    if isinstance(error, MemoryError):
        return console.error(console.say("error.memory"), INTERNAL)
    return console.error(console.say("error.internal", kind=type(error).__name__, place=_fault(error)), INTERNAL)


def _fault(error: Exception) -> str:
    """Return the deepest place in our own code, where the values of the data are not."""
    home = Path(__file__).parent
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(home)]
    if not ours:
        return "?"
    deepest = ours[-1]
    return f"sosie/{Path(deepest.filename).relative_to(home).as_posix()}, line {deepest.lineno} ({deepest.name})"
