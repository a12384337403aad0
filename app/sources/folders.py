"""What lies in the one folder whose files may be read: offered to whoever adds a source of files."""

from pathlib import Path

_MOST = 50


def offered(folder: Path) -> list[str]:
    """The folders and files in the folder, by name, as paths relative to it; empty if it is not there.

    Hidden ones are left out, and so is what lies deeper: a source reads a whole folder.
    """
    try:
        found = sorted(path.name for path in folder.iterdir() if not path.name.startswith((".", "~$")))
    except OSError:
        return []
    return found[:_MOST]
