"""Words about people leave their row masked; only the places named here read them, or a resident, in full.

The models wrap the words (`liaison.tenancy.masked_fields`), so a page, a list, a file or an interface cannot forget.
What could still go round it is banned: the door itself, the resident's sealed columns, columns taken apart in SQL,
templates, lists of serializers; and a new column of free text must say which kind it is.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from rest_framework import serializers

from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.masked_fields import MaskedCharField, MaskedTextField
from reports import api_serializers
from tests.security.test_code import FLOORS, ROOT, sources

IN_FULL = {
    "liaison/tenancy/masked_fields.py": "stores the whole",
    "liaison/words/masking.py": "the door itself",
    "liaison/web/edit_forms.py": "a keyed digest of the whole, which gives no word away",
    "constituents/documents/papers.py": "the register for signature, printed for a reason that is noted",
    "constituents/services/reveal.py": "shown with the resident for a reason that is noted",
}
RESIDENT = {
    "constituents/models/cases.py": "the masked name and number",
    "constituents/documents/papers.py": "the register for signature, printed for a reason that is noted",
    "constituents/services/intake.py": "takes what was typed",
    "constituents/services/reveal.py": "shown for a reason that is noted",
}
_SEALED = {"resident_name", "resident_phone", "resident_address"}
_MASKED = (MaskedCharField, MaskedTextField)
# Functions of the database that make a new column of an old one, which no field wraps.
_TAKING_APART = {
    "F", "Left", "Right", "Substr", "Concat", "Cast", "Coalesce", "Lower", "Upper", "Trim", "Replace", "Func",
    "StringAgg", "ArrayAgg", "Min", "Max", "OuterRef",
}  # fmt: skip


def words_in_full(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("in_full", "_whole"):
            yield f"{node.lineno}: .{node.attr}"
        if isinstance(node, ast.Name) and node.id == "in_full":
            yield f"{node.lineno}: in_full"


def residents(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in _SEALED:
            yield f"{node.lineno}: .{node.attr}"
        if isinstance(node, ast.Call) and _called(node) in ("values", "values_list", *_TAKING_APART):
            yield from (f"{node.lineno}: “{name}”" for name in _named(node) if name in _SEALED)


def taken_apart(tree: ast.Module) -> Iterator[str]:
    """A masked column inside an expression of the database."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in _TAKING_APART:
            yield from (
                f"{node.lineno}: {_called(node)}({name})" for name in _named(node) if name in masked_names()
            )


def searched(tree: ast.Module) -> Iterator[str]:
    """A masked column asked by a part of it: a hidden number could be guessed digit by digit."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            *_path, name, lookup = ["", *node.arg.split("__")]
            if name in masked_names() and re.fullmatch(
                r"i?(?:contains|startswith|endswith|regex)|search", lookup
            ):
                yield f"{node.value.lineno}: {node.arg}"


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _named(node: ast.Call) -> Iterator[str]:
    for each in node.args:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value.split("__")[-1]


@cache
def masked_names() -> frozenset[str]:
    return frozenset(field.name for _model, field in _columns() if isinstance(field, _MASKED))


def _columns() -> Iterator[tuple[str, models.Field]]:  # type: ignore[type-arg]
    for model in apps.get_models():
        if model._meta.app_label in FLOORS:
            for field in model._meta.local_concrete_fields:
                if isinstance(field, models.CharField | models.TextField):
                    yield model.__name__, field


def _found(rule: object) -> dict[str, list[str]]:
    found = {name: list(rule(tree)) for name, tree in sources()}  # type: ignore[operator]
    return {name: lines for name, lines in found.items() if lines}


class TestBans:
    def test_words_are_read_in_full_only_in_the_named_places(self) -> None:
        found = _found(words_in_full)
        assert {name: lines for name, lines in found.items() if name not in IN_FULL} == {}, (
            "show what the row shows"
        )
        assert set(IN_FULL) - set(found) == set(), "stale exemptions"

    def test_a_resident_is_read_only_in_the_named_places(self) -> None:
        found = _found(residents)
        assert {name: lines for name, lines in found.items() if name not in RESIDENT} == {}, (
            "show resident_name_masked and resident_phone_masked"
        )
        assert set(RESIDENT) - set(found) == set(), "stale exemptions"

    def test_no_masked_column_is_taken_apart_by_the_database(self) -> None:
        assert _found(taken_apart) == {}, "cut the words after they are read"

    def test_no_masked_column_is_searched_past_the_mask(self) -> None:
        assert _found(searched) == {}, "use rows_containing"

    def test_no_template_opens_the_door(self) -> None:
        found = {
            path.relative_to(ROOT).as_posix(): opened
            for path in sorted((ROOT / "templates").rglob("*"))
            if path.is_file() and (opened := opened_in(path.read_text(encoding="utf-8")))
        }
        assert found == {}


def opened_in(template: str) -> list[str]:
    return re.findall(r"\.(?:in_full|_whole|resident_(?:name|phone|address))\b", template)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (words_in_full, "row.content.in_full()"),
        (words_in_full, "in_full(row.reply)"),
        (words_in_full, "row.note._whole"),
        (residents, "print(row.resident_phone)"),
        (residents, "rows.values_list('resident_name')"),
        (residents, "rows.values('opinion__resident_address')"),
        (taken_apart, "rows.annotate(begin=Left('content', 24))"),
        (taken_apart, "rows.annotate(words=F('opinion__reply'))"),
        (searched, "rows.filter(content__icontains='138')"),
        (searched, "Q(opinion__wish__startswith=words)"),
        (taken_apart, "rows.annotate(words=functions.Concat('wish', 'reply'))"),
    ],
)
def test_each_ban_bites(rule: object, code: str) -> None:
    assert list(rule(ast.parse(code)))  # type: ignore[operator]


def test_the_ban_on_templates_bites() -> None:
    assert opened_in("{{ row.content.in_full }} {{ row.resident_phone }} {{ row.resident_phone_masked }}") == [
        ".in_full", ".resident_phone",
    ]  # fmt: skip


def test_writing_and_the_masked_names_are_no_reading() -> None:
    code = (
        "row.resident_name = ''; row.resident_name_masked; rows.filter(content='x'); rows.values('content')"
    )
    for rule in (words_in_full, residents, taken_apart, searched):
        assert list(rule(ast.parse(code))) == []


def _serializers() -> list[type[serializers.ModelSerializer]]:  # type: ignore[type-arg]
    found = [each for each in vars(api_serializers).values() if isinstance(each, type)]
    return [each for each in found if issubclass(each, serializers.ModelSerializer) and hasattr(each, "Meta")]


@pytest.mark.parametrize("serializer", _serializers(), ids=lambda each: each.__name__)
def test_an_interface_sends_no_sealed_column_and_reads_words_from_the_row(
    serializer: Any,
) -> None:
    model = serializer.Meta.model
    for field in serializer().fields.values():
        source = field.source.split(".")[0]
        column = next((each for each in model._meta.concrete_fields if each.name == source), None)
        assert not isinstance(column, EncryptedTextField), f"{serializer.__name__} sends {source}"
        if isinstance(column, _MASKED) and field.source == source:
            row = model(**{source: "打13812345678"})
            assert field.to_representation(field.get_attribute(row)) == "打138****5678"


@pytest.mark.parametrize("field", [each for _model, each in _columns() if isinstance(each, _MASKED)], ids=str)
def test_a_masked_column_is_masked_as_soon_as_it_is_set(field: models.Field) -> None:  # type: ignore[type-arg]
    row = field.model(**{field.name: "打138 1234 5678"})
    assert str(getattr(row, field.name)) == "打138****5678"
    assert field.get_prep_value(getattr(row, field.name)) == "打138 1234 5678"
    assert field.value_to_string(row) == "打138 1234 5678"
    setattr(row, field.name, f"请{getattr(row, field.name)}")
    assert field.get_prep_value(getattr(row, field.name)) == "请打138 1234 5678"


# Text columns that stay as they are, by the reason.
PLAIN: dict[str, set[str]] = {
    "made by the system: codes, keys, digests, derivations": {
        "AuditEntry.request_ref", "AuditEntry.operation", "AuditEntry.table_name", "AuditEntry.change",
        "AuditEntry.digest", "AuditEntry.prev_hash", "AuditEntry.hash", "AuditHead.hash", "StoredFile.path",
        "StoredFile.content_type", "StoredFile.sha256", "CountedTry.kind", "CountedTry.subject", "CountedTry.detail", "Authenticator.name", "RosterImport.file_sha256", "DocumentCounter.code", "Notification.link",
        "Notification.dedupe_key", "Job.kind", "Job.title", "Job.stage", "JobPart.content_type", "OutboxMessage.last_error", "Person.name_strokes", "Person.name_pinyin",
        "Person.name_search", "Person.phone_digest", "DeskRecord.idempotency_key", "DeskRecord.remark", "SubmittedKey.key", "SubmittedKey.digest", "SetUp.key_digest", "SetUp.visit_digest", "CalendarFeed.secret_digest",
        "ReceptionDay.day_text", "Activity.idempotency_key", "ActivityKind.code", "ActivityKind.fact_code",
        "ActivityKind.norm_set", "Station.public_code", "ReceptionRule.text", "Participation.idempotency_key",
        "LeaveRequest.idempotency_key", "UpperDeputy.name_strokes", "Opinion.due_text", "Opinion.number",
        "Opinion.query_code_digest", "Opinion.resident_phone_digest", "Opinion.idempotency_key", "Suggestion.due_text",
        "Suggestion.number", "RegisterScan.idempotency_key", "Scheme.code", "Assessment.due_text",
        "ExtraFact.fact_code", "ScoreSheet.grade", "ScoreSheet.grade_name", "ScoreSheet.content_hash",
        "ScoreLine.item_code", "ScoreLine.name", "ScoreLine.block", "ScoreLine.explanation",
        "ScoreLine.deduction_reason", "ScoreLine.cap_note", "FeedbackNotice.due_text", "FeedbackNotice.chain_head",
        "FeedbackNotice.organ_code", "NoticeReminder.stage", "ReminderTalk.due_text", "ReminderTalk.record_number",
        "Circular.organ_code", "ScoreObjection.due_text", "ExportRecord.kind", "ExportRecord.sha256",
    },
    "the account's own": {
        "Account.password", "Account.username", "Account.display_name", "Account.email", "AuditEntry.actor",
        "OutboxMessage.to_address",
    },
    "names of places, bodies, people in office and things": {
        "Appointment.title", "KeeperChange.title", "CalendarYear.source", "CalendarDay.name", "Jurisdiction.name",
        "Jurisdiction.short_name", "Jurisdiction.official_code", "Jurisdiction.document_code",
        "Jurisdiction.organ_name", "DeadlinePolicy.code", "DeadlinePolicy.name", "DeadlinePolicy.basis",
        "PlaceChange.new_name", "PlaceChange.new_code",
        "Congress.name", "Constituency.name", "ElectingUnit.name", "Person.name", "Person.ethnicity",
        "Mandate.concurrent_seat", "DeputyGroup.name", "Activity.place", "ActivityKind.name", "Station.name",
        "UpperDeputy.name", "HandlingUnit.name", "HandlingUnit.contact_person", "Scheme.name",
        "BallotTally.place", "FeedbackNotice.received_by", "ReminderTalk.place", "ReminderTalk.talked_by",
        "ReminderTalk.recorder",
    },
    "an office's own telephone and address, and where a case was passed on to": {
        "Station.address", "Station.phone", "Station.opening_hours", "Station.equipment", "Station.directions", "HandlingUnit.phone",
        "Opinion.hotline_number",
    },
    "official words of the office, published or to be published": {
        "ReceptionNotice.text", "ReceptionDay.theme", "ReceptionDay.notice_text", "Activity.call_off_reason",
        "WorkPlan.title", "WorkPlan.foreword", "WorkPlan.closing", "WorkPlan.meeting", "WorkPlan.return_reason",
        "WorkPlanItem.title", "WorkPlanItem.place", "WorkPlanItem.responsible", "WorkPlanItem.call_off_reason",
        "MandateChange.basis", "Assessment.meeting_name",
    },
    "the appraisal's own papers: about the deputy, read by the deputy and the organ": {
        "AssessmentStep.note", "ExtraFact.basis", "ScoreSheet.not_rated_note", "ScoreSheet.correction_reason",
        "NoticeStep.note", "RectificationReport.causes", "RectificationReport.summary",
        "RectificationReport.leader_opinion", "RectificationReport.review_note", "RectificationItem.problem",
        "RectificationItem.measure", "RectificationItem.progress", "ReminderTalk.reason", "ReminderTalk.content",
        "ReminderTalk.response", "ScoreObjection.reason", "ScoreObjection.ruling",
    },
    "masked when it is written: the hash of the entry covers what is read": {"AuditEntry.reason", "AuditEntry.detail"},
}  # fmt: skip


def test_every_text_column_says_whether_it_may_hold_a_number() -> None:
    """A new column of free text is masked, sealed, or stands here with its reason."""
    free = {
        f"{model}.{field.name}"
        for model, field in _columns()
        if not isinstance(field, (*_MASKED, EncryptedTextField)) and not field.choices
    }
    named = {name for names in PLAIN.values() for name in names}
    assert sorted(free - named) == []
    assert sorted(named - free) == [], "stale"
