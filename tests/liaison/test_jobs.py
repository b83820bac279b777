"""后台办理: steps that survive their worker, one pair of hands for what they make, and nothing kept for long."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deputies.models import Mandate, Term
from liaison.documents.account_slips import print_slips
from liaison.identity.giving import give_accounts
from liaison.jobs import account_slips, selectors, services, tasks
from liaison.models import Account, Appointment, AuditEntry, Job, JobPart, Jurisdiction, Notification
from liaison.tenancy.scope import Actor, acting, current_actor, system_actor
from liaison.words.enums import JobState, Role
from liaison.words.errors import OutOfScope, Refused
from tests.factories import NOW, make_account, make_mandate

pytestmark = pytest.mark.django_db
NAMES = ("王建国", "李秀英", "张爱国", "赵小兵", "钱多")
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Three steps to open five accounts, five to print them, one to bind; the doorbell only counts."""
    rung: list[int] = []
    monkeypatch.setattr(account_slips, "OPENED_AT_ONCE", 2)
    monkeypatch.setattr(account_slips, "PRINTED_AT_ONCE", 1)
    monkeypatch.setattr(services, "ring", rung.append)
    return rung


@pytest.fixture
def roster(term: Term) -> list[Mandate]:
    return [make_mandate(term, name) for name in NAMES]


@pytest.fixture
def job(clerk: Actor, roster: list[Mandate]) -> Job:
    with acting(clerk):
        return account_slips.order(now=NOW)


def run(job: Job, *, steps: int = 50) -> list[bool]:
    """So many steps, or until it is over; whether each said that another one waits."""
    said: list[bool] = []
    while len(said) < steps and (not said or said[-1]):
        said.append(services.go_on(job.pk, LATER))
    return said


def read(job: Job) -> Job:
    with acting(system_actor()):
        return Job._plain.get(pk=job.pk)


def rows(model: Any, **where: Any) -> Any:
    with acting(system_actor()):
        return (
            list(model._plain.filter(**where))
            if hasattr(model, "_plain")
            else list(model.objects.filter(**where))
        )


def file_of(actor: Actor, job: Job) -> bytes:
    with acting(actor):
        return services.take_file(job_id=job.pk)[1].content


def test_every_deputy_gets_one_account_and_one_slip_in_one_file(clerk: Actor, job: Job) -> None:
    assert run(job) == [True] * 8 + [False]
    text = [page.extract_text() for page in pypdf.PdfReader(BytesIO(file_of(clerk, job))).pages]
    assert [sum(name in page for page in text) for name in NAMES] == [1] * 5
    assert len(rows(Appointment, role=Role.DEPUTY)) == 5
    done = read(job)
    assert (done.state, done.done, done.percent, done.ended_at) == (JobState.DONE, 10, 100, LATER)
    [told] = rows(Notification, account_id=clerk.account_id)
    assert (told.title, told.link) == ("给5名代表开账号并印制口令单已办完", f"/jobs/{job.pk}/")


def test_it_says_how_far_it_is_and_is_whole_only_at_the_end(job: Job) -> None:
    seen = []
    while services.go_on(job.pk, LATER):
        now = read(job)
        seen.append((now.percent, now.stage))
    opened = [(20, "正在开立账号"), (40, "正在开立账号"), (50, "正在印制口令单")]
    printed = [(50, "正在印制口令单"), (60, "正在印制口令单"), (70, "正在印制口令单"), (80, "正在印制口令单")]
    assert seen == [*opened, *printed, (90, "正在合成一个文件")]


def test_nothing_of_it_lies_readable_in_the_database(job: Job) -> None:
    run(job, steps=4)
    with connection.cursor() as cursor, acting(system_actor()):
        cursor.execute("SELECT content FROM liaison_jobpart")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert (b"%PDF" in stored, b"password" in stored, stored.count(b"gAAAAA") > 0) == (False, False, True)


def test_a_step_that_fails_leaves_nothing_and_is_done_again(
    clerk: Actor, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(account_slips, "asdict", lambda slip: 1 / 0)
        assert services.go_on(job.pk, LATER) is False
    assert (rows(Account, must_change_password=True, username="wangjianguo"), read(job).tries) == ([], 1)
    run(job)
    assert (read(job).state, read(job).tries, len(rows(Appointment, role=Role.DEPUTY))) == (
        JobState.DONE,
        0,
        5,
    )


def test_what_fails_again_and_again_stops_and_says_so(
    clerk: Actor, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_slips, "asdict", lambda slip: 1 / 0)
    for _ in range(services.MOST_TRIES + 2):
        services.go_on(job.pk, LATER)
    stopped = read(job)
    assert (stopped.state, stopped.tries) == (JobState.STOPPED, services.MOST_TRIES)
    assert str(stopped.problem).startswith("办理时多次出错")
    assert [row.title for row in rows(Notification, account_id=clerk.account_id)] == [
        "给5名代表开账号并印制口令单没有办完"
    ]


def test_whoever_lost_the_office_has_nothing_done_in_his_name(clerk: Actor, job: Job) -> None:
    run(job, steps=1)
    with acting(system_actor()):
        Appointment._plain.filter(pk=clerk.appointment_id).update(ends_on=NOW.date() - timedelta(days=1))
    assert run(job) == [False]
    assert (read(job).state, len(rows(Appointment, role=Role.DEPUTY))) == (JobState.STOPPED, 2)
    assert "职务已不在任" in str(read(job).problem)


def test_whoever_got_an_account_meanwhile_gets_no_second_one(
    clerk: Actor, roster: list[Mandate], job: Job
) -> None:
    with acting(clerk):
        give_accounts(column="person_ref", names={roster[4].person_id: "钱多"}, today=NOW.date(), now=NOW)
    run(job)
    assert len(pypdf.PdfReader(BytesIO(file_of(clerk, job))).pages) == 4
    assert len(rows(Appointment, role=Role.DEPUTY)) == 5


def test_one_at_a_time_and_none_for_nobody(clerk: Actor, job: Job) -> None:
    with acting(clerk), pytest.raises(Refused, match="同一事项正在后台办理"):
        account_slips.order(now=NOW)
    run(job)
    with acting(clerk), pytest.raises(Refused, match="都已有账号"):
        account_slips.order(now=NOW)


def test_nobody_else_of_the_office_sees_it(township: Jurisdiction, job: Job) -> None:
    colleague = make_account(township, Role.PRESIDIUM_CHAIR, name="王主席")
    run(job)
    with acting(colleague):
        assert list(selectors.own_jobs(colleague)) == []
        with pytest.raises(OutOfScope):
            services.take_file(job_id=job.pk)
        with pytest.raises(OutOfScope):
            services.forget_file(job_id=job.pk)


def test_the_file_is_noted_each_time_and_gone_when_said(clerk: Actor, job: Job) -> None:
    run(job)
    file_of(clerk, job)
    file_of(clerk, job)
    assert len(rows(AuditEntry, operation="open_job_file", row_ref=job.pk)) == 2
    with acting(clerk):
        services.forget_file(job_id=job.pk)
        with pytest.raises(OutOfScope, match="文件已经删除"):
            services.take_file(job_id=job.pk)
    assert rows(JobPart) == []


def test_a_file_is_not_forgotten_before_it_is_there(clerk: Actor, job: Job) -> None:
    run(job, steps=1)
    with acting(clerk), pytest.raises(Refused, match="还没有办完"):
        services.forget_file(job_id=job.pk)


@pytest.mark.parametrize(
    ("after", "left"), [(timedelta(days=2, hours=23), 1), (timedelta(days=3, minutes=1), 0)]
)
def test_files_go_after_three_days_by_themselves(job: Job, after: timedelta, left: int) -> None:
    run(job)
    with acting(system_actor(job.scope_code, job.scope_code + 1)) as system:
        services.forget_old(system, LATER + after)
    assert len(rows(JobPart)) == left


def test_the_beat_rings_for_jobs_nobody_goes_on_with(
    job: Job, small_steps: list[int], time_machine: Any
) -> None:
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    assert tasks.sweep_jobs() == 0
    time_machine.move_to(NOW + timedelta(minutes=3), tick=False)
    assert (tasks.sweep_jobs(), small_steps) == (1, [job.pk])


def test_the_worker_goes_on_to_the_end(job: Job) -> None:
    tasks.run_job(job.pk)
    assert read(job).state == JobState.DONE


class TestPages:
    @pytest.fixture
    def office(
        self, sign_in: Callable[[Actor], Client], clerk: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> Client:
        monkeypatch.setattr("liaison.identity.gates.is_confirmed", lambda request: True)
        return sign_in(clerk)

    def test_a_whole_roster_goes_to_the_worker(
        self, office: Client, roster: list[Mandate], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("liaison.identity.giving.MOST_AT_ONCE", 4)
        answer = office.get("/accounts/give/person/?all=1", follow=True)
        assert (answer.request["PATH_INFO"], "还有<strong>5</strong>名代表" in answer.content.decode()) == (
            "/accounts/give/all/", True,
        )  # fmt: skip
        answer = office.post("/accounts/give/all/", follow=True)
        [job] = rows(Job)
        assert answer.request["PATH_INFO"] == f"/jobs/{job.pk}/"
        assert 'data-reload-after="3"' in answer.content.decode()

    def test_the_file_is_fetched_and_deleted_by_its_buttons(self, office: Client, job: Job) -> None:
        run(job)
        page = office.get(f"/jobs/{job.pk}/").content.decode()
        assert ("下载文件" in page, "data-reload-after" in page) == (True, False)
        answer = office.get(f"/jobs/{job.pk}/file/")
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
        assert "文件已删除。" in office.post(f"/jobs/{job.pk}/forget/", follow=True).content.decode()
        assert office.get(f"/jobs/{job.pk}/file/").status_code == 404
        assert "文件已经删除。" in office.get(f"/jobs/{job.pk}/").content.decode()

    def test_the_password_is_asked_for_before_the_file(
        self, sign_in: Callable[[Actor], Client], clerk: Actor, township: Jurisdiction, job: Job
    ) -> None:
        run(job)
        address = f"/jobs/{job.pk}/file/"
        assert sign_in(clerk).get(address)["Location"].startswith("/account/confirm/")
        colleague = make_account(township, Role.PRESIDIUM_CHAIR, name="王主席")
        assert sign_in(colleague).get(address).status_code == 404

    def test_the_list_costs_the_same_for_one_and_three(self, office: Client, clerk: Actor, job: Job) -> None:
        run(job)

        def count() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert office.get("/jobs/").status_code == 200
            told = [each["sql"] for each in asked if "set_config" not in each["sql"]]
            return sum(sql.startswith("SELECT") for sql in told)

        count()
        one = count()
        with acting(system_actor()):
            for number in (1, 2):
                row = Job._plain.get(pk=job.pk)
                row.pk, row.kind = None, f"other{number}"
                row.save(force_insert=True)
        assert (one, count()) == (6, 6)


def test_nothing_is_printed_inside_a_transaction(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database ends a session that idles in one; a slow machine prints for longer."""
    depths = []

    def printing(*args: Any, **kwargs: Any) -> bytes:
        depths.append((len(connection.savepoint_ids), current_actor()))
        return print_slips(*args, **kwargs)

    monkeypatch.setattr(account_slips, "print_slips", printing)
    outside = len(connection.savepoint_ids)
    run(job)
    assert depths == [(outside, None)] * 5


def test_of_two_workers_that_print_the_same_slips_one_is_enough(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(job, steps=3)
    with monkeypatch.context() as once:

        def overtaken(*args: Any, **kwargs: Any) -> bytes:
            once.setattr(account_slips, "print_slips", print_slips)
            assert services.go_on(job.pk, LATER)
            return print_slips(*args, **kwargs)

        once.setattr(account_slips, "print_slips", overtaken)
        assert services.go_on(job.pk, LATER)
    assert len([row for row in rows(JobPart) if row.content_type == "application/pdf"]) == 1
