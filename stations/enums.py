"""Kinds and states of places, reception days, rota, activities and attendance."""

from types import MappingProxyType

from liaison.words.labelled import LabelledEnum


class PlaceKind(LabelledEnum):
    """Where deputies meet people (domain.md glossary)."""

    DEPUTIES_HOME = "deputies_home", "代表之家"
    LIAISON_STATION = "liaison_station", "联络站"
    CONTACT_POINT = "contact_point", "联系点"
    ACTIVITY_ROOM = "activity_room", "代表活动室"
    RECEPTION_ROOM = "reception_room", "选民接待室"


class Frequency(LabelledEnum):
    MONTHLY = "monthly", "每月一次"
    QUARTERLY = "quarterly", "每季度一次"
    YEARLY = "yearly", "每年一次"

    @property
    def per_year(self) -> int:
        """How many are due in a calendar year."""
        return _PER_YEAR[self]


_PER_YEAR = {Frequency.MONTHLY: 12, Frequency.QUARTERLY: 4, Frequency.YEARLY: 1}


class ShippedKind(LabelledEnum):
    """What is registered. The first ten are 十个一 in the order of the seed; the rest are other norms.

    Which kinds a place asks for, and how often, is data: ``TEN_ONES`` is only the shipped default.
    """

    RECEPTION = "reception", "接待选民"
    CONSTITUENCY_VISIT = "constituency_visit", "走访选区"
    PUBLIC_OPINION = "public_opinion", "社情民意"
    SURVEY = "survey", "调研视察"
    TRAINING = "training", "学习培训"
    SUGGESTION = "suggestion", "代表建议"
    POLICY_TALK = "policy_talk", "政策宣讲"
    DEPUTIES_MEETING = "deputies_meeting", "代表会议"
    EXCHANGE = "exchange", "履职交流"
    REVIEW = "review", "履职评议"
    SESSION = "session", "出席人代会会议"
    SESSION_SPEECH = "session_speech", "审议发言"
    GROUP_ACTIVITY = "group_activity", "代表小组活动"
    ENFORCEMENT_CHECK = "enforcement_check", "执法检查"
    PERFORMANCE_REPORT = "performance_report", "报告履职情况"
    STATION_VISIT = "station_visit", "进站履职"
    LIVELIHOOD_PROJECT = "livelihood_project", "办民生实事"
    WORK_DIARY = "work_diary", "履职日记"
    WORK_STORY = "work_story", "履职故事"
    OTHER = "other", "其他活动"


# 十个一 [seed]: each kind with its frequency, in the seed's order; 52 a year in all (domain.md 3.2).
TEN_ONES = MappingProxyType(
    {
        ShippedKind.RECEPTION: Frequency.MONTHLY,
        ShippedKind.CONSTITUENCY_VISIT: Frequency.MONTHLY,
        ShippedKind.PUBLIC_OPINION: Frequency.MONTHLY,
        ShippedKind.SURVEY: Frequency.QUARTERLY,
        ShippedKind.TRAINING: Frequency.QUARTERLY,
        ShippedKind.SUGGESTION: Frequency.YEARLY,
        ShippedKind.POLICY_TALK: Frequency.YEARLY,
        ShippedKind.DEPUTIES_MEETING: Frequency.QUARTERLY,
        ShippedKind.EXCHANGE: Frequency.YEARLY,
        ShippedKind.REVIEW: Frequency.YEARLY,
    }
)

# The seed says 每人 only of these three; the others are events of the unit, so what is due from a
# deputy is what was scheduled for that deputy.
PER_PERSON_KINDS = frozenset({ShippedKind.PUBLIC_OPINION, ShippedKind.SUGGESTION, ShippedKind.POLICY_TALK})


class ContactMethod(LabelledEnum):
    """The eight contact methods [seed]."""

    PUBLISH_DEPUTIES = "publish_deputies", "公示代表信息"
    DEFINE_CONTACTS = "define_contacts", "明确联系范围"
    LINK_LEVELS = "link_levels", "各级代表联动"
    GROUP_ACTIVITIES = "group_activities", "代表小组活动"
    RECEIVE_VOTERS = "receive_voters", "接待选民和群众"
    SURVEYS = "surveys", "专题调研和视察"
    VISITS = "visits", "走访和座谈"
    REPORT_TO_VOTERS = "report_to_voters", "向原选区选民或原选举单位报告履职情况"


class PlanState(LabelledEnum):
    """A year's plan is written by one, adopted by another, then published (代表法 Art. 43)."""

    DRAFT = "draft", "草案"
    ADOPTED = "adopted", "已通过"
    PUBLISHED = "published", "已公布"
    ARCHIVED = "archived", "已归档"


class PlanEvent(LabelledEnum):
    ADOPT = "adopt", "审议通过"
    RETURN = "return", "退回修改"
    PUBLISH = "publish", "公布"
    ARCHIVE = "archive", "归档"


class Audience(LabelledEnum):
    """Who is asked to take part."""

    ALL = "all", "全体代表"
    GROUP = "group", "代表小组"
    INVITED = "invited", "部分代表"


class AnswerState(LabelledEnum):
    """What an invited deputy answered."""

    WAITING = "waiting", "未答复"
    COMING = "coming", "参加"
    DECLINED = "declined", "请假"


class ParticipationState(LabelledEnum):
    """One deputy's part in one activity; the side that did not register it confirms or objects."""

    REGISTERED = "registered", "待确认"
    CONFIRMED = "confirmed", "已确认"
    OBJECTED = "objected", "有异议"
    UPHELD = "upheld", "维持登记"
    CORRECTED = "corrected", "已更正"
    WITHDRAWN = "withdrawn", "已撤销"
    LAPSED_TO_PRESIDIUM = "lapsed_to_presidium", "逾期转主席团核定"


class ParticipationEvent(LabelledEnum):
    CONFIRM = "confirm", "确认"
    OBJECT = "object", "提出异议"
    UPHOLD = "uphold", "维持登记"
    CORRECT = "correct", "更正"
    WITHDRAW = "withdraw", "撤销登记"
    LAPSE = "lapse", "逾期转主席团核定"


class ReceptionDayState(LabelledEnum):
    PLANNED = "planned", "已计划"
    PUBLISHED = "published", "已公布"
    HELD = "held", "已开展"
    CANCELLED = "cancelled", "已取消"
    POSTPONED = "postponed", "已改期待定"


class ReceptionDayEvent(LabelledEnum):
    PUBLISH = "publish", "公布"
    HOLD = "hold", "登记开展"
    CANCEL = "cancel", "取消"
    POSTPONE = "postpone", "改期"


class DeskRecordKind(LabelledEnum):
    """What a phone sends about a reception; residents' matters go to the floor above."""

    BEGIN = "begin", "开始接待"
    ATTENDANCE = "attendance", "到岗情况"
    DUTY = "duty", "本人到岗"
    END = "end", "结束接待"


class DutyState(LabelledEnum):
    """One deputy's turn on one reception day."""

    SCHEDULED = "scheduled", "已排班"
    ATTENDED = "attended", "已到岗"
    ON_LEAVE = "on_leave", "已请假"
    SWAPPED = "swapped", "已调换"
    ABSENT = "absent", "未到岗"
    CANCELLED = "cancelled", "已取消"


class DutyEvent(LabelledEnum):
    ATTEND = "attend", "登记到岗"
    EXCUSE = "excuse", "准假"
    SWAP = "swap", "调换"
    MISS = "miss", "登记未到岗"
    RESTORE = "restore", "恢复排班"
    CANCEL = "cancel", "取消"


class DutyOrigin(LabelledEnum):
    """How a turn came about; re-planning moves only what a plan put there."""

    HAND = "hand", "手工排定"
    PLAN = "plan", "按轮值表"
    SWAP = "swap", "双方调换"
    SUBSTITUTE = "substitute", "替班"


class RotaPlanState(LabelledEnum):
    DRAFT = "draft", "草稿"
    ADOPTED = "adopted", "已采用"
    SUPERSEDED = "superseded", "已被新版替换"


class RotaPlanEvent(LabelledEnum):
    ADOPT = "adopt", "采用这一版"
    SUPERSEDE = "supersede", "由新版替换"


class LeaveState(LabelledEnum):
    REQUESTED = "requested", "待批准"
    APPROVED = "approved", "已批准"
    REJECTED = "rejected", "未批准"
    WITHDRAWN = "withdrawn", "已撤回"


class LeaveEvent(LabelledEnum):
    APPROVE = "approve", "批准"
    REJECT = "reject", "不批准"
    WITHDRAW = "withdraw", "撤回请假"


class LeaveReason(LabelledEnum):
    ILLNESS = "illness", "因病"
    OFFICIAL_DUTY = "official_duty", "因公"
    PERSONAL = "personal", "因事"
    MATERNITY = "maternity", "生育"
    OTHER = "other", "其他"


class SwapState(LabelledEnum):
    """A swap of two turns needs the other deputy's consent, then the office's approval."""

    PROPOSED = "proposed", "待对方同意"
    CONSENTED = "consented", "待联络站批准"
    APPROVED = "approved", "已调换"
    REJECTED = "rejected", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"


class SwapEvent(LabelledEnum):
    CONSENT = "consent", "同意调换"
    APPROVE = "approve", "批准调换"
    REJECT = "reject", "不同意调换"
    WITHDRAW = "withdraw", "撤回调换"


class NoticeKind(LabelledEnum):
    """What a notice of a reception is."""

    NOTICE = "notice", "公告"
    CORRECTION = "correction", "更正公告"
    CANCELLATION = "cancellation", "取消公告"


class FeedKind(LabelledEnum):
    """What a calendar on a telephone subscribes to."""

    OWN = "own", "本人的值班和活动"
    STATION = "station", "联络站的接待日"
    TOWNSHIP = "township", "全乡镇（街道）的接待日"


class ExcusedBy(LabelledEnum):
    """Why something scheduled was not due from a deputy after all (domain.md 0, point 7)."""

    BY_ELECTION = "by_election", "补选任职前"
    SUSPENSION = "suspension", "暂停执行代表职务"
    LEAVE = "leave", "请假"
    OTHER = "other", "其他原因"
