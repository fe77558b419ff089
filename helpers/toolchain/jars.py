"""The jars of locks/jars.txt: one flat folder per set, complete and with the lock's hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from helpers.core.errors import SetupError
from helpers.core.settings import ROOT, settings
from helpers.toolchain.alone import alone

LOCK = ROOT / "locks" / "jars.txt"
_STAMP = "complete.json"


@dataclass(frozen=True)
class Jar:
    """One line of the lock: its set, its path in a Maven repository, its sha256."""

    set: str
    path: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name, which is unique within its set."""
        return PurePosixPath(self.path).name


def read_lock(lock: Path | None = None) -> list[Jar]:
    """The jars of a lock file (default: locks/jars.txt). Raises SetupError for a line that cannot be read."""
    lock = lock or LOCK
    jars: list[Jar] = []
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split()
        path = PurePosixPath(fields[1]) if len(fields) == 3 else PurePosixPath("/")
        if path.is_absolute() or ".." in path.parts or len(fields[-1]) != 64:
            raise SetupError(f"Line {number} of {lock.name} is not `set path sha256`.", f"git checkout -- {lock}")
        jars.append(Jar(*fields))
    return jars


def jars_folder(name: str) -> Path:
    """The folder of one set of jars ("kafka" or "spark"), there or not."""
    return settings().cache / "jars" / name


def ensure_jars(*sets: str, progress: bool = True) -> None:
    """Have every jar of the sets (none named = all) in its folder, with the hash of the lock.

    A folder with a fitting stamp costs a few file look-ups; anything else is checked by hash and fetched.
    Raises SetupError naming the jar that could not be fetched or has another hash than the lock's.
    """
    jars = read_lock()
    known = sorted({jar.set for jar in jars})
    if unknown := sorted(set(sets) - set(known)):
        raise SetupError(f"The lock has no set of jars {unknown[0]!r}; it has {', '.join(known)}.")
    wanted = list(sets or known)
    if all(complete(name, jars) for name in wanted):
        return
    # Costs 0.2 s to import, which a set-up that has nothing to fetch need not pay.
    from helpers.toolchain.download import fetch

    with alone("jars"):
        missing = [jar for jar in jars if jar.set in wanted and not complete(jar.set, jars)]
        fetch([(jar.path, jar.sha256, jars_folder(jar.set) / jar.name) for jar in missing], progress)
        for name in sorted({jar.set for jar in missing}):
            _stamp(name, [jar for jar in missing if jar.set == name])


def _lock_hash() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def complete(name: str, jars: list[Jar]) -> bool:
    """True if the set's folder was made from this lock and every jar has the size it had then."""
    folder = jars_folder(name)
    try:
        stamp = json.loads((folder / _STAMP).read_text(encoding="utf-8"))
        sizes = stamp["sizes"]
        return stamp["lock"] == _lock_hash() and all(
            (folder / jar.name).stat().st_size == sizes[jar.name] for jar in jars if jar.set == name
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _stamp(name: str, jars: list[Jar]) -> None:
    folder = jars_folder(name)
    wanted = {jar.name for jar in jars}
    for file in folder.iterdir():
        # The class path is the whole folder: an older version left behind would be loaded. Cut downloads go too.
        if file.name not in wanted:
            file.unlink()
    sizes = {jar.name: (folder / jar.name).stat().st_size for jar in jars}
    part = folder / f"{_STAMP}.part"
    part.write_text(json.dumps({"lock": _lock_hash(), "sizes": sizes}), encoding="utf-8")
    part.replace(folder / _STAMP)
