"""Kinds and states of the ground floor."""

from collections.abc import Mapping

from liaison.words.labelled import LabelledEnum


class Role(LabelledEnum):
    """What an appointment allows (domain.md section 1, "who sees and does what")."""

    DEPUTY = "deputy", "人大代表"
    GROUP_LEADER = "group_leader", "代表小组组长"
    STATION_CLERK = "station_clerk", "联络站联络员"
    PRESIDIUM_CLERK = "presidium_clerk", "人大主席团秘书"
    PRESIDIUM_CHAIR = "presidium_chair", "人大主席"
    HANDLING_UNIT = "handling_unit", "承办单位经办人"
    COUNTY_COMMITTEE = "county_committee", "县级代表工作委员会"
    CITY_VIEWER = "city_viewer", "市级查阅人"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
    PUBLIC = "public", "群众"
    SYSTEM = "system", "系统"


# What an appointment must name to be whole: the record of an upper floor it speaks for, by column.
LINKS_OF_ROLE: Mapping[Role, tuple[str, ...]] = {
    Role.DEPUTY: ("person_ref",),
    Role.GROUP_LEADER: ("person_ref", "group_ref"),
    Role.STATION_CLERK: ("station_ref",),
    Role.HANDLING_UNIT: ("unit_ref",),
}


class KeeperAct(LabelledEnum):
    """What is done to a keeper's account only when a second keeper confirms it."""

    APPOINT = "appoint", "任命管理员"
    END = "end", "免去管理员职务"
    SUSPEND = "suspend", "停用账号"
    RESTORE = "restore", "恢复使用账号"
    RESET_PASSWORD = "reset_password", "重置密码"
    UNBIND = "unbind", "解除验证器绑定"


class PlaceAct(LabelledEnum):
    """What happens to places that stand in the tree already; a second person confirms it."""

    MERGE = "merge", "合并乡镇（街道）"
    MOVE = "move", "划转村（社区）"
    SPLIT = "split", "拆分新设乡镇（街道）"
    CLOSE = "close", "撤销区域"


class JurisdictionLevel(LabelledEnum):
    """Levels of the tree; a street has a committee instead of a congress."""

    NATION = "nation", "全国"
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "设区的市级"
    COUNTY = "county", "县级"
    TOWNSHIP = "township", "乡镇"
    STREET = "street", "街道"
    VILLAGE = "village", "村（社区）"


# A street has no presidium: what its people are called (domain.md 9.3).
_STREET_POSTS: Mapping[Role, str] = {
    Role.PRESIDIUM_CLERK: "人大工委干事",
    Role.PRESIDIUM_CHAIR: "人大工委主任",
}


def post_name(role: Role, level: str) -> str:
    """What somebody in ``role`` is called at a place of ``level``."""
    words = _STREET_POSTS if level == JurisdictionLevel.STREET else {}
    return words.get(role, role.label)


class DayKind(LabelledEnum):
    HOLIDAY = "holiday", "放假"
    MAKEUP = "makeup", "调休上班"


class DeadlineUnit(LabelledEnum):
    HOURS = "hours", "小时"
    WORKDAYS = "workdays", "个工作日"
    DAYS = "days", "日"
    MONTHS = "months", "个月"


class DeliveryState(LabelledEnum):
    PENDING = "pending", "待发送"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


class JobState(LabelledEnum):
    WAITING = "waiting", "等待办理"
    RUNNING = "running", "正在办理"
    DONE = "done", "已办完"
    STOPPED = "stopped", "已停止"


class FileKind(LabelledEnum):
    PHOTO = "photo", "照片"
    SCAN = "scan", "扫描件"
    SHEET = "sheet", "表格"
    DOCUMENT = "document", "公文"
    REPORT = "report", "报告附件"
