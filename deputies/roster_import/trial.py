"""Trying a roster out: written whole and taken back, so that the check says what the confirmation would."""

from __future__ import annotations

from datetime import datetime

from deputies.roster_import.preview import Preview, refused
from deputies.roster_import.write import job_of, write_preview
from liaison.auditing import trail
from liaison.tenancy.scope import Actor
from liaison.tenancy.trials import trial
from liaison.words.errors import Refused


def tried(*, actor: Actor, preview: Preview, now: datetime) -> Preview:
    """The same preview, or one with the refusal that writing it would meet: written and taken back.

    So the check refuses exactly what the confirmation refuses, whatever rule of whatever service it is.
    """
    if not preview.is_importable or not preview.has_changes:
        return preview
    try:
        with trial(), trail.operation("import_roster"):
            write_preview(job_of(actor, preview.term, now), preview)
    except Refused as error:
        return refused(preview, error.message)
    return preview
