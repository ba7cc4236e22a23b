"""Files as they come: from a folder, a folder of folders, or a zip of them; read once, never written beside."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sufficiency.errors import Fault, InputError

LARGEST_UNPACKED: Final = 1 << 30
"""Bytes that a zip may hold once unpacked; more is refused, as no authority's returns come near it."""

TABLE_ENDINGS: Final = (".csv", ".txt")
_OTHER_FORMS: Final = {
    ".xls": "the old Excel form cannot be read",
    ".xlsb": "the binary Excel form cannot be read",
}


@dataclass(frozen=True)
class SourceFile:
    """One file: its path as the user knows it (with / between folders) and its bytes."""

    name: str
    content: bytes = field(repr=False)

    @property
    def folder(self) -> str:
        """The folder part of the name, "" at the top."""
        return self.name.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """The file's own name without its ending."""
        return self.name.rpartition("/")[2].rpartition(".")[0]

    @property
    def ending(self) -> str:
        """The ending in small letters, with its dot."""
        return "." + self.name.rpartition(".")[2].lower()


def files_below(folder: Path, root: Path) -> tuple[list[SourceFile], list[Fault]]:
    """Every file below ``folder`` (zips opened), named from ``root``, in order of name; and those that will not open.

    ``folder`` may be a file itself.
    """
    inside = folder.rglob("*") if folder.is_dir() else [folder]
    paths = sorted(path for path in inside if path.is_file() and not _hidden(path, folder))
    files: list[SourceFile] = []
    faults: list[Fault] = []
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            files.append(SourceFile(name, path.read_bytes()))
        except OSError:
            faults.append(
                Fault("F01", name, "", (), "the file cannot be opened", "Close it, or ask for the right to it")
            )
    opened, more = _opened(files)
    return opened, [*faults, *more]


def _hidden(path: Path, folder: Path) -> bool:
    """Files of the system rather than of the user: dot files, and the locks that office programs leave."""
    parts = path.relative_to(folder).parts
    return any(part.startswith((".", "~$", "__MACOSX")) for part in parts)


def _opened(files: Iterable[SourceFile]) -> tuple[list[SourceFile], list[Fault]]:
    tables: list[SourceFile] = []
    faults: list[Fault] = []
    for file in files:
        if file.ending == ".zip":
            try:
                tables += _members(file)
            except InputError as error:
                faults += error.faults
        else:
            tables.append(file)
    return tables, faults


def _members(file: SourceFile) -> list[SourceFile]:
    """The files inside a zip, refused when it is broken, locked or unpacks to more than any return could be."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
            if any(info.filename.lower().endswith(".zip") for info in infos):
                raise _zip_fault(file, "holds another zip file")
            if sum(info.file_size for info in infos) > LARGEST_UNPACKED:
                says = "unpacks to more than 1 GiB; a council's returns are a few MB"
                raise _zip_fault(file, says, "Check that it is the right file")
            return [SourceFile(f"{file.name}/{info.filename}", archive.read(info)) for info in infos]
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, NotImplementedError, EOFError, ValueError):
        raise _zip_fault(file, "is broken or locked with a password") from None


def _zip_fault(file: SourceFile, why: str, fix: str = "Unpack it and give the folder") -> InputError:
    return InputError([Fault("F05", file.name, "", (), f"the zip file {why}", fix)])


def other_forms(files: Iterable[SourceFile]) -> Iterator[Fault]:
    """A fault for each file in a form that is known but not read."""
    for file in files:
        if file.ending in _OTHER_FORMS:
            yield Fault("F06", file.name, "", (), _OTHER_FORMS[file.ending], "Save it as .xlsx or CSV")


def sha256(content: bytes) -> str:
    """The fingerprint that manifests carry."""
    return hashlib.sha256(content).hexdigest()
