"""Each stage once, whenever beat comes back; never on a day off; the chair and the county hear in time."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from assessments import services, tasks
from assessments.models import FeedbackNotice, NoticeReminder
from assessments.services import notices, reminders
from assessments.services.reminders import is_quiet_day, stage_reached
from liaison.calendar.working import settle_provisional
from liaison.models import Notification
from liaison.tenancy.scope import acting, require_actor, system_actor
from liaison.words.enums import Role
from tests.assessments.makers import (
    PUBLISH,
    again,
    as_,
    deliver,
    hand_in,
    issued,
    opened,
    published,
    rows,
    seat,
)
from tests.factories import World, make_account, make_deputy_actor, make_term

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from assessments.models import Assessment
    from deputies.models import Mandate
    from liaison.tenancy.scope import Actor

DUE = date(2026, 2, 24)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


def titles(actor: "Actor") -> list[str]:
    return [row.title for row in rows(Notification, account_id=actor.account_id)]


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 2, 18), None),
        (date(2026, 2, 19), "before_5"),
        (date(2026, 2, 22), "before_5"),
        (date(2026, 2, 23), "before_1"),
        (date(2026, 2, 24), "before_1"),
        (date(2026, 2, 25), "overdue_1"),
        (date(2026, 3, 2), "overdue_1"),
        (date(2026, 3, 3), "overdue_7"),
        (date(2026, 12, 31), "overdue_7"),
    ],
)
def test_the_stage_is_a_range_and_never_one_day(today: date, stage: str | None) -> None:
    reached = stage_reached(DUE, today)
    assert (reached.code if reached else None) == stage


@pytest.fixture
def notice(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
) -> FeedbackNotice:
    found = next(n for n in issued(clerk, chair, assessment) if n.mandate_id == mandates[0].pk)
    return deliver(clerk, found)


def remind(notice: FeedbackNotice, day: date) -> str:
    return as_(system_actor(), services.send_reminder, notice_id=notice.pk, now=at(day))


def test_each_stage_once(notice: FeedbackNotice, mandates: "list[Mandate]") -> None:
    deputy = make_deputy_actor(mandates[0])
    days = [date(2026, 2, 19), date(2026, 2, 20), date(2026, 2, 24), date(2026, 2, 25), date(2026, 2, 26)]
    assert [remind(notice, day) for day in days] == ["before_5", "", "before_1", "overdue_1", ""]
    assert titles(deputy) == ["您的整改报告还有5日到期", "您的整改报告今天到期", "您的整改报告逾期1日"]


def test_a_beat_that_was_down_three_days_sends_what_holds_now(
    notice: FeedbackNotice, mandates: "list[Mandate]", chair: "Actor"
) -> None:
    deputy = make_deputy_actor(mandates[0])
    assert remind(notice, date(2026, 2, 27)) == "overdue_1"
    assert titles(deputy) == ["您的整改报告逾期3日"]
    assert "王建国代表的整改报告逾期3日" in titles(chair)
    assert [row.stage for row in rows(NoticeReminder)] == ["overdue_1"]


def test_the_county_hears_after_a_week_without_a_name(notice: FeedbackNotice, county: "Actor") -> None:
    remind(notice, date(2026, 2, 25))
    assert titles(county) == []
    remind(notice, date(2026, 3, 3))
    assert titles(county) == ["榆次区庄子乡有整改报告逾期7日"]


def test_the_county_hears_from_the_task_as_well(
    notice: FeedbackNotice, county: "Actor", time_machine: object
) -> None:
    """The task acts in the township alone, and the county hears all the same."""
    time_machine.move_to(at(date(2026, 3, 3)))  # type: ignore[attr-defined]
    tasks.watch_rectifications()
    assert set(titles(county)) == {"榆次区庄子乡有整改报告逾期7日"}


def test_what_was_handed_in_is_not_chased(
    notice: FeedbackNotice, clerk: "Actor", mandates: "list[Mandate]"
) -> None:
    hand_in(clerk, notice)
    assert remind(notice, date(2026, 3, 3)) == ""
    assert rows(NoticeReminder) == []


@pytest.mark.django_db
def test_days_off_are_quiet() -> None:
    with acting(system_actor()):
        quiet = [is_quiet_day(day) for day in (date(2026, 2, 19), date(2026, 2, 28), date(2026, 3, 1))]
    # 春节, a Saturday that is worked, a Sunday.
    assert quiet == [True, False, True]


def test_the_watch_waits_for_the_next_working_day(
    notice: FeedbackNotice, mandates: "list[Mandate]", time_machine: object
) -> None:
    deputy = make_deputy_actor(mandates[0])
    for day in (
        date(2026, 2, 19),
        date(2026, 2, 22),
        date(2026, 2, 24),
        date(2026, 2, 24),
        date(2026, 2, 28),
    ):
        time_machine.move_to(at(day))  # type: ignore[attr-defined]
        tasks.watch_rectifications()
        tasks.watch_rectifications()
    # 5 days before falls into 春节 and is overtaken; each of the others went once to each owing deputy.
    assert titles(deputy) == ["您的整改报告今天到期", "您的整改报告逾期4日"]
    assert len(rows(NoticeReminder)) == 3 * 2


@pytest.fixture
def neighbours(
    world: World, clerk: "Actor", chair: "Actor", other_clerk: "Actor", assessment: "Assessment"
) -> "list[Assessment]":
    """Two townships with results published and no notice yet."""
    place = world["长凝镇"]
    term = make_term(place)
    seat(term, 2)
    there = opened(other_clerk, term)
    other_chair = make_account(place, Role.PRESIDIUM_CHAIR, name="孙主席")
    return [published(clerk, chair, assessment), published(other_clerk, other_chair, there)]


class TestOneTownshipsTroubleIsItsOwn:
    @pytest.fixture
    def stumble(
        self, neighbours: "list[Assessment]", monkeypatch: pytest.MonkeyPatch
    ) -> "Callable[[object, str], None]":
        """Makes a service of the tasks fail in the first township; wherever it acts, it acts there alone."""

        def _stumble(module: object, name: str) -> None:
            service = getattr(module, name)

            def call(*, actor: "Actor", **facts: object) -> object:
                assert actor.hi == actor.lo + 1
                if actor.lo == neighbours[0].scope_code:
                    raise RuntimeError("a broken row")
                return service(actor=actor, **facts)

            monkeypatch.setattr(module, name, call)

        return _stumble

    def test_notices_are_issued_next_door(
        self, neighbours: "list[Assessment]", stumble: "Callable[[object, str], None]", time_machine: object
    ) -> None:
        time_machine.move_to(PUBLISH)  # type: ignore[attr-defined]
        stumble(notices, "issue_notices")
        tasks.sweep_notices()
        assert {notice.assessment_id for notice in rows(FeedbackNotice)} == {neighbours[1].pk}
        assert all(notice.rendered_at for notice in rows(FeedbackNotice))

    def test_papers_are_printed_next_door(
        self, neighbours: "list[Assessment]", stumble: "Callable[[object, str], None]", time_machine: object
    ) -> None:
        time_machine.move_to(PUBLISH)  # type: ignore[attr-defined]
        stumble(notices, "render_notice")
        stumble(notices, "render_circular")
        tasks.sweep_notices()
        printed = {notice.assessment_id for notice in rows(FeedbackNotice, rendered_at__isnull=False)}
        assert printed == {neighbours[1].pk}
        assert len(rows(FeedbackNotice)) == 3 + 2

    def test_reports_are_chased_next_door(
        self, neighbours: "list[Assessment]", stumble: "Callable[[object, str], None]", time_machine: object
    ) -> None:
        for row in neighbours:
            as_(system_actor(), services.issue_notices, assessment_id=row.pk, now=PUBLISH)
        for notice in rows(FeedbackNotice):
            with acting(system_actor()):
                FeedbackNotice._plain.filter(pk=notice.pk).update(due_on=DUE)
        time_machine.move_to(at(DUE))  # type: ignore[attr-defined]
        stumble(reminders, "send_reminder")
        tasks.watch_rectifications()
        assert {row.scope_code for row in rows(NoticeReminder)} == {neighbours[1].scope_code}

    def test_days_are_settled_next_door(
        self, neighbours: "list[Assessment]", monkeypatch: pytest.MonkeyPatch, time_machine: object
    ) -> None:
        for row in neighbours:
            as_(system_actor(), services.issue_notices, assessment_id=row.pk, now=PUBLISH)
        with acting(system_actor()) as actor:
            FeedbackNotice.scoped(actor).update(due_is_provisional=True)
        settle = settle_provisional

        def call(found: "QuerySet[Any]", now: datetime) -> "list[Any]":
            if require_actor().lo == neighbours[0].scope_code:
                raise RuntimeError("a broken row")
            return settle(found, now=now)

        monkeypatch.setattr(tasks, "settle_rows", call)
        time_machine.move_to(PUBLISH)  # type: ignore[attr-defined]
        assert tasks.settle_provisional() == 2
        assert {row.scope_code for row in rows(FeedbackNotice, due_is_provisional=False)} == {
            neighbours[1].scope_code
        }


class TestTasks:
    def test_the_sweep_serves_prints_and_then_has_nothing_to_do(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", time_machine: object,
        django_assert_max_num_queries: Callable[[int], object],
    ) -> None:  # fmt: skip
        published(clerk, chair, assessment)
        time_machine.move_to(PUBLISH)  # type: ignore[attr-defined]
        tasks.sweep_notices()
        notices = rows(FeedbackNotice)
        assert len(notices) == 3
        assert all(notice.rendered_at for notice in notices)
        tasks.sweep_notices()
        for notice in notices:
            tasks.render_notice(notice.pk)
        assert [again(notice).rendered_at for notice in notices] == [notice.rendered_at for notice in notices]
        tasks.render_notice(10**9)

    def test_a_provisional_date_is_settled_when_the_year_is_loaded(
        self, notice: FeedbackNotice, time_machine: object
    ) -> None:
        from liaison.calendar.working import load_default_years
        from liaison.models import CalendarYear

        with acting(system_actor()):
            CalendarYear.objects.filter(year=2026).first().days.all().delete()  # type: ignore[union-attr]
            CalendarYear.objects.filter(year=2026).delete()
        with acting(system_actor()):
            FeedbackNotice._plain.filter(pk=notice.pk).update(
                due_on=date(2026, 2, 19), due_is_provisional=True
            )
        time_machine.move_to(at(date(2026, 1, 21)))  # type: ignore[attr-defined]
        tasks.settle_provisional()
        assert again(notice).due_is_provisional
        with acting(system_actor()):
            load_default_years(at(date(2026, 1, 21)))
        tasks.settle_provisional()
        assert (again(notice).due_on, again(notice).due_is_provisional) == (DUE, False)
