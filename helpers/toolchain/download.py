"""Fetches jars from Maven Central or a mirror: eight at a time, retried, checked by hash."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from pathlib import Path

import pooch
import requests
from jgo.constants import MAVEN_CENTRAL_URL
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential
from tqdm import tqdm

from helpers.core.errors import SetupError
from helpers.core.settings import settings
from helpers.toolchain.progress import on_terminal, step

_THREADS = 8
_TIMEOUT = 60  # seconds without a byte before a download counts as failed


def maven_base() -> str:
    """The address that jars are fetched from, without a slash at its end."""
    return (settings().maven_mirror or MAVEN_CENTRAL_URL).rstrip("/")


def fetch(wanted: list[tuple[str, str, Path]], progress: bool) -> None:
    """Have each (path in a Maven repository, sha256, file) as that file; what fits already is not fetched.

    progress: show a bar, or a line where there is no terminal. Raises SetupError naming the jar at fault.
    """
    pooch.get_logger().setLevel(logging.ERROR)
    base = maven_base()
    bar = progress and on_terminal()
    told = nullcontext() if bar or not progress else step(f"Fetching what is missing of {len(wanted)} jars")
    with (
        told,
        tqdm(total=len(wanted), desc="jars", unit="jar", disable=not bar) as shown,
        ThreadPoolExecutor(_THREADS) as pool,
    ):
        waiting = [pool.submit(_fetch, base, *one) for one in wanted]
        try:
            for done in as_completed(waiting):
                done.result()
                shown.update()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fetch(base: str, path: str, sha256: str, file: Path) -> None:
    try:
        _download(base, path, sha256, file)
    except requests.RequestException as error:
        raise SetupError(
            f"The jar {path} could not be fetched: {error}.",
            "Check the network (MAVEN_MIRROR names a mirror, REQUESTS_CA_BUNDLE a proxy's certificate), "
            "then run: make setup",
        ) from error
    except ValueError as error:
        raise SetupError(
            f"The jar {path} has another sha256 than locks/jars.txt says; it was not kept.",
            "If MAVEN_MIRROR is set, unset it; then run: make setup",
        ) from error
    except OSError as error:
        raise SetupError(
            f"The jar {path} could not be written to {file.parent}: {error}.",
            "Make room or set GRIDBRIDGE_CACHE to a folder you can write to, then run: make setup",
        ) from error


# A truncated download shows as a wrong hash (ValueError), so that is tried again too.
@retry(
    retry=retry_if_exception_type((requests.RequestException, ValueError)),
    stop=stop_after_attempt(3),
    wait=wait_exponential(multiplier=0.5, max=4),
    reraise=True,
)
def _download(base: str, path: str, sha256: str, file: Path) -> None:
    pooch.retrieve(
        f"{base}/{path}",
        known_hash=f"sha256:{sha256}",
        fname=file.name,
        path=file.parent,
        downloader=pooch.HTTPDownloader(timeout=_TIMEOUT),
    )
