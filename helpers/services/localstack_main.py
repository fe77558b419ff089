"""LocalStack's runtime with two things mended; runs in LocalStack's own environment: `python -P FILE FOLDER`.

FOLDER: where bodies above 512 KB are kept. LocalStack 4.9 has one folder in /tmp for all LocalStacks of a machine, so
that deleting a bucket in one breaks the bucket of that name in the others.

Listings: where a client asks for URL-encoded keys, as boto3 always does, LocalStack 4.9 compares encoded keys with an
unencoded token. A listing of keys with `=`, as in every partitioned table, then ends after the first 1,000.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

_TEXTS = ("Prefix", "Delimiter", "StartAfter", "Marker", "NextMarker", "KeyMarker", "NextKeyMarker")
_LISTS = {"Contents": "Key", "Versions": "Key", "DeleteMarkers": "Key", "CommonPrefixes": "Prefix"}


def encoded_last(listing: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The same listing of S3, but found by plain keys and URL-encoded only in its answer."""

    def mended(self: Any, context: Any, *, encoding_type: str | None = None, **request: Any) -> dict[str, Any]:
        answer = listing(self, context, **request)
        if encoding_type:
            answer["EncodingType"] = encoding_type
            for name in _TEXTS:
                if answer.get(name):
                    answer[name] = quote(answer[name])
            for name, field in _LISTS.items():
                for item in answer.get(name, ()):
                    item[field] = quote(item[field])
        return answer

    return mended


def main(folder: str) -> None:
    """Run until a signal ends it."""
    from localstack.runtime.main import main as run  # type: ignore[import-not-found]
    from localstack.services.s3 import provider  # type: ignore[import-not-found]

    provider.DEFAULT_S3_TMP_DIR = folder
    for name in ("list_objects", "list_objects_v2", "list_object_versions"):
        setattr(provider.S3Provider, name, encoded_last(getattr(provider.S3Provider, name)))
    run()


if __name__ == "__main__":
    main(sys.argv[1])
