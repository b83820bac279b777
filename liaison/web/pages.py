"""What the pages of every floor share: a page, the way from a form to its service, reading numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from liaison.identity.gates import actor_of
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import EditForm
from liaison.web.forms import ServiceForm
from liaison.words.errors import Forbidden, InvalidInput
from liaison.words.text import read_digits

T = TypeVar("T")
Crumbs = list[tuple[str, str]]


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """``template`` with its title; 409 when a form in ``context`` met a colleague's change."""
    return render(request, template, {"page_title": title, **context}, status=status_of(context))


def status_of(context: dict[str, Any]) -> int:
    """The worst status that a form on the page carries; 200 for a page without one."""
    forms = (value for value in context.values() if isinstance(value, BaseForm))
    return max((getattr(form, "status", 200) for form in forms), default=200)


def act(request: HttpRequest, form: ServiceForm, call: Callable[[Actor], T]) -> T | None:
    """Run services for a sent form; ``None`` shows the form again with the services' errors in it.

    What was written before a refusal is rolled back.
    """
    if not form.is_valid():
        return None

    def run() -> T:
        with transaction.atomic():
            return call(actor_of(request))

    return form.submit(run)


def save(request: HttpRequest, form: EditForm) -> Any:
    """`act` for a form about a row: the form knows its service."""
    return act(request, form, lambda actor: form.save(actor=actor, now=timezone.now()))


def is_allowed(question: Callable[..., Any], actor: Actor, row: Any) -> bool:
    """Whether the question a service asks of ``actor`` and ``row`` lets them pass; for links and buttons."""
    return not refusal_of(question, actor, row)


def refusal_of(question: Callable[..., Any], actor: Actor, row: Any) -> str:
    """The sentence with which a service would refuse ``actor``; empty where it lets them pass."""
    try:
        question(actor, row)
    except Forbidden as refused:
        return refused.message
    return ""


def whole_number(text: str) -> int:
    """The number of a row, from a form or an address; anything else is a wrong entry (400)."""
    number = read_digits(text)
    if number is None:
        raise InvalidInput({"id": "提交的编号不正确，请返回重新选择。"})
    return number
