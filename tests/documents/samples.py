"""Filled forms as an office would fill them, for the tests of documents and of the renderer."""

from datetime import UTC, date, datetime
from decimal import Decimal

import segno

from liaison.documents.forms import (
    Circular,
    CircularGrade,
    Column,
    FeedbackNotice,
    ListSheet,
    PlanRow,
    ReceptionRegister,
    RectificationReport,
    RectificationRow,
    ReminderTalkRecord,
    ScoreLine,
    WorkPlanDocument,
)
from stations.documents.forms import DutyRota, PosterDay, ReceptionPoster, RotaRow, RotaStation

ORGAN = "庄子乡人民代表大会主席团"
CREATED_AT = datetime(2026, 1, 20, 1, 0, tzinfo=UTC)


def line(item: str, full_mark: str | None, score: str, reason: str = "") -> ScoreLine:
    full = None if full_mark is None else Decimal(full_mark)
    return ScoreLine(item=item, full_mark=full, score=Decimal(score), reason=reason)


LINES = (
    line("每月接待选民", "15", "12.50", "应轮值12次，实际参加10次，缺席2次"),
    line("每月走访选区", "10", "9.17", "应走访12次，实际走访11次"),
    line("每人每月一条社情民意", "12", "10", "全年提交10条，少2条"),
    line("每季调研视察", "12", "12"),
    line("每季学习培训", "8", "6", "第三季度培训未参加，未履行请假手续"),
    line("每人每年一条代表建议", "10", "9", "建议质量评定1分"),
    line("每人每年一次政策宣讲", "5", "5"),
    line("每季代表会议", "8", "8"),
    line("每年履职交流", "5", "5"),
    line("每年履职评议", "15", "13.83", "有效票36张，满意26张，基本满意8张，不满意2张"),
    line("奖励加分", None, "2", "列为乡级重点督办建议"),
    line("扣分事项", None, "0"),
)

NOTICE = FeedbackNotice(
    organ=ORGAN,
    document_no="庄人主〔2026〕3号",
    year=2025,
    deputy_name="张建国",
    basis="庄子乡人大代表履职测评办法",
    score=Decimal("92.50"),
    grade="优秀",
    lines=LINES,
    strengths=(
        "你能够认真执行代表接待选民制度，积极走访所在选区群众，提出的《关于硬化东沟村至郝村生产路的建议》"
        "被列为乡级重点督办建议，群众反映较好。",
    ),
    problems=(
        "全年轮值接待选民缺席2次，未按规定履行请假手续。",
        "提交社情民意信息10条，数量未达到每月一条的要求。",
    ),
    rectify_days=30,
    rectify_by=date(2026, 2, 24),
    issued_on=date(2026, 1, 20),
    verification_code="9c41 7e02 5ab3",
    contact="联系电话：0354-2661234。",
)

REPORT = RectificationReport(
    organ=ORGAN,
    year=2025,
    deputy_name="张建国",
    congress="庄子乡第十八届人民代表大会",
    constituency="东沟村选区",
    group="第二代表小组",
    notice_no="庄人主〔2026〕3号",
    score=Decimal("92.5"),
    grade="优秀",
    due_on=date(2026, 2, 24),
    rows=(
        RectificationRow(
            problem="全年轮值接待选民缺席2次，未按规定履行请假手续。",
            cause="农忙时节安排不周，对请假制度重视不够。",
            measure="把接待日列入年度日程，确不能参加的提前3日书面请假，并商请其他代表代班。",
            deadline="2026年3月底前",
            result="已与站长核对全年轮值表。",
        ),
    ),
    evidence="1．轮值表复印件1份；2．走访记录2份。",
    submitted_on=date(2026, 2, 10),
    group_opinion="情况属实，措施具体，同意上报。",
    group_opinion_by="李秀英",
    group_opinion_on=date(2026, 2, 12),
    decision="通过",
    decided_on=date(2026, 2, 26),
)

TALK = ReminderTalkRecord(
    organ=ORGAN,
    record_no="庄人谈〔2026〕1号",
    deputy_name="王喆",
    congress="庄子乡第十八届人民代表大会",
    occupation="郝村村民委员会委员",
    group="第三代表小组",
    reason="2025年度履职测评得分72.35分，等次为不合格。",
    basis="《庄子乡人大代表履职测评办法》第十八条。",
    started_at=datetime(2026, 2, 3, 1, 0, tzinfo=UTC),
    ended_at=datetime(2026, 2, 3, 1, 40, tzinfo=UTC),
    place="庄子乡代表活动室",
    talkers=("王利珍", "刘志强"),
    recorder="赵敏",
    content="一是指出应轮值接待选民12次，实际参加5次。\n二是了解实际困难，重申联系选民的规定。",
    statement="接受提醒，今后按轮值表参加接待，按期交回整改报告。",
    rectify_by=date(2026, 2, 24),
)

CIRCULAR = Circular(
    head=ORGAN + "文件",
    organ=ORGAN,
    document_no="庄人主〔2026〕2号",
    title=ORGAN + "关于2025年度代表履职测评结果的通报",
    addressee="各代表小组、全体代表",
    opening=(
        "根据《庄子乡人大代表履职测评办法》，乡人大主席团组织开展了2025年度代表履职测评工作。"
        "经2026年1月19日主席团会议通过，现将结果通报如下：",
    ),
    grades=(
        CircularGrade(grade="优秀", names=("丁卫东", "马建军", "王利珍", "石磊", "安丽", "阿依古丽·买买提")),
        CircularGrade(grade="合格", names=("武卫国", "赵敏")),
        CircularGrade(grade="不合格", names=("段志刚",)),
    ),
    not_assessed=("薛丽",),
    closing=("希望受到肯定的代表珍惜荣誉、再接再厉；其他代表要对照反馈通知书，按期提交整改报告。",),
    issued_on=date(2026, 1, 20),
    copy_to="榆次区人大常委会代表工作委员会，乡党委，乡人民政府",
    printed_by=ORGAN,
    printed_on=date(2026, 1, 20),
)

RECEPTION = ReceptionRegister(
    organ=ORGAN,
    station="东沟村人大代表联络站",
    register_no="2026-03-007",
    received_on=date(2026, 3, 6),
    hours="9:00—11:30",
    place="东沟村联络站",
    deputies=("张建国", "李秀英"),
    recorder="赵敏",
    resident="郝大爷",
    phone="138****5678",
    is_own_constituency=True,
    people=3,
    channel="面谈",
    urgency="一般",
    category="道路交通",
    content="村东头到郝村的生产路有一里多地没硬化，下雨天三轮车进不去。",
    request="希望今年秋收前把路修好。",
    unit="庄子乡人民政府村镇建设办公室",
    due_on=date(2026, 3, 30),
    satisfaction="满意",
    is_public=True,
    is_confidential=False,
)

PLAN = WorkPlanDocument(
    organ=ORGAN,
    title="庄子乡人大2026年度代表工作计划",
    year=2026,
    foreword=("围绕乡党委中心工作，充分发挥代表主体作用，密切联系群众。",),
    rows=(
        PlanRow(
            when="3月、6月、9月、12月",
            what="代表履职培训",
            where="乡政府三楼会议室",
            who="全体代表",
            responsible="赵敏",
        ),
        PlanRow(
            when="5月12日至14日",
            what="视察乡村道路建设",
            where="东沟村",
            who="第一代表小组",
            responsible="张建国",
        ),
    ),
    closing=("各代表小组提前安排，活动后报送纪要。",),
    meeting="主席团第三次会议",
    issued_on=date(2026, 1, 20),
)

ROSTER = ListSheet(
    title="庄子乡第十八届人民代表大会代表名册",
    organ=ORGAN,
    subtitle="（按姓名笔画排列）",
    columns=(
        Column(heading="序号", width=5),
        Column(heading="姓名", width=11),
        Column(heading="工作单位", width=18, align="left"),
        Column(heading="代表小组", width=12),
    ),
    rows=tuple((str(number), "王喆堃", "庄子乡卫生院", "第一代表小组") for number in range(1, 48)),
    note="共47名。",
    made_by="赵敏",
    made_on=date(2026, 1, 20),
)

QR = str(
    segno.make("https://rd.example.gov.cn/s/0123456789abcdef/", error="m", micro=False).svg_data_uri(border=4)
)

POSTER = ReceptionPoster(
    organ=ORGAN,
    station="东沟村人大代表联络站",
    address="榆次区庄子乡东沟村村委会院内一楼东侧",
    days=(
        PosterDay(
            day=date(2026, 5, 8),
            hours="9:00—11:30",
            deputies=("张建国", "阿依古丽·买买提"),
            theme="农村饮水安全",
            note="规则日期5月1日（周五）是劳动节假期，顺延到5月8日（周五）。",
        ),
    ),
    phone="0354-2461234",
    opening_hours="周一至周五9:00—17:00",
    qr=QR,
    made_on=date(2026, 5, 5),
)

ROTA = DutyRota(
    place="东沟村人大代表联络站",
    organ=ORGAN,
    year=2026,
    stations=(
        RotaStation(
            name="东沟村人大代表联络站",
            address="榆次区庄子乡东沟村村委会院内一楼东侧",
            phone="0354-2461234",
            rules="每月第一周的周五（指当月第一个周五）9:00—11:30，遇节假日顺延",
            rows=tuple(
                RotaRow(
                    day=date(2026, month, 8 if month in (1, 5) else 5),
                    hours="9:00—11:30",
                    deputies=("张建国", "王喆堃") if month % 2 else ("阿依古丽·买买提",),
                    theme="农村饮水安全" if month == 6 else "",
                    is_postponed=month in (1, 5),
                    is_off=month == 3,
                    is_provisional=month == 12,
                    remark="规则日期1日（周五）是法定节假日，顺延。"
                    if month in (1, 5)
                    else ("已取消" if month == 3 else ""),
                )
                for month in range(1, 13)
            ),
        ),
    ),
    made_on=date(2026, 1, 5),
)
