"""Kinds and states of congresses, people and mandates."""

from collections.abc import Mapping

from liaison.words.enums import JurisdictionLevel
from liaison.words.labelled import LabelledEnum


class Sex(LabelledEnum):
    MALE = "male", "男"
    FEMALE = "female", "女"


class PoliticalStatus(LabelledEnum):
    """The thirteen codes of GB/T 4762, as rosters print them."""

    CPC_MEMBER = "cpc_member", "中共党员"
    CPC_PROBATIONARY = "cpc_probationary", "中共预备党员"
    YOUTH_LEAGUE = "youth_league", "共青团员"
    RCCK = "rcck", "民革党员"
    CDL = "cdl", "民盟盟员"
    CNDCA = "cndca", "民建会员"
    CAPD = "capd", "民进会员"
    CPWDP = "cpwdp", "农工党党员"
    CZGP = "czgp", "致公党党员"
    JIUSAN = "jiusan", "九三学社社员"
    TSL = "tsl", "台盟盟员"
    NON_PARTISAN = "non_partisan", "无党派人士"
    MASSES = "masses", "群众"


class Education(LabelledEnum):
    """Level of schooling, highest first, in the short words of a deputy roster."""

    POSTGRADUATE = "postgraduate", "研究生"
    BACHELOR = "bachelor", "本科"
    COLLEGE = "college", "大专"
    SECONDARY_VOCATIONAL = "secondary_vocational", "中专"
    HIGH_SCHOOL = "high_school", "高中"
    MIDDLE_SCHOOL = "middle_school", "初中"
    PRIMARY_SCHOOL = "primary_school", "小学"
    OTHER = "other", "其他"


class CongressLevel(LabelledEnum):
    """The five levels of congresses (domain.md section 1)."""

    NATION = "nation", "全国"
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "设区的市级"
    COUNTY = "county", "县级"
    TOWNSHIP = "township", "乡级"


# A street or a village elects none: a street serves the county's (domain.md section 1).
CONGRESS_OF_PLACE: Mapping[JurisdictionLevel, CongressLevel] = {
    JurisdictionLevel.NATION: CongressLevel.NATION,
    JurisdictionLevel.PROVINCE: CongressLevel.PROVINCE,
    JurisdictionLevel.PREFECTURE: CongressLevel.PREFECTURE,
    JurisdictionLevel.COUNTY: CongressLevel.COUNTY,
    JurisdictionLevel.TOWNSHIP: CongressLevel.TOWNSHIP,
}


# Directly elected levels have constituencies; the others electing units (选举法).
DIRECT_LEVELS = frozenset({CongressLevel.COUNTY, CongressLevel.TOWNSHIP})


class ConcurrentSeat(LabelledEnum):
    """Roster column 是否同时担任上级代表: the seat of a higher level the same person also holds."""

    NATIONAL = "national", "全国代表"
    PROVINCIAL = "provincial", "省代表"
    PREFECTURAL = "prefectural", "市代表"
    COUNTY = "county", "县代表"
    DISTRICT = "district", "区代表"

    @property
    def level(self) -> CongressLevel:
        return _SEAT_LEVELS[self]


_SEAT_LEVELS = {
    ConcurrentSeat.NATIONAL: CongressLevel.NATION,
    ConcurrentSeat.PROVINCIAL: CongressLevel.PROVINCE,
    ConcurrentSeat.PREFECTURAL: CongressLevel.PREFECTURE,
    ConcurrentSeat.COUNTY: CongressLevel.COUNTY,
    ConcurrentSeat.DISTRICT: CongressLevel.COUNTY,
}


class ElectionWay(LabelledEnum):
    GENERAL = "general", "换届选举"
    BY_ELECTION = "by_election", "补选"


class GroupPost(LabelledEnum):
    LEADER = "leader", "组长"
    DEPUTY_LEADER = "deputy_leader", "副组长"
    CONVENER = "convener", "召集人"
    MEMBER = "member", "成员"


class SessionKind(LabelledEnum):
    REGULAR = "regular", "例会"
    EXTRAORDINARY = "extraordinary", "临时会议"


class TermState(LabelledEnum):
    """A congress term; 换届 closes one and opens the next."""

    PREPARING = "preparing", "筹备中"
    CURRENT = "current", "本届"
    CLOSED = "closed", "已届满"


class TermEvent(LabelledEnum):
    OPEN = "open", "启用本届"
    CLOSE = "close", "届满归档"


class RolloverState(LabelledEnum):
    """Where a 换届 stands: two people do it, and two people may take it back within some days."""

    PROPOSED = "proposed", "已提请，待另一人确认"
    WITHDRAWN = "withdrawn", "提请已撤回"
    DONE = "done", "已换届"
    UNDO_PROPOSED = "undo_proposed", "已提请撤销，待另一人确认"
    UNDONE = "undone", "换届已撤销"


class RolloverEvent(LabelledEnum):
    CONFIRM = "confirm", "确认换届"
    WITHDRAW = "withdraw", "撤回提请"
    PROPOSE_UNDO = "propose_undo", "提请撤销换届"
    WITHDRAW_UNDO = "withdraw_undo", "撤回撤销的提请"
    CONFIRM_UNDO = "confirm_undo", "确认撤销换届"


class MandateState(LabelledEnum):
    """Where a seat stands (代表法 Art. 61, 62)."""

    ACTIVE = "active", "在任"
    SUSPENDED = "suspended", "暂停执行代表职务"
    RESIGNED = "resigned", "已辞职"
    RECALLED = "recalled", "已罢免"
    TERMINATED = "terminated", "代表资格终止"
    ENDED = "ended", "任期届满"
    DECEASED = "deceased", "去世"


class MandateEvent(LabelledEnum):
    SUSPEND = "suspend", "暂停执行代表职务"
    RESTORE = "restore", "恢复执行代表职务"
    RESIGN = "resign", "登记接受辞职"
    RECALL = "recall", "登记罢免"
    TERMINATE = "terminate", "登记代表资格终止"
    END = "end", "登记任期届满"
    RECORD_DEATH = "record_death", "登记去世"


class SuspensionGround(LabelledEnum):
    """代表法 Art. 61; restored when the ground is gone."""

    CRIMINAL_PROCEEDINGS = "criminal_proceedings", "因刑事案件被羁押正在受侦查、起诉、审判"
    SERVING_SENTENCE = "serving_sentence", "被判处管制、拘役或者有期徒刑而没有附加剥夺政治权利，正在服刑"


class TerminationGround(LabelledEnum):
    """代表法 Art. 62. Reported and announced by the bodies of Art. 63, never by the software."""

    MOVED_AWAY = "moved_away", "迁出或者调离本行政区域"
    RESIGNATION = "resignation", "辞职被接受"
    ABSENT_TWICE = "absent_twice", "未经批准两次不出席本级人民代表大会会议"
    RECALLED = "recalled", "被罢免"
    NATIONALITY_LOST = "nationality_lost", "丧失中华人民共和国国籍"
    RIGHTS_DEPRIVED = "rights_deprived", "依照法律被剥夺政治权利"
    INCAPACITATED = "incapacitated", "丧失行为能力"
