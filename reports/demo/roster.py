"""Bringing an office's own roster file in, through the import the clerk uses."""

from datetime import datetime
from pathlib import Path

from deputies.models import Term
from deputies.roster_import.preview import Options
from deputies.roster_import.write import ImportResult, import_roster
from liaison.tenancy.scope import Actor


def bring_roster(*, actor: Actor, term: Term, path: Path, now: datetime) -> ImportResult:
    """Everybody of the file, with the constituencies and groups it names.

    Raises ``NotImportable`` while a row has an error or leaves a question.
    """
    options = Options(decisions={}, constituencies=True, groups=True)
    return import_roster(
        actor=actor, term_id=term.pk, data=path.read_bytes(), file_name=path.name, options=options, now=now
    )
