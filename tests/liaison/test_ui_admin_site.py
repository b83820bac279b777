"""The admin site: order of the queue, reasons, doors by task."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory

from liaison.models import Account, Appointment, Jurisdiction
from liaison.templatetags.liaison_admin import operation_name
from liaison.web.admin_site import TASK_GROUPS, LiaisonAdminSite, TaskLook, Todo, by_deadline, with_reason


def _todo(title: str, due_on: date | None) -> Todo:
    return Todo(title=title, url="/x", action="交办", action_url="/x/assign", due_on=due_on)


def test_queue_is_sorted_by_deadline_and_what_has_none_comes_last() -> None:
    rows = [
        _todo("丙", None),
        _todo("乙", date(2026, 5, 12)),
        _todo("甲", date(2026, 5, 12)),
        _todo("丁", date(2026, 5, 1)),
    ]
    assert [row.title for row in by_deadline(rows)] == ["丁", "乙", "甲", "丙"]


class _Desk:
    """Stands in for a ModelAdmin: remembers what it told the user."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def message_user(self, request: object, message: str, level: object) -> None:
        self.told.append(message)


@with_reason
def _end(desk: Any, request: Any, rows: Any, reason: str) -> None:
    desk.told.append(f"done:{reason}")


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        ("  辞职获准 ", "done:辞职获准"),
        ("   ", "请填写办理理由后再执行，所选记录没有变化。"),
        ("理" * 500, "办理理由最多400个字，现有500个字，请精简。所选记录没有变化。"),
    ],
)
def test_bulk_action_needs_a_reason(posted: str, told: str) -> None:
    desk = _Desk()
    _end(desk, RequestFactory().post("/", {"reason": posted}), None)
    assert desk.told == [told]


def test_deleting_in_bulk_is_never_offered() -> None:
    assert "delete_selected" not in dict(LiaisonAdminSite("other").actions)


class _Door(TaskLook):
    task_group = "roster"
    task_order = 1
    task_hint = "谁在何处任职"


def _site_with(**doors: Any) -> LiaisonAdminSite:
    site = LiaisonAdminSite("admin")
    site._registry.update(doors.values())
    return site


def test_doors_are_grouped_by_task_in_the_order_of_the_office() -> None:
    site = _site_with(
        account=(Account, SimpleNamespace()),
        appointment=(Appointment, _Door(Appointment, LiaisonAdminSite("other"))),
        jurisdiction=(Jurisdiction, SimpleNamespace(task_group="roster")),
    )
    door = {"admin_url": "/a/", "add_url": None}
    apps = [
        {
            "app_label": "liaison",
            "models": [
                door | {"model": Account, "name": "账号"},
                door | {"model": Jurisdiction, "name": "区划"},
                door | {"model": Appointment, "name": "任职"},
            ],
        }
    ]
    groups = site._by_task(apps)
    assert [group["name"] for group in groups] == ["名册", "设置"]
    assert [d["name"] for d in groups[0]["models"]] == ["任职", "区划"]
    assert groups[0]["models"][0]["hint"] == "谁在何处任职"
    assert groups[0]["app_url"].endswith("#roster")


def test_tasks_are_named_as_the_office_names_them() -> None:
    assert list(TASK_GROUPS.values()) == ["名册", "联络站与活动", "意见建议", "年度测评", "公文", "设置"]


def test_signing_in_goes_through_the_one_door(settings: Any) -> None:
    settings.LOGIN_URL = "/sign-in/"
    request = RequestFactory().get("/admin/login/", {"next": "/admin/x/"})
    request.user = SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    response = LiaisonAdminSite("admin").login(request)
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=%2Fadmin%2Fx%2F"


def test_unknown_operations_are_not_shown_in_english() -> None:
    assert operation_name("some_new_thing") == "其他操作"
    assert operation_name("update") == "修改"
