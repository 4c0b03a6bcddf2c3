"""Which files may an agent name?"""

import os
from dataclasses import dataclass
from pathlib import Path

from roi_xl.errors import FileProblem


@dataclass(frozen=True)
class Folder:
    """The folder below which an agent may read files, and write those that it asks for."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> "Folder":
        """A folder that exists, under its real name."""
        if not path.is_dir():
            raise FileProblem(f"{path} is not a folder")
        return cls(Path(os.path.realpath(path)))

    def file(self, name: str) -> Path:
        """A file to read."""
        path = self.inside(name)
        if not path.is_file():
            raise FileProblem(f"{name} is not a file in the folder")
        return path

    def target(self, name: str, overwrite: bool, *suffixes: str) -> Path:
        """A file to write, of one of some kinds; one that exists only where it is said so."""
        path = self.inside(name)
        if path.suffix.lower() not in suffixes:
            raise FileProblem(f"output must be {' or '.join(suffixes)}, got {name}")
        if not path.parent.is_dir():
            raise FileProblem(f"{name}: its folder does not exist")
        if path.exists() and not overwrite:
            raise FileProblem(f"{name} exists; overwrite=true replaces it")
        return path

    def inside(self, name: str) -> Path:
        """The place of a name below the folder; refused if it leads out of it, or through a link."""
        path = self.root / name
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):
            raise FileProblem(f"{name!r} is not a file name") from None
        is_straight = os.path.normcase(real) == os.path.normcase(path)
        if ".." in Path(name).parts or not is_straight or not path.is_relative_to(self.root) or path == self.root:
            raise FileProblem(f"{name!r} must be a file in the folder that roi-xl serves, without .. or links")
        return path

    def told(self, text: str) -> str:
        """Text in which files are named as an agent names them: below the folder."""
        return text.replace(f"{self.root}{os.sep}", "")
