"""Leave the office enters for a deputy."""

from __future__ import annotations

from typing import Any

from django import forms

from deputies.choices import MandateChoice
from deputies.lifecycle import SEATED_STATES
from deputies.models import Mandate
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import row_choice
from liaison.web.forms import DayField, ServiceForm, new_key, radios, text
from stations.enums import LeaveReason


class PaperLeaveForm(ServiceForm):
    kind = radios("请假类别", LeaveReason.choices(), initial=LeaveReason.PERSONAL)
    starts_on = DayField("开始日期", years_back=1, years_ahead=1)
    ends_on = DayField(
        "结束日期", required=False, years_back=1, years_ahead=2, help_text="只请一天的，可不填。"
    )
    reason = text("请假事由", 200, required=True, rows=3)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=new_key)

    field_order = ("mandate", "kind", "starts_on", "ends_on", "reason")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = Mandate.scoped(actor).filter(state__in=SEATED_STATES)
        rows = seated.order_by("person__name_strokes", "pk")
        self.fields["mandate"] = row_choice("代表", rows, kind=MandateChoice.of(actor))
        self.order_fields(self.field_order)
