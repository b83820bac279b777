"""Words of a deputy roster: its columns, the lists a cell may come from, and how offices vary them.

Pure data. Columns: the form the townships fill in; lists: GB/T 4762 (政治面貌), GB/T 3304 (民族).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Final, TypeVar

from deputies.enums import Education, ElectionWay, GroupPost, PoliticalStatus, Sex

K = TypeVar("K", bound=Hashable)

LIST_NUMBER: Final = "序号"
NAME: Final = "姓名"
SEX: Final = "性别"
ETHNICITY: Final = "民族"
BORN_ON: Final = "出生年月"
POLITICAL_STATUS: Final = "政治面貌"
EDUCATION: Final = "文化程度"
OCCUPATION: Final = "工作单位及职务"
CONSTITUENCY: Final = "选区"
GROUP: Final = "代表小组"
GROUP_POST: Final = "小组职务"
PHONE: Final = "联系电话"
ADDRESS: Final = "通信地址"
ELECTION_WAY: Final = "当选方式"
ELECTED_ON: Final = "当选日期"
CONCURRENT_SEAT: Final = "是否同时担任上级代表"
FIXED_CONTACTS: Final = "固定联系选民"
REMARK: Final = "备注"

#: The eighteen columns of a roster, in the order of the form; exports keep it.
COLUMNS: Final = (
    LIST_NUMBER,
    NAME,
    SEX,
    ETHNICITY,
    BORN_ON,
    POLITICAL_STATUS,
    EDUCATION,
    OCCUPATION,
    CONSTITUENCY,
    GROUP,
    GROUP_POST,
    PHONE,
    ADDRESS,
    ELECTION_WAY,
    ELECTED_ON,
    CONCURRENT_SEAT,
    FIXED_CONTACTS,
    REMARK,
)

#: Without these columns a file is not a roster.
REQUIRED_COLUMNS: Final = (NAME, SEX, BORN_ON, CONSTITUENCY)


def _by_word(words: Mapping[K, str]) -> dict[str, K]:
    """Turn meaning → "词 词 词" into word → meaning."""
    return {word: meaning for meaning, listed in words.items() for word in listed.split()}


#: Every heading that means a column, blanks and brackets taken away.
COLUMN_WORDS: Final = _by_word(
    {
        LIST_NUMBER: "序号 编号 序",
        NAME: "姓名 代表姓名 人大代表姓名 代表名字 名字 代表",
        SEX: "性别",
        ETHNICITY: "民族 族别",
        BORN_ON: "出生年月 出生日期 出生年月日 出生时间 生日 出生",
        POLITICAL_STATUS: "政治面貌 党派 党派名称 政治身份",
        EDUCATION: "文化程度 学历 文化 文化水平 学历层次 受教育程度 最高学历",
        OCCUPATION: "工作单位及职务 单位及职务 工作单位和职务 工作单位职务 单位职务 现任职务 职务 工作单位",
        CONSTITUENCY: "选区 选举单位 所在选区 当选选区 选区名称 所属选区 原选区 选区或选举单位",
        GROUP: "代表小组 小组 所在小组 所属小组 所在代表小组 所属代表小组 组别 小组名称 代表小组名称",
        GROUP_POST: "小组职务 组内职务 小组内职务 代表小组职务 组职务",
        PHONE: "联系电话 电话 手机 手机号 手机号码 联系方式 电话号码 联系手机 移动电话 手机电话",
        ADDRESS: "通信地址 地址 住址 联系地址 家庭住址 通讯地址 家庭地址 现住址",
        ELECTION_WAY: "当选方式 产生方式 选举方式 当选类型",
        ELECTED_ON: "当选日期 当选时间 选举日期 选举时间 当选年月日",
        CONCURRENT_SEAT: "是否同时担任上级代表 上级代表 同时担任上级代表 兼任上级代表 是否上级代表",
        FIXED_CONTACTS: "固定联系选民 固定联系选民数 固定联系选民人数 联系选民 联系选民数 联系户数",
        REMARK: "备注 说明",
    }
)

SEXES: Final = _by_word({Sex.MALE: "男 男性", Sex.FEMALE: "女 女性"})

POLITICAL_SYNONYMS: Final = _by_word(
    {
        PoliticalStatus.CPC_MEMBER: "共产党员 中国共产党党员 中共正式党员 中共 中国共产党 共产党",
        PoliticalStatus.CPC_PROBATIONARY: "预备党员 中国共产党预备党员",
        PoliticalStatus.YOUTH_LEAGUE: "团员 中国共产主义青年团团员 共青团",
        PoliticalStatus.MASSES: "一般群众 普通群众 普通公民",
        PoliticalStatus.NON_PARTISAN: "无党派 无党派民主人士",
        PoliticalStatus.RCCK: "民革 民革会员",
        PoliticalStatus.CDL: "民盟 民盟会员",
        PoliticalStatus.CNDCA: "民建 民建成员",
        PoliticalStatus.CAPD: "民进 民进成员",
        PoliticalStatus.CPWDP: "农工党 农工党员 农工民主党党员",
        PoliticalStatus.CZGP: "致公党 致公党员",
        PoliticalStatus.JIUSAN: "九三学社 九三社员 九三学社成员",
        PoliticalStatus.TSL: "台盟 台盟成员",
    }
)

#: Words that most likely mean this but may mean another: taken, and pointed out.
POLITICAL_GUESSES: Final = _by_word({PoliticalStatus.CPC_MEMBER: "党员 正式党员"})

EDUCATION_SYNONYMS: Final = _by_word(
    {
        Education.POSTGRADUATE: "硕士 博士 硕士研究生 博士研究生 在职研究生 省委党校研究生",
        Education.BACHELOR: "大学本科 本科生 学士 全日制本科 在职本科 函授本科 大本 在职大学",
        Education.COLLEGE: "大学专科 专科 高职 高等专科 在职大专 函授大专",
        Education.SECONDARY_VOCATIONAL: "中等专科 中技 技校 职高 中职 职业高中 中师 中等专业",
        Education.HIGH_SCHOOL: "普通高中 高级中学",
        Education.MIDDLE_SCHOOL: "初级中学 普通初中",
        Education.PRIMARY_SCHOOL: "高小 初小",
    }
)

EDUCATION_GUESSES: Final = _by_word({Education.BACHELOR: "大学", Education.MIDDLE_SCHOOL: "中学"})

ELECTION_WAYS: Final = _by_word(
    {
        ElectionWay.GENERAL: "换届选举 换届 选举 直接选举 换届直接选举 换届当选 换届选举产生 直选",
        ElectionWay.BY_ELECTION: "补选 补选产生 补选当选 届中补选 补选代表",
    }
)

GROUP_POSTS: Final = _by_word(
    {
        GroupPost.LEADER: "组长 小组长 代表小组组长 小组组长",
        GroupPost.DEPUTY_LEADER: "副组长 小组副组长 副小组长 代表小组副组长",
        GroupPost.CONVENER: "召集人 小组召集人 副召集人 第一召集人",
        GroupPost.MEMBER: "成员 组员 小组成员 代表",
    }
)

ETHNIC_GROUPS: Final = frozenset(
    _by_word(
        {
            "GB/T 3304": (
                "汉族 蒙古族 回族 藏族 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 "
                "哈尼族 哈萨克族 傣族 黎族 傈僳族 佤族 畲族 高山族 拉祜族 水族 东乡族 纳西族 景颇族 "
                "柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯族 阿昌族 普米族 "
                "塔吉克族 怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 塔塔尔族 独龙族 "
                "鄂伦春族 赫哲族 门巴族 珞巴族 基诺族"
            )
        }
    )
)

ETHNIC_SYNONYMS: Final = _by_word(
    {"维吾尔族": "维族", "蒙古族": "蒙族", "哈萨克族": "哈族", "柯尔克孜族": "柯族", "朝鲜族": "鲜族"}
)

#: What offices write into a cell to say that there is nothing.
BLANK_MARKS: Final = frozenset({"无", "没有", "暂无", "空", "-", "--", "—", "——", "/", "／", "\\", "、", "○"})

#: What offices write into a cell to say that it is as the cell above.
DITTO_MARKS: Final = frozenset({"〃", "〃〃", "″", "〞", "”", '"', "''", "同上", "同前", "同上。", "上同"})

#: Where every row has its own, so that a ditto mark cannot be meant, or would be taken on trust.
OWN_COLUMNS: Final = frozenset({LIST_NUMBER, NAME, BORN_ON, PHONE, GROUP_POST})

#: What a program shows where a formula has failed.
FAILED_RESULTS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!"}
)

_HEADING_NOISE = re.compile(r"[\s*＊:：]|[（(【\[].*?[）)】\]]")


def column_of(heading: str) -> str | None:
    """The roster column a heading means, or ``None``: blanks, brackets and marks do not count."""
    return COLUMN_WORDS.get(_HEADING_NOISE.sub("", heading))
