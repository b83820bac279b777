"""The end of the year: frozen, computed, approved, circulated; notices on paper, a report accepted."""

from pypdf import PdfReader

from tests.browser.first_year.office import DEPUTIES
from tests.browser.first_year.world import FirstYear, Newcomer

BALLOT = {
    "issued": 40,
    "returned": 40,
    "valid": 40,
    "satisfied": 36,
    "basically_satisfied": 4,
    "dissatisfied": 0,
}
STEPS = (
    "开始个人自评",
    "结束自评，转入小组评议",
    "结束小组评议，转入选民测评",
    "结束选民测评，转入主席团审核",
    "结束审核，转入核对",
    "结束核对，开始异议期",
)


def start(year: FirstYear) -> None:
    with year.person("zhoumishu") as clerk:
        clerk.next_step("启动2025年度测评")
        clerk.choose("term", "榆次区庄子乡人民代表大会第15届")
        clerk.choose("scheme", "《人大代表履职测评办法（十个一）》（第1版）")
        clerk.press("启动")
        clerk.follow("登记测评票")
        clerk.fill(held_on="2025-12-18", place="乡政府会议室")
        for row in clerk.main.locator("tbody tr").all():
            for name, votes in BALLOT.items():
                clerk.type(row.locator(f"[name^={name}-]"), str(votes))
        clerk.press("保存")
        clerk.shows("已保存3名代表的计票结果。")


def freeze(year: FirstYear) -> None:
    with year.person("zhoumishu") as clerk:
        clerk.follow("继续办理")
        _step(clerk, "截止数据")
        clerk.press("计算得分")
        clerk.shows("已计算，3名代表的得分有变化。")
        for words in STEPS:
            _step(clerk, words)


def _step(person: Newcomer, words: str) -> None:
    """A step of the appraisal: its page first says what it does."""
    person.follow(words)
    person.press(words)
    person.shows(f"已办理：{words}。")


def approve(year: FirstYear) -> None:
    """The chair, who froze nothing; then the worker numbers and prints."""
    with year.person("mazhuxi") as chair:
        chair.follow("继续办理")
        chair.follow("无人提出异议，主席团会议审定")
        chair.fill(meeting_name="庄子乡人大主席团第三次会议")
        chair.press("无人提出异议，主席团会议审定")
        _step(chair, "通报结果")
        year.ring()
        chair.again()
        chair.shows("3／3 份")
        assert "庄子乡人大主席团第三次会议" in _paper(chair, "打开通报")


def _paper(person: Newcomer, words: str) -> str:
    """What a PDF says, without its line breaks."""
    path = person.year.folder / "paper.pdf"
    address = person.main.get_by_role("link", name=words, exact=True).first.get_attribute("href")
    person.year.clicks[person.year.stage] += 1
    path.write_bytes(person.context.request.get(f"{person.url}{address}").body())
    return "".join("".join(page.extract_text() for page in PdfReader(path).pages).split())


def hand_in(year: FirstYear) -> None:
    """The deputy reads her notice on the phone and says what she will do better."""
    with year.person(year.on_duty, phone=True) as deputy:
        deputy.follow("提交2025年度《履职测评整改报告》")
        deputy.press("查收通知书")
        assert f"{DEPUTIES[year.on_duty]}代表" in _paper(deputy, "打开通知书")
        deputy.follow("填写整改报告")
        deputy.press("开始填写")
        for number in range(1, deputy.main.locator("[name^=measure_]").count() + 1):
            deputy.fill(
                **{
                    f"measure_{number}": "每月到站接待一次，逐月走访选区。",
                    f"finish_on_{number}": "2026-06-30",
                }
            )
        deputy.fill(causes="下半年外出务工时间较长。")
        deputy.press("提交整改报告")
        deputy.shows("整改报告已提交")


def accept(year: FirstYear) -> None:
    with year.person("mazhuxi") as chair:
        chair.follow("审核")
        chair.follow("审核整改报告")
        chair.tick("[name=decision][value=accept]")
        chair.press("审核整改报告")
        chair.shows("整改报告已通过")
