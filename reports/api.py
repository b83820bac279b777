"""The read-only interface ``/api/v1/``: the same walls as the pages, one serializer per kind of reader."""

from collections.abc import Callable

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_view

from assessments import access as assessments
from constituents import access as constituents
from deputies import access as deputies
from liaison.identity.roles import DEPUTIES, OFFICE, REGISTRARS, STATION_STAFF
from liaison.words.enums import Role
from reports import api_filters, api_serializers
from reports.api_parts import ReadViewSet, Rows, Serializer
from stations import access as stations


def described(what: str, tag: str, note: str = "") -> Callable[[type[ReadViewSet]], type[ReadViewSet]]:
    """The Chinese summaries of a list and of one record."""
    return extend_schema_view(
        list=extend_schema(summary=f"{what}列表", description=note, tags=[tag]),
        retrieve=extend_schema(summary=f"一条{what}", description=note, tags=[tag]),
    )


@described("代表", "代表", "电话隐去中间位；联络员看到的名册不含电话和出生年月。")
class DeputyViewSet(ReadViewSet):
    roles = STATION_STAFF | DEPUTIES
    door = deputies.visible_mandates
    getter = deputies.get_mandate
    joins = ("person", "term__congress", "constituency", "electing_unit")
    prefetches = ("memberships__group",)
    filterset_class = api_filters.DeputyFilters
    ordering_columns = {
        "list_number": "list_number",
        "strokes": "person__name_strokes",
        "pinyin": "person__name_pinyin",
        "elected_on": "elected_on",
    }
    default_ordering = ("scope_code", "term_id", "list_number")

    def get_serializer_class(self) -> Serializer:
        if self.actor.role == Role.STATION_CLERK:
            return api_serializers.RosterSerializer
        return api_serializers.DeputyRecordSerializer


@described("联络站点", "联络站点")
class StationViewSet(ReadViewSet):
    roles = STATION_STAFF | DEPUTIES | {Role.CITY_VIEWER}
    door = stations.visible_stations
    getter = stations.get_station
    joins = ("jurisdiction", "village", "group")
    filterset_class = api_filters.StationFilters
    serializer_class = api_serializers.StationSerializer
    ordering_columns = {"name": "name", "kind": "kind", "opened_on": "opened_on"}
    default_ordering = ("scope_code", "kind", "name")


@described("接待日", "联络站点", "值班代表只列出您可以查阅的。")
class ReceptionDayViewSet(ReadViewSet):
    roles = StationViewSet.roles
    door = stations.visible_reception_days
    getter = stations.get_reception_day
    joins = ("station",)
    filterset_class = api_filters.ReceptionDayFilters
    serializer_class = api_serializers.ReceptionDaySerializer
    ordering_columns = {"day": "day", "station": "station_id"}
    default_ordering = ("-day", "station_id")

    def get_queryset(self) -> Rows:
        parts = stations.visible_participations(self.actor).select_related("mandate__person")
        turns = parts.order_by("mandate__person__name_strokes", "pk")
        return super().get_queryset().prefetch_related(Prefetch("participations", turns, "visible_turns"))


@described("社情民意", "意见建议", "群众姓名和电话一律隐去；承办单位和县级只看事项。")
class OpinionViewSet(ReadViewSet):
    roles = STATION_STAFF | DEPUTIES | {Role.HANDLING_UNIT}
    door = constituents.visible_opinions
    getter = constituents.get_opinion
    joins = ("unit", "station", "village", "deputy__person")
    filterset_class = api_filters.OpinionFilters
    ordering_columns = {"received_on": "received_on", "due_on": "due_on", "number": "number"}
    default_ordering = ("-received_on",)

    def get_serializer_class(self) -> Serializer:
        if self.actor.role in (Role.HANDLING_UNIT, Role.COUNTY_COMMITTEE):
            return api_serializers.OpinionSerializer
        return api_serializers.OpinionIntakeSerializer


@described("代表建议", "意见建议")
class SuggestionViewSet(ReadViewSet):
    roles = REGISTRARS | DEPUTIES | {Role.HANDLING_UNIT}
    door = constituents.visible_suggestions
    getter = constituents.get_suggestion
    joins = ("unit", "session__term__congress", "term__congress")
    prefetches = ("signatories__mandate__person",)
    filterset_class = api_filters.SuggestionFilters
    ordering_columns = {"submitted_on": "submitted_on", "due_on": "due_on", "number": "number"}
    default_ordering = ("-submitted_on",)

    def get_serializer_class(self) -> Serializer:
        if self.actor.role in OFFICE:
            return api_serializers.SuggestionKeeperSerializer
        return api_serializers.SuggestionSerializer


@described("年度测评", "年度测评", "只有进程，没有任何代表的结果。")
class AssessmentViewSet(ReadViewSet):
    roles = REGISTRARS | DEPUTIES | {Role.CITY_VIEWER}
    door = assessments.visible_assessments
    getter = assessments.get_assessment
    filterset_class = api_filters.AssessmentFilters
    serializer_class = api_serializers.AssessmentSerializer
    ordering_columns = {"year": "year"}
    default_ordering = ("-year", "scope_code")


@described("得分单", "年度测评", "按姓名笔画排列，不按分数排列。")
class ScoreSheetViewSet(ReadViewSet):
    roles = REGISTRARS | DEPUTIES
    door = assessments.visible_sheets
    getter = assessments.get_sheet
    joins = ("assessment", "mandate__person")
    prefetches = ("lines",)
    filterset_class = api_filters.SheetFilters
    serializer_class = api_serializers.SheetSerializer
    ordering_columns = {"strokes": "mandate__person__name_strokes", "published_at": "published_at"}
    default_ordering = ("-assessment__year", "mandate__person__name_strokes", "-version")
