"""The files of one source: which are read, which are understood, and why the others are not."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from connectors.errors import NeedsAdmin
from connectors.files.config import FilesConfig
from connectors.files.statements import Settings, Statement, open_statement
from connectors.files.survey import latest_day
from connectors.files.table_statement import TableStatement

_LEFTOVERS = ("~$", ".")
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp")


@dataclass
class Folder:
    """The files of one source, opened: those that are understood, and why the others are not."""

    statements: list[Statement] = field(default_factory=list)
    refused: dict[str, NeedsAdmin] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)

    def refusal(self) -> NeedsAdmin:
        """One error for all the files that cannot be read."""
        reasons = [str(error) for error in self.refused.values()]
        more = f" And {len(reasons) - 3} more files." if len(reasons) > 3 else ""
        return NeedsAdmin(" ".join(reasons[:3]) + more)


def open_folder(config: FilesConfig, today: date) -> Folder:
    """Open the file, or every file of the folder in the order of their names.

    Raises:
        NeedsAdmin: the path does not exist, cannot be read, or holds no file.
    """
    path = Path(config.path).expanduser()
    try:
        if path.is_dir():
            found = sorted((p for p in path.iterdir() if p.is_file()), key=lambda p: p.name)
        elif path.is_file():
            found = [path]
        else:
            raise NeedsAdmin(f"There is no file or folder {config.path}: correct `path`.")
    except OSError as error:
        raise NeedsAdmin(
            f"{config.path} cannot be read ({error.strerror}): correct `path` or its rights."
        ) from error
    folder = Folder()
    settings = Settings(config, latest_day(today))
    for file in found:
        if path.is_dir() and (file.name.startswith(_LEFTOVERS) or file.name.lower().endswith(_UNFINISHED)):
            folder.passed_over.append(file.name)
            continue
        try:
            folder.statements.append(open_statement(file, settings))
        except NeedsAdmin as error:
            folder.refused[file.name] = error
        except OSError as error:
            folder.refused[file.name] = NeedsAdmin(f"{file.name} cannot be read: {error.strerror}.")
    _complete(folder)
    if not folder.statements and not folder.refused:
        raise NeedsAdmin(f"There is no file in {config.path}: put statements into it, or correct `path`.")
    return folder


def _complete(folder: Folder) -> None:
    """Let files with the same headers answer what one of them leaves open; refuse what stays open."""
    tables = [s for s in folder.statements if isinstance(s, TableStatement)]
    for table in tables:
        if table.decisions.open:
            table.complete([t.decisions for t in tables if t is not table and t.signature == table.signature])
    for table in tables:
        try:
            table.require_understood()
        except NeedsAdmin as error:
            folder.statements.remove(table)
            folder.refused[table.name] = error
