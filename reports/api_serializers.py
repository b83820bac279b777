"""Columns, one serializer per kind of reader; nothing is sent that is not named here.

Residents' names and numbers are masked even for those who may reveal them on a page: an interface that is
read in bulk is no place for them. Addresses, accounts, query codes and file contents are never sent.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assessments.enums import AssessmentState, SheetState
from assessments.models import Assessment, ScoreLine, ScoreSheet
from constituents.access import Sight, sight_of
from constituents.enums import OpinionCategory, OpinionState, SubmissionTime, SuggestionState, Urgency
from constituents.models import Opinion, Suggestion, SuggestionSignatory
from deputies.enums import ElectionWay, GroupPost, MandateState, Sex
from deputies.models import GroupMembership, Mandate
from liaison.words.text import mask_phone
from reports.api_schema import CodeField
from stations.enums import DutyState, PlaceKind, ReceptionDayState
from stations.models import Participation, ReceptionDay, Station

_GONE = (DutyState.SWAPPED, DutyState.CANCELLED)


def _text(source: str, label: str, **kwargs: Any) -> serializers.CharField:
    return serializers.CharField(source=source, label=label, read_only=True, **kwargs)


def _name(source: str, label: str) -> serializers.CharField:
    """The name of a record that may be missing."""
    return serializers.CharField(source=source, label=label, read_only=True, default="")


class MembershipSerializer(serializers.ModelSerializer[GroupMembership]):
    post = CodeField(GroupPost, label="小组职务")
    name = _text("group.name", "小组名称")

    class Meta:
        model = GroupMembership
        fields = ("group_id", "name", "post")


class RosterSerializer(serializers.ModelSerializer[Mandate]):
    """The working list: for station clerks, without telephone and month of birth (`Sight.ROSTER`)."""

    name = _text("person.name", "姓名")
    sex = CodeField(Sex, source="person.sex", label="性别")
    occupation = _text("person.occupation", "工作单位及职务")
    term_name = _text("term", "届")
    constituency_name = _name("constituency.name", "选区")
    electing_unit_name = _name("electing_unit.name", "选举单位")
    state = CodeField(MandateState, label="代表资格")
    state_name = _text("get_state_display", "代表资格名称")
    election_way = CodeField(ElectionWay, label="当选方式")
    groups = serializers.SerializerMethodField(label="所在小组")

    class Meta:
        model = Mandate
        fields: tuple[str, ...] = (
            "id", "scope_code", "list_number", "name", "sex", "occupation", "term_id", "term_name",
            "constituency_id", "constituency_name", "electing_unit_name", "election_way", "elected_on",
            "ended_on", "state", "state_name", "concurrent_seat", "groups",
        )  # fmt: skip

    @extend_schema_field(MembershipSerializer(many=True))
    def get_groups(self, mandate: Mandate) -> Any:
        # Ended places are left out here and not by a query of their own: they are few, the join is one.
        places = [place for place in mandate.memberships.all() if place.ends_on is None]
        return MembershipSerializer(places, many=True).data


class DeputyRecordSerializer(RosterSerializer):
    """The whole record of those who keep it, and one's own; the telephone is masked."""

    ethnicity = _text("person.ethnicity", "民族")
    born_on = serializers.DateField(source="person.born_on", label="出生年月", read_only=True)
    political_status = _text("person.get_political_status_display", "政治面貌")
    education = _text("person.get_education_display", "文化程度")
    phone_masked = serializers.SerializerMethodField(label="联系电话（隐去中间位）")

    class Meta(RosterSerializer.Meta):
        fields = (
            *RosterSerializer.Meta.fields, "ethnicity", "born_on", "political_status", "education",
            "phone_masked", "fixed_contact_target",
        )  # fmt: skip

    def get_phone_masked(self, mandate: Mandate) -> str:
        return mask_phone(mandate.person.phone or "")


class StationSerializer(serializers.ModelSerializer[Station]):
    """Stations are public knowledge; the telephone is the one on the door."""

    kind = CodeField(PlaceKind, label="类别")
    kind_name = _text("get_kind_display", "类别名称")
    jurisdiction_name = _text("jurisdiction.name", "所属乡镇（街道）")
    village_name = _name("village.name", "所在村（社区）")
    group_name = _name("group.name", "负责小组")

    class Meta:
        model = Station
        fields = (
            "id", "scope_code", "kind", "kind_name", "name", "jurisdiction_name", "village_name", "address",
            "phone", "opening_hours", "group_id", "group_name", "opened_on", "closed_on",
        )  # fmt: skip


class TurnSerializer(serializers.ModelSerializer[Participation]):
    outcome = CodeField(DutyState, label="参加情况")
    name = _text("mandate.full_name", "代表")

    class Meta:
        model = Participation
        fields = ("mandate_id", "name", "outcome")


class ReceptionDaySerializer(serializers.ModelSerializer[ReceptionDay]):
    """``turns`` are the ones the reader may see: a deputy finds the own one."""

    station_name = _text("station.name", "联络站点")
    state = CodeField(ReceptionDayState, label="状态")
    state_name = _text("get_state_display", "状态名称")
    turns = serializers.SerializerMethodField(label="值班代表")

    class Meta:
        model = ReceptionDay
        fields = (
            "id", "scope_code", "station_id", "station_name", "day", "nominal_day", "day_is_provisional",
            "starts_at", "ends_at", "theme", "state", "state_name", "visitor_count", "turns",
        )  # fmt: skip

    @extend_schema_field(TurnSerializer(many=True))
    def get_turns(self, day: ReceptionDay) -> Any:
        visible = getattr(day, "visible_turns", [])
        return TurnSerializer([turn for turn in visible if turn.outcome not in _GONE], many=True).data


class OpinionSerializer(serializers.ModelSerializer[Opinion]):
    """The matter without the resident: for the handling unit and for the county."""

    category = CodeField(OpinionCategory, label="类别")
    category_name = _text("get_category_display", "类别名称")
    urgency = CodeField(Urgency, label="紧急程度")
    state = CodeField(OpinionState, label="状态")
    state_name = _text("get_state_display", "状态名称")
    route_name = _text("get_route_display", "去向")
    satisfaction_name = _text("get_satisfaction_display", "满意度")
    unit_name = _name("unit.name", "承办单位")
    station_name = _name("station.name", "联络站点")
    village_name = _name("village.name", "所在村（社区）")

    class Meta:
        model = Opinion
        fields: tuple[str, ...] = (
            "id", "scope_code", "number", "received_on", "station_id", "station_name", "village_name",
            "people_count", "category", "category_name", "urgency", "content", "wish", "route_name",
            "unit_id", "unit_name", "assigned_on", "due_on", "due_is_provisional", "reply", "replied_on",
            "satisfaction_name", "state", "state_name", "closed_on",
        )  # fmt: skip


class OpinionIntakeSerializer(OpinionSerializer):
    """For those who took the matter in: the resident masked, and how the matter was sorted."""

    deputy_name = _name("deputy.full_name", "接待（反映）代表")
    resident_name_masked = serializers.SerializerMethodField(label="群众姓名（隐去名字）")
    resident_phone_masked = serializers.SerializerMethodField(label="联系电话（隐去中间位）")

    class Meta(OpinionSerializer.Meta):
        fields = (
            *OpinionSerializer.Meta.fields, "deputy_id", "deputy_name", "is_anonymous", "is_confidential",
            "is_own_constituency", "resident_name_masked", "resident_phone_masked", "on_spot_answer",
            "proposal", "told_where", "hotline_number",
        )  # fmt: skip

    def get_resident_name_masked(self, opinion: Opinion) -> str:
        return opinion.resident_name_masked if self._may_see(opinion) else ""

    def get_resident_phone_masked(self, opinion: Opinion) -> str:
        return opinion.resident_phone_masked if self._may_see(opinion) else ""

    def _may_see(self, opinion: Opinion) -> bool:
        return sight_of(self.context["view"].actor, opinion) >= Sight.MASKED


class SignatorySerializer(serializers.ModelSerializer[SuggestionSignatory]):
    name = _text("mandate.full_name", "代表")

    class Meta:
        model = SuggestionSignatory
        fields = ("mandate_id", "name", "is_lead")


class SuggestionSerializer(serializers.ModelSerializer[Suggestion]):
    term_name = _text("term", "届")
    session_name = _name("session", "会议")
    submission_time = CodeField(SubmissionTime, label="提出时间")
    state = CodeField(SuggestionState, label="状态")
    state_name = _text("get_state_display", "状态名称")
    unit_name = _name("unit.name", "主办单位")
    reply_class_name = _text("get_reply_class_display", "答复类别")
    satisfaction_name = _text("get_satisfaction_display", "代表评价")
    signatories = SignatorySerializer(many=True, read_only=True, label="署名代表")

    class Meta:
        model = Suggestion
        fields: tuple[str, ...] = (
            "id", "scope_code", "number", "title", "content", "term_id", "term_name", "session_id",
            "session_name", "submission_time", "submitted_on", "signatories", "unit_id", "unit_name",
            "assigned_on", "due_on", "due_is_provisional", "reply_class_name", "reply", "replied_on",
            "satisfaction_name", "is_key", "state", "state_name", "closed_on",
        )  # fmt: skip


class SuggestionKeeperSerializer(SuggestionSerializer):
    """The presidium's own marks beside it."""

    class Meta(SuggestionSerializer.Meta):
        fields = (*SuggestionSerializer.Meta.fields, "quality_points", "opinion_id")


class AssessmentSerializer(serializers.ModelSerializer[Assessment]):
    """The cycle: which year, which step; no result of anybody."""

    jurisdiction_name = _text("jurisdiction.name", "行政区域")
    term_name = _text("term", "届")
    scheme_name = _text("scheme", "测评办法")
    state = CodeField(AssessmentState, label="阶段")
    state_name = _text("get_state_display", "阶段名称")

    class Meta:
        model = Assessment
        fields = (
            "id", "scope_code", "jurisdiction_name", "term_id", "term_name", "year", "scheme_id",
            "scheme_name", "period_starts_on", "period_ends_on", "state", "state_name", "meeting_name",
            "approved_on", "published_at", "due_on",
        )  # fmt: skip


class LineSerializer(serializers.ModelSerializer[ScoreLine]):
    section_name = _text("get_section_display", "计分方式")

    class Meta:
        model = ScoreLine
        fields = (
            "sort", "item_code", "name", "block", "section_name", "full_points", "points", "explanation",
            "deduction_reason", "cap_note", "is_applicable", "is_pending",
        )  # fmt: skip


class SheetSerializer(serializers.ModelSerializer[ScoreSheet]):
    """One result with its lines; points are strings, as they were published to two decimals."""

    deputy_name = _text("mandate.full_name", "代表")
    year = serializers.IntegerField(source="assessment.year", label="年度", read_only=True)
    state = CodeField(SheetState, label="状态")
    state_name = _text("get_state_display", "状态名称")
    not_rated_reason_name = _text("get_not_rated_reason_display", "不参评原因")
    strengths = serializers.ListField(child=serializers.CharField(), label="肯定的方面", read_only=True)
    problems = serializers.ListField(child=serializers.CharField(), label="存在的主要问题", read_only=True)
    lines = LineSerializer(many=True, read_only=True, label="得分明细")

    class Meta:
        model = ScoreSheet
        fields = (
            "id", "scope_code", "assessment_id", "year", "mandate_id", "deputy_name", "version", "state",
            "state_name", "base_points", "bonus_points", "deducted_points", "total", "grade", "grade_name",
            "not_rated_reason_name", "strengths", "problems", "correction_reason", "published_at", "lines",
        )  # fmt: skip
