"""Grades, states and events of the yearly assessment; scoring kinds live in ``scoring``."""

from liaison.words.labelled import LabelledEnum


class Grade(LabelledEnum):
    """等次 [seed]; thresholds belong to the scheme."""

    EXCELLENT = "excellent", "优秀"
    QUALIFIED = "qualified", "合格"
    UNQUALIFIED = "unqualified", "不合格"
    NOT_RATED = "not_rated", "不参评"


class NotRatedReason(LabelledEnum):
    """Why a deputy is 不参评 (domain.md 3.7, edge); always shown."""

    SHORT_MANDATE = "short_mandate", "任职不满六个月"
    LONG_ILLNESS = "long_illness", "长期患病"
    MATERNITY = "maternity", "生育休假"
    MANDATE_OVER = "mandate_over", "年度内代表资格终止"
    OTHER = "other", "其他原因"


class AssessmentState(LabelledEnum):
    """The step the assessment year is in (domain.md 3.7, cycle)."""

    DRAFT = "draft", "草拟中"
    FROZEN = "frozen", "数据已截止"
    SELF = "self", "个人自评"
    GROUP = "group", "小组评议"
    BALLOT = "ballot", "选民测评"
    PRESIDIUM_REVIEW = "presidium_review", "主席团审核"
    RECONCILE = "reconcile", "核对期"
    OBJECTION = "objection", "异议期"
    RECHECK = "recheck", "复核"
    APPROVED = "approved", "主席团会议已审定"
    CIRCULATED = "circulated", "已通报"
    NOTICE_ISSUED = "notice_issued", "通知书已发出"
    RECTIFYING = "rectifying", "整改中"
    ARCHIVED = "archived", "已归档"


class AssessmentEvent(LabelledEnum):
    FREEZE = "freeze", "截止数据"
    UNFREEZE = "unfreeze", "撤销截止"
    START_SELF = "start_self", "开始个人自评"
    FINISH_SELF = "finish_self", "结束自评，转入小组评议"
    SKIP_SELF = "skip_self", "跳过个人自评"
    FINISH_GROUP = "finish_group", "结束小组评议，转入选民测评"
    SKIP_GROUP = "skip_group", "跳过小组评议"
    FINISH_BALLOT = "finish_ballot", "结束选民测评，转入主席团审核"
    SKIP_BALLOT = "skip_ballot", "跳过选民测评"
    FINISH_REVIEW = "finish_review", "结束审核，转入核对"
    FINISH_RECONCILE = "finish_reconcile", "结束核对，开始异议期"
    SKIP_RECONCILE = "skip_reconcile", "跳过核对期"
    START_RECHECK = "start_recheck", "异议期满，开始复核"
    APPROVE_UNOPPOSED = "approve_unopposed", "无人提出异议，主席团会议审定"
    APPROVE = "approve", "主席团会议审定"
    CIRCULATE = "circulate", "通报结果"
    ISSUE_NOTICES = "issue_notices", "发出反馈通知书"
    START_RECTIFYING = "start_rectifying", "开始整改"
    ARCHIVE = "archive", "归档"


class SheetState(LabelledEnum):
    """One version of one deputy's score sheet."""

    COMPUTED = "computed", "已计算"
    PUBLISHED = "published", "已公布"
    SUPERSEDED = "superseded", "已被更正版本替代"


class SheetEvent(LabelledEnum):
    RECOMPUTE = "recompute", "重新计算"
    PUBLISH = "publish", "公布"
    SUPERSEDE = "supersede", "以更正版本替代"


class CorrectionState(LabelledEnum):
    """A request to correct a published sheet; approval makes a new version, never an edit in place."""

    PROPOSED = "proposed", "待批准"
    APPROVED = "approved", "已批准待更正"
    REJECTED = "rejected", "未批准"
    APPLIED = "applied", "已更正"


class CorrectionEvent(LabelledEnum):
    APPROVE = "approve", "批准更正"
    REJECT = "reject", "不予更正"
    APPLY = "apply", "出具更正版本"


class ObjectionState(LabelledEnum):
    """One deputy's objection to the result (申诉、复核)."""

    RAISED = "raised", "已提出"
    RECHECKING = "rechecking", "复核中"
    UPHELD = "upheld", "维持原结果"
    CORRECTED = "corrected", "已更正"
    WITHDRAWN = "withdrawn", "已撤回"
    NOT_ACCEPTED = "not_accepted", "不予受理"


class ObjectionEvent(LabelledEnum):
    START_RECHECK = "start_recheck", "开始复核"
    NOT_ACCEPT = "not_accept", "不予受理"
    UPHOLD = "uphold", "维持原结果"
    CORRECT = "correct", "予以更正"
    WITHDRAW = "withdraw", "撤回异议"


class NoticeState(LabelledEnum):
    """One deputy's notice and rectification report; overdue is derived from the date."""

    ISSUED = "issued", "已签发待送达"
    DELIVERED = "delivered", "已送达待整改"
    REPORTED = "reported", "整改报告待审核"
    RETURNED = "returned", "整改报告已退回"
    ACCEPTED = "accepted", "整改报告已通过"
    UNREPORTED = "unreported", "未提交整改报告"
    EXCUSED = "excused", "免于提交"
    SUPERSEDED = "superseded", "已被更正通知书替代"
    ARCHIVED = "archived", "已归档"


class NoticeEvent(LabelledEnum):
    DELIVER = "deliver", "登记送达"
    REPORT = "report", "提交整改报告"
    RETURN = "return", "退回修改"
    ACCEPT = "accept", "审核通过"
    RECORD_UNREPORTED = "record_unreported", "登记未提交"
    EXCUSE = "excuse", "免于提交"
    SUPERSEDE = "supersede", "以更正通知书替代"
    ARCHIVE = "archive", "归档"


class DeliveryWay(LabelledEnum):
    """送达方式 on the 送达回执."""

    IN_PERSON = "in_person", "直接送达"
    ONLINE = "online", "系统查收"
    BY_PROXY = "by_proxy", "委托转交"
    POST = "post", "邮寄送达"
    LEFT = "left", "留置送达"


class TalkState(LabelledEnum):
    """谈话提醒 after 不合格."""

    DUE = "due", "待谈话"
    DONE = "done", "已谈话"
    CANCELLED = "cancelled", "无需谈话"


class TalkEvent(LabelledEnum):
    HOLD = "hold", "登记谈话"
    CANCEL = "cancel", "取消谈话"
