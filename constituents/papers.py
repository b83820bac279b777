"""The register on paper and the ledger as a file; residents are masked on both (domain.md section 7)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from constituents.access import visible_opinions
from constituents.excerpts import masked_words
from constituents.models import Opinion
from liaison import audit
from liaison.document_forms import ReceptionRegister
from liaison.enums import Role
from liaison.errors import InvalidInput
from liaison.models import Jurisdiction
from liaison.scope import Actor
from liaison.sheets import write_xlsx
from liaison.text import clean_line, mask_name, mask_phone

EXPORTERS = (Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.COUNTY_COMMITTEE)
MOST_ROWS = 5000
COLUMNS = (
    "编号", "反映日期", "反映方式", "联络站点", "接待（反映）代表", "类别", "紧急程度", "群众",
    "联系电话", "内容", "去向", "承办单位", "交办日期", "办理期限", "状态", "办理结果", "答复日期",
    "群众评价", "办结日期",
)  # fmt: skip


def blank_register(actor: Actor) -> ReceptionRegister:
    """An empty sheet for the desk and the pen."""
    return ReceptionRegister(organ=organ_of(actor.lo) or actor.jurisdiction_name)


def organ_of(scope_code: int) -> str:
    """The congress organ of a jurisdiction, as papers name it."""
    place = Jurisdiction.objects.filter(scope_code=scope_code).order_by("scope_end").last()
    return place.organ_name or place.name if place else ""


def filled_register(row: Opinion) -> ReceptionRegister:
    """《接待选民登记表》 of one opinion, the resident masked; related rows fetched beforehand."""
    day = row.reception_day
    return ReceptionRegister(
        organ=organ_of(row.scope_code),
        station=row.station.name if row.station else "",
        register_no=row.number,
        received_on=row.received_on,
        hours=f"{day.starts_at:%H:%M}—{day.ends_at:%H:%M}" if day else "",
        place=row.station.address if row.station else "",
        deputies=(row.deputy.person.name,) if row.deputy else (),
        recorder=row.recorded_by.display_name if row.recorded_by else "",
        resident="匿名" if row.is_anonymous else mask_name(row.resident_name),
        phone=mask_phone(row.resident_phone),
        address=row.village.short_name if row.village else "",
        is_own_constituency=row.is_own_constituency,
        people=row.people_count,
        channel=row.get_contact_way_display(),
        category=row.get_category_display(),
        urgency=row.get_urgency_display(),
        content=masked_words(row.content),
        request=masked_words(row.wish),
        answer=row.on_spot_answer,
        proposal=row.proposal,
        route=row.get_route_display() if row.route else "",
        unit=row.unit.name if row.unit else "",
        assigned_on=row.assigned_on,
        due_on=row.due_on,
        result=row.reply,
        replied_on=row.replied_on,
        reply_method=row.get_feedback_way_display() if row.feedback_way else "",
        satisfaction=row.get_satisfaction_display() if row.satisfaction else "",
        is_public=row.is_public,
        is_confidential=row.is_confidential,
    )


def note_printing(actor: Actor, row: Opinion) -> None:
    """A printed sheet leaves the house: who printed which stands in the audit trail."""
    table = Opinion._meta.db_table
    audit.note("print_opinion", scope_code=row.scope_code, table=table, row_id=row.pk)


def exported_opinions(actor: Actor) -> QuerySet[Opinion]:
    rows = visible_opinions(actor).select_related("station", "deputy__person", "unit")
    return rows.order_by("received_on", "pk")


def export_opinions(*, actor: Actor, rows: QuerySet[Opinion], reason: str, now: datetime) -> bytes:
    """The ledger as .xlsx, residents masked; reason and number of rows go into the audit trail.

    ``InvalidInput`` without a reason or with more than 5000 rows.
    """
    actor.require(*EXPORTERS)
    why = clean_line(reason)
    if len(why) < 4:
        raise InvalidInput({"reason": "请写明导出理由，不少于4个字，如“报区人大常委会备案”。"})
    table = [_cells(row) for row in rows[: MOST_ROWS + 1]]
    if len(table) > MOST_ROWS:
        raise InvalidInput({"reason": f"一次最多导出{MOST_ROWS}件，请先按日期筛选。"})
    with audit.operation("export_opinions", reason=why[:200]):
        detail = {"rows": len(table)}
        name = Opinion._meta.db_table
        audit.note("export_opinions", scope_code=actor.lo, table=name, row_id=0, detail=detail)
    made_at = timezone.localtime(now)
    return write_xlsx(
        COLUMNS,
        table,
        title=f"{actor.jurisdiction_name}社情民意台账（{len(table)}件）",
        watermark=f"{actor.jurisdiction_name} {actor.display_name} {made_at:%Y-%m-%d %H:%M}导出",
    )


def _cells(row: Opinion) -> list[str]:
    return [
        row.number,
        _day(row.received_on),
        row.get_contact_way_display(),
        row.station.name if row.station else "",
        row.deputy.person.name if row.deputy else "",
        row.get_category_display(),
        row.get_urgency_display(),
        "匿名" if row.is_anonymous else mask_name(row.resident_name),
        mask_phone(row.resident_phone),
        masked_words(row.content),
        row.get_route_display() if row.route else "",
        row.unit.name if row.unit else "",
        _day(row.assigned_on),
        _day(row.due_on),
        row.get_state_display(),
        row.reply,
        _day(row.replied_on),
        row.get_satisfaction_display() if row.satisfaction else "",
        _day(row.closed_on),
    ]


def _day(value: object) -> str:
    return str(value) if value else ""
