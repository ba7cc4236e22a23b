"""Files written beside and moved into place, so that a folder never holds half an answer."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sufficiency.errors import Fault, InputError


@contextmanager
def written_together(folder: Path) -> Iterator[Path]:
    """A temporary folder beside ``folder``; its files replace those of the same name when the block ends well.

    Other files in ``folder`` stay. When a file cannot be replaced (on Windows: open in Excel), those already moved
    are put back and :class:`InputError` is raised: the folder is as it was.
    """
    with _beside(folder) as beside:
        yield beside
        new = sorted(path.relative_to(beside) for path in beside.rglob("*") if path.is_file())
        _move(beside, folder, new)


@contextmanager
def replaced_as_a_whole(folder: Path, owned: tuple[str, ...]) -> Iterator[Path]:
    """As :func:`written_together`, but what stood in the ``owned`` files and folders before goes away with it.

    Anything else that the user keeps in ``folder`` stays.
    """
    with _beside(folder) as beside:
        yield beside
        new = sorted(path.relative_to(beside) for path in beside.rglob("*") if path.is_file())
        old = [path.relative_to(folder) for name in owned for path in _files(folder / name)]
        _move(beside, folder, new, stale=[path for path in old if path not in set(new)])


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [inner for inner in sorted(path.rglob("*")) if inner.is_file()]


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    made: list[Path] = []
    try:
        made = _make(folder)
        beside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    except OSError as error:
        _unmake(made)
        raise _unwritable(folder, error) from None
    try:
        yield beside
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        _unmake(made)
        raise
    shutil.rmtree(beside, ignore_errors=True)


def _make(folder: Path) -> list[Path]:
    """Make the folder with its parents; the answer lists those that were not there, the deepest first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _unmake(folders: list[Path]) -> None:
    for path in folders:
        try:
            path.rmdir()
        except OSError:
            return


def _move(beside: Path, folder: Path, new: list[Path], stale: list[Path] | None = None) -> None:
    """Put the new files in place of the old; on any failure put the old ones back."""
    kept = beside / ".previous"
    done: list[Path] = []
    try:
        for path in [*new, *(stale or [])]:
            target = folder / path
            if target.exists():
                (kept / path).parent.mkdir(parents=True, exist_ok=True)
                os.replace(target, kept / path)
            done.append(path)
            if (beside / path).exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(beside / path, target)
    except OSError as error:
        for path in done:
            if (kept / path).exists():
                os.replace(kept / path, folder / path)
            else:
                (folder / path).unlink(missing_ok=True)
        raise _unwritable(folder / path, error) from None


def _unwritable(path: Path, error: OSError) -> InputError:
    fix = "Close the file if it is open in Excel or Word, or choose another folder with --out."
    return InputError([Fault("W01", str(path), "", (), f"cannot be written ({error.strerror})", fix)])
