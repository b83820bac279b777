"""A form in the admin whose work a service does: its refusals stand at the fields they are about."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from liaison.words.errors import InvalidInput, Refused


def service_form(
    page: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    form: forms.Form,
    run: Callable[[dict[str, Any]], HttpResponse],
    **words: str,
) -> HttpResponse:
    """Show ``form``; when it is sent and valid, answer with what ``run`` returns.

    ``words``: title, lead, submit, consequence. ``InvalidInput`` and ``Refused`` of the service come back
    as errors of the form, with nothing written and nothing typed lost.
    """
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                return run(form.cleaned_data)
        except InvalidInput as error:
            for name, message in error.fields.items():
                form.add_error(name if name in form.fields else None, message)
        except Refused as error:
            form.add_error(None, error.message)
    context = {**page.admin_site.each_context(request), "opts": page.model._meta, "form": form, **words}
    return TemplateResponse(request, "admin/service_form.html", context)
