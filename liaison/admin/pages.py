"""A form in the admin whose work a service does: its refusals stand at the fields they are about."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from liaison.identity.gates import actor_of
from liaison.web.edit_forms import EditForm
from liaison.web.forms import ServiceForm
from liaison.web.generic import ModelAdmin
from liaison.web.pages import act, save, status_of
from liaison.words.errors import OutOfScope


def service_form(
    page: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    form: ServiceForm,
    run: Callable[[dict[str, Any]], HttpResponse],
    **words: str,
) -> HttpResponse:
    """Show ``form``; when it is sent and valid, answer with what ``run`` returns.

    ``words``: title, lead, submit, consequence. ``InvalidInput`` and ``Refused`` of the service come back
    as errors of the form, with nothing written and nothing typed lost.
    """
    form.shows_refusals = True  # type: ignore[misc]
    if request.method == "POST":
        answer = act(request, form, lambda _: run(form.cleaned_data))
        if answer is not None:
            return answer
    return form_page(page, request, form, **words)


def form_page(
    page: "admin.ModelAdmin[Any]", request: HttpRequest, form: ServiceForm, **words: Any
) -> HttpResponse:
    """The form with one button, in the frame of the back office."""
    context = {**page.admin_site.each_context(request), "opts": page.model._meta, "form": form, **words}
    return TemplateResponse(request, "admin/service_form.html", context, status=status_of({"form": form}))


class EditPage(ModelAdmin):
    """A change page by `EditForm`; whoever may not change the row reads it as ever.

    ``edit_form`` corrects a row and calls its service. ``beside``: columns shown above the form, read only.
    """

    edit_form: ClassVar[type[EditForm]]
    edit_template = "admin/edit_page.html"
    beside: ClassVar[tuple[str, ...]] = ()

    def extra_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What else the change page shows."""
        return {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            raise OutOfScope()
        if not self.has_change_permission(request, obj):
            return super().change_view(request, object_id, form_url, extra_context)
        actor, title = actor_of(request), str(obj)
        form = type(self).edit_form(actor, obj, request.POST or None, request.FILES or None)
        form.shows_refusals = True  # type: ignore[misc]
        if request.method == "POST" and save(request, form) is not None:
            messages.success(request, f"已保存“{title}”的修改。")
            return HttpResponseRedirect(reverse(self._address("changelist")))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.model._meta,
            "original": obj,
            "form": form,
            "facts": [self._fact(obj, name) for name in self.beside],
            "history_url": reverse(self._address("history"), args=[obj.pk]),
            "list_url": reverse(self._address("changelist")),
            **self.extra_context(request, obj),
        }
        return TemplateResponse(request, self.edit_template, context, status=status_of({"form": form}))

    def _fact(self, obj: Any, name: str) -> tuple[str, Any]:
        field, _, value = lookup_field(name, obj, self)
        shown = display_for_field(value, field, "—") if field is not None else value
        return str(label_for_field(name, self.model, self)), shown

    def _address(self, what: str) -> str:
        meta: Any = self.model._meta
        return f"admin:{meta.app_label}_{meta.model_name}_{what}"
