"""From a template and its context to the HTML of a document, with every text cleaned on the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from django.template import Context, Engine

from liaison.words.text import clean_line, clean_text

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "documents"
_BEIJING = timezone(timedelta(hours=8))


def html_of(
    template_name: str, context: Mapping[str, object], *, title: str, author: str, created_at: datetime
) -> str:
    """Return the HTML of one document. Raises ValueError when ``created_at`` has no time zone."""
    if created_at.utcoffset() is None:
        raise ValueError("created_at must carry a time zone")
    head = {
        "title": clean_line(title),
        "author": clean_line(author),
        "created": created_at.astimezone(_BEIJING).isoformat(timespec="seconds"),
    }
    values = {name: cleaned(value) for name, value in context.items()}
    # Without localisation a year never prints as 2,026, whatever the settings say.
    page = Context({**values, "file": head}, use_l10n=False, use_tz=False)
    return str(_engine().get_template(template_name).render(page))


@cache
def _engine() -> Engine:
    """An engine of its own: only document templates, always escaping, no request in reach."""
    return Engine(
        dirs=[str(TEMPLATES)],
        autoescape=True,
        builtins=["liaison.documents.pdf.filters", "liaison.templatetags.joined"],
    )


def cleaned(value: object) -> object:
    """Return ``value`` with every text in it cleaned; dataclasses, mappings and sequences are walked."""
    if isinstance(value, str):
        return clean_text(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        texts = {field.name: cleaned(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **texts)
    if isinstance(value, Mapping):
        return {key: cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(cleaned(item) for item in value)
    return value
