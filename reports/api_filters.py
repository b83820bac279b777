"""What lists may be narrowed by; every value is checked before it reaches a query."""

from typing import Any

from django import forms
from django_filters import rest_framework as rest

from assessments.enums import AssessmentState, SheetState
from constituents.enums import OpinionCategory, OpinionState, SuggestionState, Urgency
from deputies.enums import MandateState
from liaison.tenancy.masked_fields import rows_containing
from stations.enums import PlaceKind, ReceptionDayState

_LARGEST = 2**63 - 1


class IdFilter(rest.NumberFilter):
    """A record number or a scope code; what no column can hold is refused, not asked for."""

    field_class = forms.IntegerField  # type: ignore[assignment]  # a record's number has no decimals

    def __init__(self, field_name: str, label: str, **kwargs: Any) -> None:
        super().__init__(field_name=field_name, label=label, min_value=0, max_value=_LARGEST, **kwargs)


class DayFilter(rest.DateFilter):
    def __init__(self, field_name: str, lookup_expr: str, label: str) -> None:
        super().__init__(field_name=field_name, lookup_expr=lookup_expr, label=label)


def _codes(kind: Any, label: str, field_name: str) -> rest.MultipleChoiceFilter:
    return rest.MultipleChoiceFilter(field_name=field_name, choices=kind.choices(), label=label)


class TextFilter(rest.CharFilter):
    """Looks for a piece of text; two characters at least, or the whole table would be read for nothing."""

    def __init__(self, field_name: str, label: str) -> None:
        super().__init__(
            field_name=field_name, lookup_expr="icontains", label=label, min_length=2, max_length=40
        )

    def filter(self, qs: Any, value: str | None) -> Any:
        return rows_containing(qs, value, str(self.field_name)) if value else qs


def _place() -> IdFilter:
    return IdFilter("scope_code", "管辖代码（县级查阅某一乡镇时用）")


class DeputyFilters(rest.FilterSet):
    state = _codes(MandateState, "代表资格", "state")
    term = IdFilter("term", "届")
    constituency = IdFilter("constituency", "选区")
    group = rest.NumberFilter(
        label="代表小组", method="in_group", field_name="group", min_value=0, max_value=_LARGEST
    )
    name = rest.CharFilter(field_name="person__name", lookup_expr="icontains", label="姓名", max_length=40)
    scope_code = _place()

    def in_group(self, rows: Any, name: str, value: Any) -> Any:
        """Members of today; an ended place in the group does not count."""
        return rows.filter(memberships__group_id=int(value), memberships__ends_on__isnull=True)


class StationFilters(rest.FilterSet):
    kind = _codes(PlaceKind, "类别", "kind")
    group = IdFilter("group", "负责小组")
    is_open = rest.BooleanFilter(
        field_name="closed_on", lookup_expr="isnull", label="是否启用中（true 或 false）"
    )
    name = TextFilter("name", "名称")
    scope_code = _place()


class ReceptionDayFilters(rest.FilterSet):
    state = _codes(ReceptionDayState, "状态", "state")
    station = IdFilter("station", "联络站点")
    day_from = DayFilter("day", "gte", "接待日期不早于")
    day_to = DayFilter("day", "lte", "接待日期不晚于")
    scope_code = _place()


class OpinionFilters(rest.FilterSet):
    state = _codes(OpinionState, "状态", "state")
    category = _codes(OpinionCategory, "类别", "category")
    urgency = _codes(Urgency, "紧急程度", "urgency")
    unit = IdFilter("unit", "承办单位")
    station = IdFilter("station", "联络站点")
    deputy = IdFilter("deputy", "接待（反映）代表")
    received_from = DayFilter("received_on", "gte", "反映日期不早于")
    received_to = DayFilter("received_on", "lte", "反映日期不晚于")
    due_to = DayFilter("due_on", "lte", "办理期限不晚于")
    is_closed = rest.BooleanFilter(
        field_name="closed_on", lookup_expr="isnull", exclude=True, label="是否办结（true 或 false）"
    )
    text = TextFilter("content", "内容包含")
    scope_code = _place()


class SuggestionFilters(rest.FilterSet):
    state = _codes(SuggestionState, "状态", "state")
    unit = IdFilter("unit", "主办单位")
    term = IdFilter("term", "届")
    session = IdFilter("session", "会议")
    submitted_from = DayFilter("submitted_on", "gte", "提出日期不早于")
    submitted_to = DayFilter("submitted_on", "lte", "提出日期不晚于")
    due_to = DayFilter("due_on", "lte", "办理期限不晚于")
    is_key = rest.BooleanFilter(field_name="is_key", label="是否重点督办（true 或 false）")
    text = TextFilter("title", "标题包含")
    scope_code = _place()


class AssessmentFilters(rest.FilterSet):
    state = _codes(AssessmentState, "阶段", "state")
    year = rest.NumberFilter(field_name="year", label="年度", min_value=2000, max_value=2200)
    term = IdFilter("term", "届")
    scope_code = _place()


class SheetFilters(rest.FilterSet):
    """No filter by points or grade: results are not for sorting people (domain.md 0.2)."""

    state = _codes(SheetState, "状态", "state")
    assessment = IdFilter("assessment", "年度测评")
    deputy = IdFilter("mandate", "代表")
    scope_code = _place()
