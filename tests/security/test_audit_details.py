"""What may stand in the audit trail in clear: a table of columns, and every call that writes a note."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from assessments.models import ScoreLine, ScoreSheet
from constituents.models import Suggestion
from liaison.auditing import trail
from liaison.models import AuditEntry
from liaison.tenancy.audited_columns import NOTED, plain_columns
from liaison.tenancy.rls import scoped_model_classes
from liaison.tenancy.scope import acting, system_actor
from tests.factories import World
from tests.security.test_code import sources

# Numbers and words without a list of choices, each looked at: names of places and bodies, numbers of papers,
# counts that judge nobody. Days, states, yes and no, and the keys of rows need no line.
LOOKED_AT = {
    "liaison_account": {"username"},
    "liaison_calendaryear": {"year", "source", "revision"},
    "liaison_calendarday": {"name"},
    "liaison_storedfile": {"content_type", "size", "sha256"},
    "liaison_jurisdiction": {"name", "short_name", "official_code", "document_code", "organ_name"},
    "liaison_placechange": {"new_code"},
    "liaison_deadlinepolicy": {"code", "length"},
    "liaison_documentcounter": {"code", "year", "last_number"},
    "liaison_notification": {"dedupe_key"},
    "liaison_outboxmessage": {"attempts"},
    "deputies_congress": {"name"},
    "deputies_term": {"number", "seats"},
    "deputies_session": {"number"},
    "deputies_constituency": {"number", "name"},
    "deputies_electingunit": {"name"},
    "deputies_deputygroup": {"number", "name"},
    "deputies_rosterimport": {"new_count", "changed_count", "unchanged_count"},
    "stations_receptionday": {"visitor_count"},
    "stations_activitykind": {"code", "name", "due_per_year", "from_year", "norm_set"},
    "stations_station": {"name"},
    "stations_rotaplan": {"number", "seed", "seats", "minimum"},
    "stations_workplan": {"year"},
    "constituents_handlingunit": {"name"},
    "constituents_opinion": {"number"},
    "constituents_suggestion": {"number"},
    "assessments_scheme": {"code", "version", "name"},
    "assessments_assessment": {"year"},
    "assessments_scoresheet": {"version"},
    "assessments_scoreline": {"item_code"},
    "assessments_feedbacknotice": {"organ_code", "organ_year", "organ_number"},
    "assessments_noticereminder": {"stage"},
    "assessments_rectificationreport": {"submission"},
    "assessments_rectificationitem": {"sort"},
    "assessments_circular": {"organ_code", "organ_year", "organ_number"},
    "reports_exportrecord": {"kind", "row_count", "sha256"},
}


def looked_at(model: type[models.Model]) -> set[str]:
    plain = set(plain_columns(model))
    fields = [field for field in model._meta.local_fields if field.column in plain]
    free = (models.BooleanField, models.DateField, models.ForeignKey)
    return {field.column for field in fields if not isinstance(field, free) and not field.choices}


def test_the_trail_holds_only_columns_that_were_looked_at() -> None:
    found = {model._meta.db_table: looked_at(model) for model in apps.get_models()}
    assert {table: columns for table, columns in found.items() if columns} == LOOKED_AT


@pytest.mark.parametrize(
    ("model", "column"),
    [(ScoreSheet, "total"), (ScoreSheet, "grade"), (ScoreLine, "points"), (Suggestion, "title"),
     (Suggestion, "content"), (ScoreSheet, "no_such_column")],
)  # fmt: skip
def test_a_score_a_grade_or_a_title_declared_plain_is_refused_when_the_walls_are_raised(
    model: type[models.Model], column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "audit_plain", (column,))
    with pytest.raises(ImproperlyConfigured):
        plain_columns(model)


def test_the_triggers_of_the_database_hold_exactly_these_columns(db: None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger WHERE tgname = 'audit_update'"
        )
        told = {table: set(args.removesuffix("\\000").split(",")) - {""} for table, args in cursor.fetchall()}
    for model in scoped_model_classes():
        table = model._meta.db_table
        if table in told:
            assert told[table] == set(plain_columns(model)), table


def noted_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The keys of details in every call that writes a note."""
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name == "note_of":
            yield from ((call.lineno, word.arg or "**") for word in call.keywords)
    for node in ast.walk(tree):
        values = [node.value] if isinstance(node, ast.Assign) and _is_detail(node) else []
        values += (
            [word.value for word in node.keywords if word.arg == "detail"]
            if isinstance(node, ast.Call)
            else []
        )
        for value in values:
            for found in [each for each in ast.walk(value) if isinstance(each, ast.Dict)]:
                yield from ((found.lineno, key.value) for key in found.keys if isinstance(key, ast.Constant))


def _is_detail(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "detail" for target in node.targets)


def test_every_call_that_writes_a_note_tells_only_what_a_note_may_tell() -> None:
    found = {
        (name, line, str(key))
        for name, tree in sources()
        if "trail.note" in Path(name).read_text(encoding="utf-8")
        or "note_of" in Path(name).read_text(encoding="utf-8")
        for line, key in noted_in(tree)
    }
    assert {each for each in found if each[2] not in NOTED} == set()
    assert {"rows", "phones", "page", "status", "tried"} <= {key for _, _, key in found}


@pytest.mark.parametrize(
    "detail", [{"grade": "excellent"}, {"rows": 97.08}, {"page": "长" * 81}, {"rows": [1]}]
)
def test_a_note_that_would_tell_more_is_refused(world: World, detail: dict[str, object]) -> None:
    place = world["庄子乡"]
    with acting(system_actor()), pytest.raises(ValueError, match="may not tell"):
        trail.note("sign_in", scope_code=place.scope_code, table="t", row_id=1, detail=detail)


def test_marks_an_older_version_wrote_are_shown_by_their_name_alone() -> None:
    table = ScoreSheet._meta.db_table
    entry = AuditEntry(
        table_name=table, change="insert", detail='{"total": 97.08, "grade": "excellent", "version": 1}'
    )
    assert trail.shown_detail(entry) == '{"grade": null, "total": null, "version": 1}'
    note = AuditEntry(table_name="liaison_account", change="note", detail='{"account": "lili"}')
    assert trail.shown_detail(note) == '{"account": "lili"}'
