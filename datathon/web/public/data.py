"""Downloads: the files a challenge lists and its sample submission, nothing else."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Response, request, send_file

from datathon.editions.rules import Challenge, DataFile
from datathon.kernel.errors import NotFound
from datathon.web.guards import NOWHERE, anyone, guarded, the_challenge
from datathon.web.public.door import blueprint

SAMPLE_TEXT = {"fr": "Exemple de dépôt valide", "en": "A valid submission, as an example"}
TYPES = {".csv": "text/csv", ".txt": "text/plain", ".md": "text/plain", ".json": "application/json"}


@blueprint.get("/e/<edition>/c/<challenge>/data/<path:name>")
@guarded(anyone)
def data(edition: str, challenge: str, name: str) -> Response:
    """Send a listed file as an attachment; its ETag is its SHA-256."""
    del edition, challenge
    wanted = the_challenge()
    found = next(((file, path) for file, path in downloads(wanted) if file.name == name), None)
    if found is None:
        raise NotFound(NOWHERE)
    file, path = found
    try:
        response = send_file(
            path,
            mimetype=TYPES.get(path.suffix.lower(), "application/octet-stream"),
            as_attachment=True,
            download_name=file.name,
            etag=False,
            conditional=False,
        )
    except OSError as error:
        raise NotFound("This file is no longer kept.") from error
    response.set_etag(file.sha256)
    response.make_conditional(request, accept_ranges=True, complete_length=file.size)
    return response


def downloads(challenge: Challenge) -> tuple[tuple[DataFile, Path], ...]:
    """Return each file that anybody may have, with its place: the listed ones, then the sample submission.

    A name is compared with this list and never joined to a folder, so that no spelling of it leads elsewhere.
    """
    listed = tuple((file, challenge.folder / "public" / file.name) for file in challenge.files)
    sample = sample_of(challenge)
    return listed if sample is None else (*listed, (sample, challenge.folder / sample.name))


def sample_of(challenge: Challenge) -> DataFile | None:
    """Return the sample submission with its size, rows and digest; None without one."""
    if challenge.sample is None:
        return None
    path = challenge.folder / challenge.sample
    try:
        size, digest, rows = _measured(path, path.stat().st_mtime_ns)
    except OSError:
        return None
    return DataFile(challenge.sample, size, digest, SAMPLE_TEXT, rows)


@lru_cache(maxsize=64)
def _measured(path: Path, _changed_ns: int) -> tuple[int, str, int]:
    """Return size, SHA-256 and data rows of a file; the time of its last change is part of the key."""
    content = path.read_bytes()
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return len(content), sha256(content).hexdigest(), max(0, lines - 1)
