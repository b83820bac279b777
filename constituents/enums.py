"""Kinds and states of opinions (社情民意) and suggestions (代表建议)."""

from liaison.words.labelled import LabelledEnum


class OpinionCategory(LabelledEnum):
    WATER = "water", "饮水"
    ROADS = "roads", "道路交通"
    LIGHTING = "lighting", "路灯照明"
    SOCIAL_AID = "social_aid", "低保救助"
    SANITATION = "sanitation", "环境卫生（垃圾）"
    IRRIGATION = "irrigation", "农田灌溉"
    EDUCATION = "education", "教育"
    HEALTH = "health", "医疗"
    HOUSING = "housing", "住房"
    PUBLIC_ORDER = "public_order", "社会治安"
    DISPUTE = "dispute", "矛盾纠纷"
    POWER = "power", "供电通信"
    LAND = "land", "土地征迁"
    EMPLOYMENT = "employment", "就业社保"
    ELDERLY_CARE = "elderly_care", "养老助残"
    VILLAGE_AFFAIRS = "village_affairs", "村务公开"
    POLICY_QUESTION = "policy_question", "政策咨询"
    OTHER = "other", "其他"


class Urgency(LabelledEnum):
    """Chooses the deadline policy (domain.md section 4, deadlines)."""

    ORDINARY = "ordinary", "一般"
    COMPLEX = "complex", "复杂"
    URGENT = "urgent", "紧急"


class ContactWay(LabelledEnum):
    """反映方式: how the matter reached us."""

    FACE_TO_FACE = "face_to_face", "面谈"
    VISIT = "visit", "走访"
    PHONE = "phone", "电话"
    LETTER = "letter", "来信"
    SCAN = "scan", "扫码"
    GRID = "grid", "网格转"


class FeedbackWay(LabelledEnum):
    """反馈方式: how the result was told to the resident."""

    IN_PERSON = "in_person", "当面"
    PHONE = "phone", "电话"
    LETTER = "letter", "书面"
    QUERY_CODE = "query_code", "查询码"


class UnitKind(LabelledEnum):
    """What a handling unit is; its name is only its name (农业农村服务中心 is no village)."""

    VILLAGE = "village", "村（社区）"
    TOWNSHIP = "township", "乡镇（街道）内设机构"
    STATION = "station", "站所"
    COUNTY = "county", "县级部门"
    OTHER = "other", "其他单位"


class Route(LabelledEnum):
    """去向: who deals with the matter (domain.md section 4, routes)."""

    ON_SPOT = "on_spot", "当场答复"
    FAST_LANE = "fast_lane", "微小事直办"
    VILLAGE = "village", "村（社区）办理"
    TOWNSHIP = "township", "乡镇（街道）办理"
    SUGGESTION = "suggestion", "转为代表建议"
    UPPER_DEPUTY = "upper_deputy", "经上级代表反映"
    HOTLINE = "hotline", "转12345热线"
    PETITION = "petition", "转信访"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    MERGED = "merged", "并案办理"


class NotAcceptedReason(LabelledEnum):
    """Each needs, beside the reason, where the resident was told to go."""

    LITIGATION = "litigation", "已经或者依法应当通过诉讼解决"
    RECONSIDERATION = "reconsideration", "已经或者依法应当通过行政复议解决"
    ARBITRATION = "arbitration", "已经或者依法应当通过仲裁解决"
    LEGAL_CASE = "legal_case", "个人涉法涉诉事项"
    ACCUSATION = "accusation", "检举控告，应向纪检监察等机关提出"
    PRIVATE_MATTER = "private_matter", "不属于公共利益的个人事项"
    IN_PETITION = "in_petition", "正在信访程序中办理"
    OUT_OF_AREA = "out_of_area", "不属于本行政区域事项"
    UNCLEAR = "unclear", "没有具体内容且无法联系核实"


class Satisfaction(LabelledEnum):
    SATISFIED = "satisfied", "满意"
    BASICALLY_SATISFIED = "basically_satisfied", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"


class OpinionState(LabelledEnum):
    """domain.md section 4, states. Light and overdue are derived from deadlines, publication is a flag."""

    REGISTERED = "registered", "已登记"
    TRIAGED = "triaged", "已受理待分流"
    ANSWERED_ON_SPOT = "answered_on_spot", "已当场答复"
    ASSIGNED = "assigned", "已交办待签收"
    TO_SUGGESTION = "to_suggestion", "已转为代表建议"
    TO_UPPER_DEPUTY = "to_upper_deputy", "已转上级代表"
    TO_12345 = "to_12345", "已转12345热线"
    TO_PETITION = "to_petition", "已转信访"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    MERGED = "merged", "已并案"
    ACCEPTED = "accepted", "已签收"
    RETURNED = "returned", "已退办待重新交办"
    HANDLING = "handling", "办理中"
    EXTENDED = "extended", "延期办理中"
    REPLIED = "replied", "已答复待评价"
    REDO = "redo", "重新办理中"
    REPLIED_AGAIN = "replied_again", "已再次答复待评价"
    PRESIDIUM_DECIDES = "presidium_decides", "待主席团研究"
    EVALUATED = "evaluated", "已评价待销号"
    CLOSED = "closed", "已销号"
    CLOSED_UNRATED = "closed_unrated", "未评价办结"
    ARCHIVED = "archived", "已归档"


class OpinionEvent(LabelledEnum):
    TRIAGE = "triage", "受理"
    ANSWER_ON_SPOT = "answer_on_spot", "当场答复"
    ASSIGN = "assign", "交办"
    MAKE_SUGGESTION = "make_suggestion", "转为代表建议"
    PASS_TO_UPPER_DEPUTY = "pass_to_upper_deputy", "转上级代表"
    PASS_TO_12345 = "pass_to_12345", "转12345热线"
    PASS_TO_PETITION = "pass_to_petition", "转信访"
    NOT_ACCEPT = "not_accept", "不予受理"
    MERGE = "merge", "并案"
    UNMERGE = "unmerge", "撤销并案"
    ACCEPT = "accept", "签收"
    RETURN = "return", "退办"
    START_HANDLING = "start_handling", "开始办理"
    EXTEND = "extend", "延期"
    REPLY = "reply", "答复"
    RATE_SATISFIED = "rate_satisfied", "评价满意或基本满意"
    RATE_DISSATISFIED = "rate_dissatisfied", "评价不满意"
    LEAVE_UNRATED = "leave_unrated", "逾期未评价办结"
    ORDER_REDO = "order_redo", "责成再次办理"
    CLOSE_OUT = "close_out", "销号"
    REOPEN = "reopen", "重新受理"
    ARCHIVE = "archive", "归档"


class OpinionNote(LabelledEnum):
    """What stands in the timeline beside the events and moves the matter nowhere."""

    RENEW_CODE = "renew_code", "换发查询码"


class ReplyClass(LabelledEnum):
    """办理结果 of a suggestion (重庆 Art. 22, coded A to D by custom)."""

    A = "A", "A类：已经解决或者采纳"
    B = "B", "B类：正在研究解决或者列入计划"
    C = "C", "C类：因条件限制暂不能解决"
    D = "D", "D类：涉及上级，已向上反映"


class SubmissionTime(LabelledEnum):
    IN_SESSION = "in_session", "会议期间"
    INTERSESSION = "intersession", "闭会期间"


class SuggestionRefusal(LabelledEnum):
    """What may not be taken as a suggestion (重庆、青岛、浙江 rules, domain.md section 2)."""

    OWN_AFFAIRS = "own_affairs", "涉及代表本人或者亲属个人事务"
    JUDICIAL_CASE = "judicial_case", "涉及具体司法案件"
    FORWARDED_LETTER = "forwarded_letter", "转交群众来信来访"
    ACADEMIC_OR_PRODUCT = "academic_or_product", "学术探讨或者产品推介"
    ACCUSATION = "accusation", "检举、申诉、控告"
    NO_CONTENT = "no_content", "没有实际内容"
    BID_IN_PROGRESS = "bid_in_progress", "涉及正在进行的招标投标"


class SuggestionState(LabelledEnum):
    DRAFTED = "drafted", "草拟中"
    SUBMITTED = "submitted", "已提交待审查"
    CHECKED = "checked", "已审查待交办"
    NOT_ACCEPTED = "not_accepted", "不作为建议处理"
    ASSIGNED = "assigned", "已交办待签收"
    RETURNED = "returned", "已退办待重新交办"
    ACCEPTED = "accepted", "办理中"
    EXTENDED = "extended", "延期办理中"
    REPLIED = "replied", "已答复待评价"
    REDO = "redo", "重新办理中"
    REPLIED_AGAIN = "replied_again", "已再次答复待评价"
    PRESIDIUM_DECIDES = "presidium_decides", "待主席团研究"
    EVALUATED = "evaluated", "已评价待办结"
    CLOSED = "closed", "已办结"
    CLOSED_UNRATED = "closed_unrated", "未评价办结"
    WITHDRAWN = "withdrawn", "已撤回"
    ARCHIVED = "archived", "已归档"


class SuggestionEvent(LabelledEnum):
    SUBMIT = "submit", "提交"
    SEND_BACK = "send_back", "退回修改"
    CHECK = "check", "审查通过"
    NOT_ACCEPT = "not_accept", "不作为建议处理"
    ASSIGN = "assign", "交办"
    ACCEPT = "accept", "签收"
    RETURN = "return", "退办"
    EXTEND = "extend", "延期"
    REPLY = "reply", "答复"
    RATE_SATISFIED = "rate_satisfied", "评价满意或基本满意"
    RATE_DISSATISFIED = "rate_dissatisfied", "评价不满意"
    LEAVE_UNRATED = "leave_unrated", "逾期未评价办结"
    ORDER_REDO = "order_redo", "责成再次办理"
    WITHDRAW = "withdraw", "撤回"
    CLOSE_OUT = "close_out", "办结"
    ARCHIVE = "archive", "归档"
