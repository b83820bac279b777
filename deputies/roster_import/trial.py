"""Trying a roster out: written whole and taken back, so that the check says what the confirmation would."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from deputies.roster_import.preview import Preview, refused
from deputies.roster_import.write import job_of, write_preview
from liaison.auditing import trail
from liaison.tenancy.scope import Actor
from liaison.words.errors import Refused


def tried(*, actor: Actor, preview: Preview, now: datetime) -> Preview:
    """The same preview, or one with the refusal that writing it would meet: written and taken back.

    So the check refuses exactly what the confirmation refuses, whatever rule of whatever service it is.
    """
    if not preview.is_importable or not preview.has_changes:
        return preview
    try:
        with transaction.atomic():
            with trail.operation("import_roster"):
                write_preview(job_of(actor, preview.term, now), preview)
            _check_now()
            raise _TakenBack
    except _TakenBack:
        return preview
    except Refused as error:
        return refused(preview, error.message)


class _TakenBack(Exception):
    """Ends a trial, so that nothing of it stays."""


def _check_now() -> None:
    """Constraints that the database puts off to the end of the transaction are asked at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
