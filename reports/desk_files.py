"""The files of the desk that work without signal, and one version for all of them."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

# Modules: the last one imports the others, which are named so that they are fetched at once.
SCRIPTS = (
    "desk/store.js",
    "desk/photos.js",
    "desk/queue.js",
    "desk/view.js",
    "desk/state.js",
    "desk/lock.js",
    "desk/matter.js",
    "desk/list.js",
    "desk/reception.js",
    "desk/desk.js",
)
ASSETS = (
    "liaison/liaison.css",
    "liaison/shell.js",
    "liaison/drafts.js",
    "liaison/icons.svg",
    "liaison/favicon.svg",
    "liaison/chevron.svg",
    "desk/desk.css",
    *SCRIPTS,
)
WORKER = "desk/worker.js"


def _content(name: str) -> bytes:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found).read_bytes()


@lru_cache(maxsize=1)
def version() -> str:
    """Changes with any of the files and with the page itself, so that a phone takes all of them anew."""
    digest = hashlib.sha256()
    for name in (*ASSETS, WORKER):
        digest.update(name.encode() + _content(name))
    digest.update(_template("desk_shell.html") + _template("_desk.html"))
    return digest.hexdigest()[:16]


def _template(name: str) -> bytes:
    from django.template.loader import get_template

    return Path(get_template(f"reports/{name}").origin.name).read_bytes()  # type: ignore[attr-defined]


def asset_urls() -> list[str]:
    return [static(name) for name in ASSETS]


def worker_source() -> bytes:
    return _content(WORKER)
