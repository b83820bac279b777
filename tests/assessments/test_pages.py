"""Every page of this floor as the people it is for get it: Chinese only, one title, one primary button."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from assessments import services
from assessments.enums import AssessmentState, NoticeState
from assessments.models import BallotTally, ExtraFact, FeedbackNotice, ReminderTalk, Scheme, ScoreSheet
from liaison.tenancy.scope import system_actor
from liaison.words.enums import Role
from tests.assessments.makers import (
    FREEZE,
    PUBLISH,
    again,
    as_,
    deliver,
    hand_in,
    issued,
    objectable,
    rows,
    sheet_of,
    vote,
)
from tests.browsing import edit, filled, seen_at
from tests.factories import make_account, make_deputy_actor

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate
    from liaison.models import Jurisdiction
    from liaison.tenancy.scope import Actor

SignIn = Callable[["Actor"], Client]
_HIDDEN = re.compile(r"<(head|script|style|svg|textarea)\b.*?</\1>|<[^>]+>", re.S)
_WORD = re.compile(r"[A-Za-z]{2,}")
NOON = datetime(2026, 1, 21, 4, 0, tzinfo=UTC)


def seen(page: str) -> str:
    return html.unescape(_HIDDEN.sub(" ", page))


def good(response: object) -> str:
    """The page's text, after what must hold of every page."""
    assert response.status_code == 200, response.status_code  # type: ignore[attr-defined]
    page = response.content.decode()  # type: ignore[attr-defined]
    assert _WORD.findall(seen(page)) == []
    assert len(re.findall(r"<h1\b", page)) == 1
    assert len(re.findall(r'class="btn btn--primary', page)) <= 1
    return seen(page)


@pytest.fixture
def own(mandates: "list[Mandate]") -> "Actor":
    return make_deputy_actor(mandates[0])


@pytest.fixture
def notices(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
) -> list[FeedbackNotice]:
    vote(clerk, assessment, mandates)
    found = issued(clerk, chair, assessment)
    for notice in found:
        as_(system_actor(), services.render_notice, notice_id=notice.pk, now=PUBLISH)
    return found


@pytest.fixture(autouse=True)
def _noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=True)  # type: ignore[attr-defined]


class TestDeputy:
    def test_the_score_tells_its_reasons(
        self, sign_in: SignIn, own: "Actor", notices: list[FeedbackNotice]
    ) -> None:
        text = good(sign_in(own).get(reverse("assessments_my_score")))
        assert "每月接待选民" in text
        assert "满意50张" in text
        assert good(sign_in(own).get(reverse("assessments_home")))

    def test_nothing_to_read_is_said_in_words(self, sign_in: SignIn, own: "Actor") -> None:
        assert "还没有可以查阅的测评结果" in good(sign_in(own).get(reverse("assessments_my_score")))

    def test_the_notice_is_received_by_a_button_and_then_read(
        self, sign_in: SignIn, own: "Actor", mandates: "list[Mandate]", notices: list[FeedbackNotice]
    ) -> None:
        mine = next(n for n in notices if n.mandate_id == mandates[0].pk)
        client = sign_in(own)
        before = good(client.get(reverse("assessments_notice", args=[mine.pk])))
        assert "查收通知书" in before
        assert str(sheet_of(mine, mandates[0]).total) not in before
        assert client.get(reverse("assessments_notice_pdf", args=[mine.pk])).status_code == 302
        assert again(mine).state == NoticeState.ISSUED

        client.post(reverse("assessments_notice_receive", args=[mine.pk]))
        assert again(mine).state == NoticeState.DELIVERED
        after = good(client.get(reverse("assessments_notice", args=[mine.pk])))
        assert "填写整改报告" in after
        pdf = client.get(reverse("assessments_notice_pdf", args=[mine.pk]))
        assert pdf.content.startswith(b"%PDF")
        good(client.get(reverse("assessments_notices")))

    def test_the_report_is_kept_as_a_draft_and_handed_in_when_complete(
        self, sign_in: SignIn, own: "Actor", mandates: "list[Mandate]", notices: list[FeedbackNotice]
    ) -> None:
        mine = next(n for n in notices if n.mandate_id == mandates[0].pk)
        client, url = sign_in(own), reverse("assessments_report", args=[mine.pk])
        client.post(reverse("assessments_notice_receive", args=[mine.pk]))
        assert "开始填写" in good(client.get(url))
        client.post(url, {"start": "1"})
        assert "提交整改报告" in good(client.get(url))
        text = good(edit(client, url, causes="安排不当", submit="1"))
        assert "请填写第1项的整改" in text
        assert again(mine).state == NoticeState.DELIVERED
        assert "安排不当" in client.get(url).content.decode()
        sheet = sheet_of(mine, mandates[0])
        data = {"causes": "安排不当", "submit": "1", **seen_at(client, url)}
        for sort in range(1, len(sheet.problems) + 1):
            data |= {f"measure_{sort}": "每月走访一次", f"finish_on_{sort}": "2026-06-30"}
        client.post(url, data)
        assert again(mine).state == NoticeState.REPORTED
        assert client.get(reverse("assessments_report_pdf", args=[mine.pk])).content.startswith(b"%PDF")

    def test_an_objection_from_the_page(
        self, sign_in: SignIn, own: "Actor", mandates: "list[Mandate]", notices: list[FeedbackNotice]
    ) -> None:
        sheet = sheet_of(notices[0], mandates[0])
        client, url = sign_in(own), reverse("assessments_objection", args=[sheet.pk])
        good(client.get(url))
        assert "请填写异议理由" in good(client.post(url, {"reason": ""}))
        answer = client.post(url, {"reason": "6月5日接待没有计入", "line": ""}, follow=True)
        assert "6月5日接待没有计入" in good(answer)

    def test_a_colleague_is_refused_and_another_township_finds_nothing(
        self,
        sign_in: SignIn,
        mandates: "list[Mandate]",
        notices: list[FeedbackNotice],
        other_clerk: "Actor",
    ) -> None:
        colleague = make_deputy_actor(mandates[1])
        mine = next(n for n in notices if n.mandate_id == mandates[0].pk)
        sheet = sheet_of(mine, mandates[0])
        for name, pk in (
            ("assessments_sheet", sheet.pk),
            ("assessments_notice", mine.pk),
            ("assessments_notice_pdf", mine.pk),
            ("assessments_report", mine.pk),
            ("assessments_objection", sheet.pk),
        ):
            assert sign_in(colleague).get(reverse(name, args=[pk])).status_code == 403, name
            assert sign_in(other_clerk).get(reverse(name, args=[pk])).status_code == 404, name


class TestStaff:
    def test_the_task_page_leads_through_the_year(
        self,
        sign_in: SignIn,
        clerk: "Actor",
        chair: "Actor",
        assessment: "Assessment",
        mandates: "list[Mandate]",
        time_machine: object,
    ) -> None:
        client = sign_in(clerk)
        page = reverse("admin:assessments_assessment_change", args=[assessment.pk])
        assert "截止数据" in good(client.get(page))

        def step(event: str, who: Client = client, **data: str) -> None:
            url = reverse("admin:assessments_assessment_step", args=[assessment.pk, event])
            good(who.get(url))
            assert who.post(url, data).status_code == 302, event

        time_machine.move_to(FREEZE, tick=True)  # type: ignore[attr-defined]
        step("freeze")
        assert (
            client.post(reverse("admin:assessments_assessment_compute", args=[assessment.pk])).status_code
            == 302
        )
        for event in ("start_self", "finish_self", "finish_group", "finish_ballot", "finish_review"):
            step(event)
        step("finish_reconcile")
        assert "异议期" in good(client.get(page))
        time_machine.move_to(NOON, tick=True)  # type: ignore[attr-defined]
        boss = sign_in(chair)
        step("approve_unopposed", boss, meeting_name="主席团第十二次会议", pending_reason="没有组织测评")
        publish = reverse("admin:assessments_assessment_step", args=[assessment.pk, "circulate"])
        assert reverse("reauthenticate") in boss.post(publish)["Location"]
        assert again(assessment).state == AssessmentState.APPROVED
        session = boss.session
        session["confirmed_at"] = int(NOON.timestamp())
        session.save()
        assert boss.post(publish).status_code == 302
        assert again(assessment).state == AssessmentState.CIRCULATED
        as_(system_actor(), services.issue_notices, assessment_id=assessment.pk, now=NOON)
        assert "生成通知书" in good(boss.get(page))

    def test_an_illegal_step_is_a_conflict(
        self, sign_in: SignIn, clerk: "Actor", assessment: "Assessment"
    ) -> None:
        url = reverse("admin:assessments_assessment_step", args=[assessment.pk, "archive"])
        assert sign_in(clerk).get(url).status_code == 409

    def test_the_grid_keeps_right_rows_and_explains_wrong_ones(
        self, sign_in: SignIn, clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        url = reverse("admin:assessments_ballottally_grid", args=[assessment.pk])
        client = sign_in(clerk)
        good(client.get(url))
        data = {"held_on": "2025-12-20", "place": "会议室"}
        columns = ("issued", "returned", "valid", "satisfied", "basically_satisfied", "dissatisfied")
        for mandate, numbers in zip(mandates, ((50, 50, 50, 40, 8, 2), (50, 60, 50, 50, 0, 0)), strict=False):
            data |= {f"{name}-{mandate.pk}": str(n) for name, n in zip(columns, numbers, strict=True)}
        text = good(client.post(url, filled(client.get(url), **data)))
        assert "收回60张，多于发出的50张" in text
        assert len(rows(BallotTally)) == 1

    def test_a_tally_registered_meanwhile_is_not_overwritten(
        self,
        sign_in: SignIn,
        clerk: "Actor",
        chair: "Actor",
        assessment: "Assessment",
        mandates: "list[Mandate]",
    ) -> None:
        url = reverse("admin:assessments_ballottally_grid", args=[assessment.pk])
        columns = ("issued", "returned", "valid", "satisfied", "basically_satisfied", "dissatisfied")

        def typed(*numbers: int) -> dict[str, str]:
            cells = {f"{n}-{mandates[0].pk}": str(v) for n, v in zip(columns, numbers, strict=True)}
            return {"held_on": "2025-12-20", "place": "会议室"} | cells

        mine = filled(sign_in(clerk).get(url), **typed(50, 50, 50, 40, 8, 2))
        assert edit(sign_in(chair), url, **typed(60, 60, 60, 50, 8, 2)).status_code == 302
        assert "票数刚由他人登记过" in good(sign_in(clerk).post(url, mine))
        assert [tally.issued for tally in rows(BallotTally)] == [60]

    def test_entries_are_typed_in_and_withdrawn(
        self, sign_in: SignIn, clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        client, add = sign_in(clerk), reverse("admin:assessments_extrafact_add")
        good(client.get(add))
        data = {"mandate": mandates[0].pk, "fact_code": "commendation", "points": "3", "count": "1",
                "happened_on": "2025-07-01", "basis": "区委表彰决定"}  # fmt: skip
        assert client.post(add, data).status_code == 302
        changelist = reverse("admin:assessments_extrafact_changelist")
        good(client.get(changelist))
        fact = rows(ExtraFact)[0]
        client.post(changelist, {"action": "withdraw", "_selected_action": [fact.pk], "reason": "登记有误"})
        assert rows(ExtraFact) == []

    def test_lists_and_records(
        self,
        sign_in: SignIn,
        clerk: "Actor",
        chair: "Actor",
        own: "Actor",
        mandates: "list[Mandate]",
        notices: list[FeedbackNotice],
        django_assert_max_num_queries: Callable[[int], object],
    ) -> None:
        client = sign_in(clerk)
        for name in ("assessment", "scoresheet", "feedbacknotice", "remindertalk", "circular", "scheme",
                     "ballottally", "extrafact", "scoreobjection"):  # fmt: skip
            good(client.get(reverse(f"admin:assessments_{name}_changelist")))
        good(client.get(reverse("admin:assessments_feedbacknotice_changelist") + "?owed=1"))
        good(client.get(reverse("assessments_results")))
        good(client.get(reverse("assessments_of_deputy", args=[mandates[0].pk])))
        good(client.get(reverse("assessments_notice", args=[notices[0].pk])))
        mine = next(n for n in notices if n.mandate_id == mandates[0].pk)
        deliver(clerk, mine)
        report = hand_in(own, mine)
        good(client.get(reverse("assessments_review", args=[report.pk])))
        url = reverse("assessments_review", args=[report.pk])
        assert "请写明需要补充什么" in good(client.post(url, {"decision": "return"}))
        assert client.post(url, {"decision": "accept"}).status_code == 302
        talk = rows(ReminderTalk)[0]
        good(sign_in(chair).get(reverse("assessments_talk", args=[talk.pk])))
        assert client.get(reverse("assessments_talk_pdf", args=[talk.pk])).content.startswith(b"%PDF")
        for name in ("assessments_deliver", "assessments_excuse", "assessments_unreported"):
            good(client.get(reverse(name, args=[notices[1].pk])))

    @pytest.mark.parametrize(("action", "opens"), [("print_selected", b"%PDF"), ("pack_selected", b"PK")])
    def test_many_notices_as_one_file(
        self, action: str, opens: bytes, sign_in: SignIn, clerk: "Actor", notices: list[FeedbackNotice]
    ) -> None:
        client = sign_in(clerk)
        changelist = reverse("admin:assessments_feedbacknotice_changelist")
        ids = [notice.pk for notice in notices]
        answer = client.post(changelist, {"action": action, "_selected_action": ids})
        assert reverse("reauthenticate") in client.get(answer["Location"])["Location"]
        session = client.session
        session["confirmed_at"] = int(NOON.timestamp())
        session.save()
        assert client.get(answer["Location"]).content.startswith(opens)

    def test_ruling_on_an_objection(
        self,
        sign_in: SignIn,
        clerk: "Actor",
        own: "Actor",
        assessment: "Assessment",
        mandates: "list[Mandate]",
        time_machine: object,
    ) -> None:
        objectable(clerk, assessment)
        time_machine.move_to(datetime(2026, 1, 9, 4, 0, tzinfo=UTC), tick=True)  # type: ignore[attr-defined]
        sheet = sheet_of(assessment, mandates[0])
        row = as_(
            own, services.raise_objection, sheet_id=sheet.pk, reason="没有计入", now=PUBLISH.replace(day=9)
        )
        client, url = sign_in(clerk), reverse("assessments_objection_detail", args=[row.pk])
        good(client.get(url))
        client.post(reverse("assessments_objection_recheck", args=[row.pk]))
        good(client.get(url))
        assert client.post(url, {"event": "uphold", "ruling": "记录无误"}).status_code == 302
        assert "维持原结果" in good(client.get(url))


def own_schemes(clerk: "Actor") -> list[Scheme]:
    """The township's, without the shipped ones of the nation."""
    return rows(Scheme, scope_code=clerk.lo)


class TestSchemes:
    def test_reading_trying_and_saving_a_version(
        self, sign_in: SignIn, clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        client, scheme = sign_in(clerk), own_schemes(clerk)[0]
        assert "每月接待选民" in good(
            client.get(reverse("admin:assessments_scheme_change", args=[scheme.pk]))
        )
        url = reverse("admin:assessments_scheme_edit", args=[scheme.pk])
        good(client.get(url))
        data = {"name": scheme.name, "items.0.full": "20"}
        assert "合计应为100分" in good(client.post(url, data))
        data |= {"items.1.full": "5", "try": "1"}
        assert "试算结果" in good(client.post(url, data))
        assert len(own_schemes(clerk)) == 1
        del data["try"]
        stale = {**data, **seen_at(client, url)}
        assert client.post(url, stale).status_code == 302
        assert client.post(url, stale).status_code == 409
        saved = own_schemes(clerk)
        assert [s.version for s in saved] == [1]
        assert saved[0].definition["items"][0]["full"] == "20"

    def test_a_scheme_in_use_gets_a_new_version(
        self, sign_in: SignIn, clerk: "Actor", assessment: "Assessment"
    ) -> None:
        as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
        scheme = own_schemes(clerk)[0]
        url = reverse("admin:assessments_scheme_edit", args=[scheme.pk])
        assert "另存为新版本" in good(sign_in(clerk).get(url))
        data = {"name": scheme.name, "items.0.full": "20", "items.1.full": "5"}
        assert sign_in(clerk).post(url, data).status_code == 302
        assert [s.version for s in own_schemes(clerk)] == [1, 2]


class TestCounty:
    def test_the_county_counts_and_opens_no_township_sheet(
        self, sign_in: SignIn, county: "Actor", notices: list[FeedbackNotice], mandates: "list[Mandate]"
    ) -> None:
        client = sign_in(county)
        text = good(client.get(reverse("assessments_results") + f"?id={notices[0].assessment_id}"))
        assert "只列各等次人数" in text
        assert "王建国" not in text
        sheet = rows(ScoreSheet)[0]
        assert client.get(reverse("assessments_sheet", args=[sheet.pk])).status_code == 403
        good(client.get(reverse("admin:assessments_assessment_changelist")))


def test_others_have_no_business_here(
    sign_in: SignIn, township: "Jurisdiction", notices: list[FeedbackNotice]
) -> None:
    sheet = rows(ScoreSheet)[0]
    for role in (Role.STATION_CLERK, Role.HANDLING_UNIT, Role.CITY_VIEWER, Role.SYSTEM_ADMIN):
        client = sign_in(make_account(township, role))
        assert client.get(reverse("assessments_sheet", args=[sheet.pk])).status_code == 403, role
        assert client.get(reverse("assessments_results")).status_code == 403, role
