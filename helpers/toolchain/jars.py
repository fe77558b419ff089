"""Fetches the jars of locks/jars.txt, checks their hashes, and keeps one flat folder per set."""

from __future__ import annotations

import hashlib
import json
import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pooch
import requests
from jgo.constants import MAVEN_CENTRAL_URL
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential
from tqdm import tqdm

from helpers.core.errors import SetupError
from helpers.core.settings import ROOT, settings

LOCK = ROOT / "locks" / "jars.txt"
_STAMP = "complete.json"
_THREADS = 8
_TIMEOUT = 60  # seconds without a byte before a download counts as failed


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
    missing = [name for name in (sets or known) if not _complete(name, jars)]
    if not missing:
        return
    _fetch_all([jar for jar in jars if jar.set in missing], progress)
    for name in missing:
        _stamp(name, [jar for jar in jars if jar.set == name])


def _lock_hash() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def _complete(name: str, jars: list[Jar]) -> bool:
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
    for jar in folder.glob("*.jar"):
        # The class path is the whole folder: an older version left behind would be loaded.
        if jar.name not in wanted:
            jar.unlink(missing_ok=True)
    sizes = {jar.name: (folder / jar.name).stat().st_size for jar in jars}
    part = folder / f"{_STAMP}.part"
    part.write_text(json.dumps({"lock": _lock_hash(), "sizes": sizes}), encoding="utf-8")
    part.replace(folder / _STAMP)


def _fetch_all(jars: list[Jar], progress: bool) -> None:
    pooch.get_logger().setLevel(logging.ERROR)
    base = (settings().maven_mirror or MAVEN_CENTRAL_URL).rstrip("/")
    with (
        tqdm(total=len(jars), desc="jars", unit="jar", disable=not progress) as bar,
        ThreadPoolExecutor(_THREADS) as pool,
    ):
        waiting = [pool.submit(_fetch, jar, base) for jar in jars]
        try:
            for done in as_completed(waiting):
                done.result()
                bar.update()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fetch(jar: Jar, base: str) -> None:
    try:
        _download(jar, base)
    except requests.RequestException as error:
        raise SetupError(
            f"The jar {jar.path} could not be fetched: {error}.",
            "Check the network (MAVEN_MIRROR names a mirror, REQUESTS_CA_BUNDLE a proxy's certificate), "
            "then run: make setup",
        ) from error
    except ValueError as error:
        raise SetupError(
            f"The jar {jar.path} has another sha256 than locks/jars.txt says; it was not kept.",
            "If MAVEN_MIRROR is set, unset it; then run: make setup",
        ) from error
    except OSError as error:
        raise SetupError(
            f"The jar {jar.path} could not be written to {jars_folder(jar.set)}: {error}.",
            "Make room or set GRIDBRIDGE_CACHE to a folder you can write to, then run: make setup",
        ) from error


# A truncated download shows as a wrong hash (ValueError), so that is tried again too.
@retry(
    retry=retry_if_exception_type((requests.RequestException, ValueError)),
    stop=stop_after_attempt(3),
    wait=wait_exponential(multiplier=0.5, max=4),
    reraise=True,
)
def _download(jar: Jar, base: str) -> None:
    pooch.retrieve(
        f"{base}/{jar.path}",
        known_hash=f"sha256:{jar.sha256}",
        fname=jar.name,
        path=jars_folder(jar.set),
        downloader=pooch.HTTPDownloader(timeout=_TIMEOUT),
    )
