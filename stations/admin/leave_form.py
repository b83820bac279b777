"""Leave the office enters for a deputy."""

from __future__ import annotations

from typing import Any

from django import forms

from deputies.lifecycle import SEATED_STATES
from deputies.models import Mandate
from liaison.tenancy.scope import Actor
from liaison.web.forms import DayField, choice, new_key, radios, text
from stations.enums import LeaveReason


class PaperLeaveForm(forms.Form):
    kind = radios("请假类别", LeaveReason.choices(), initial=LeaveReason.PERSONAL.value)
    starts_on = DayField("开始日期", years_back=1, years_ahead=1)
    ends_on = DayField(
        "结束日期", required=False, years_back=1, years_ahead=2, help_text="只请一天的，可不填。"
    )
    reason = text("请假事由", 200, required=True, rows=3)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=new_key)

    field_order = ("mandate", "kind", "starts_on", "ends_on", "reason")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = (
            Mandate.scoped(actor).filter(state__in=SEATED_STATES).select_related("person", "constituency")
        )
        names = [
            (str(m.pk), f"{m}（{m.constituency}）") for m in seated.order_by("person__name_strokes", "pk")
        ]
        self.fields["mandate"] = choice("代表", names)
        self.order_fields(self.field_order)
