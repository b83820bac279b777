"""Places merged, moved, split, closed: proposed by one person after a preview, decided by a second one."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from liaison.admin.pages import form_page
from liaison.founding import place_changes
from liaison.founding.moving import moving
from liaison.founding.places import PLACE_KEEPERS
from liaison.identity.gates import actor_of, recently_authenticated
from liaison.models import PlaceChange
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.edit_forms import row_choice
from liaison.web.forms import ServiceForm, text
from liaison.web.pages import act
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.enums import PlaceAct, Role
from liaison.words.limits import limit_of

_HINTS = {
    PlaceAct.MERGE: "整个乡镇（街道）并入另一个：代表、小组、站点、账号转过去，未办结的事项由对方承接。",
    PlaceAct.MOVE: "把几个村（社区）划给另一个乡镇（街道），村里的联络站点随村转去。",
    PlaceAct.SPLIT: "用几个村（社区）新设一个乡镇（街道）。",
    PlaceAct.CLOSE: "没有承接单位的撤销，如撤销一个村；事项须先办结。",
}
_LABELS = {
    PlaceAct.MERGE: ("并入的乡镇（街道）", "将撤销。"),
    PlaceAct.MOVE: ("划出的乡镇（街道）", ""),
    PlaceAct.SPLIT: ("拆分的乡镇（街道）", "它自己继续存在。"),
    PlaceAct.CLOSE: ("撤销的区域", ""),
}


class PlaceChangeForm(ServiceForm):
    """The questions of one kind of change, no others."""

    basis = text(
        "批准文件",
        limit_of(PlaceChange, "basis"),
        required=True,
        hint="批准机关和文号，如“晋中市人民政府市政函〔2026〕12号”。",
    )

    def __init__(self, actor: Actor, kind: PlaceAct, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        levels = (Level.TOWNSHIP, Level.STREET, Level.VILLAGE) if kind == PlaceAct.CLOSE else ()
        label, hint = _LABELS[kind]
        fields: dict[str, forms.Field] = {
            "place": row_choice(label, place_changes.changeable_places(actor, *levels), hint=hint)
        }
        if kind in (PlaceAct.MERGE, PlaceAct.MOVE):
            fields["successor"] = row_choice("承接的乡镇（街道）", place_changes.changeable_places(actor))
        if kind in (PlaceAct.MOVE, PlaceAct.SPLIT):
            fields["villages"] = text(
                "划出的村（社区）", 20_000, required=True, rows=5, hint="每行一个，写名称，如“东庄村”。"
            )
        if kind == PlaceAct.SPLIT:
            name = limit_of(PlaceChange, "new_name")
            fields["new_name"] = text("新设区域名称", name, required=True, hint="不写上级，如“东庄镇”。")
            fields["new_code"] = text("新设区域代码", 12, hint="9位数字；还没有公布的，以后在区域里补填。")
        self.fields = {**fields, **self.fields}

    def draft(self, actor: Actor) -> PlaceChange:
        data = dict(self.cleaned_data)
        if "villages" in data:
            data["villages"] = place_changes.villages_named(data["place"], data["villages"])
        return place_changes.draft_change(actor=actor, act=self.kind, now=timezone.now(), **data)


@admin.register(PlaceChange)
class PlaceChangeAdmin(ServiceAdmin):
    view_roles: ClassVar[frozenset[Role]] = frozenset(place_changes.DECIDERS)
    add_roles: ClassVar[frozenset[Role]] = frozenset(PLACE_KEEPERS)
    visible = staticmethod(place_changes.visible_place_changes)
    task_order = 12
    task_verb = "提请"
    task_hint = "合并、划转、拆分、撤销区域：一人提请，另一人核对后确认。"
    list_display = (
        "act",
        "place",
        "successor",
        "basis",
        "proposed_by",
        "proposed_at",
        "is_confirmed",
        "decided_by",
    )
    list_filter = ("act", "is_confirmed")
    fields = (*list_display, "decided_at")
    readonly_fields = fields

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Which kind, then its questions, then everything that moves, and only then the proposal."""
        actor_of(request).require(*PLACE_KEEPERS)
        return recently_authenticated("提请区域变更")(self._add_page)(request)

    def _add_page(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("act", "")
        if asked in PlaceAct.values():
            return self._questions(request, PlaceAct(asked))
        kinds = [(f"?act={kind.value}", kind.label, _HINTS[kind]) for kind in PlaceAct]
        return self.show(request, "place_change_kinds.html", "提请区域变更", kinds=kinds)

    def _questions(self, request: HttpRequest, kind: PlaceAct) -> HttpResponse:
        actor = actor_of(request)
        is_back = "edit" in request.POST
        form = PlaceChangeForm(actor, kind, request.POST or None)
        form.shows_refusals = True  # type: ignore[misc]
        if request.method == "POST" and not is_back and form.is_valid():
            answer = act(request, form, lambda _: self._look_or_propose(request, actor, form))
            if answer is not None:
                return answer
        if is_back:
            form = PlaceChangeForm(actor, kind, initial=request.POST.dict())
        return form_page(
            self,
            request,
            form,
            title=kind.label,
            lead=_HINTS[kind],
            submit="核对",
            consequence="只核对，不写入；下一步列出将转移和结束的全部内容。",
        )

    def _look_or_propose(self, request: HttpRequest, actor: Actor, form: PlaceChangeForm) -> HttpResponse:
        change = form.draft(actor)
        if "confirm" in request.POST:
            place_changes.propose_change(actor=actor, change=change, now=timezone.now())
            self.message_user(request, f"已提请：{change}，待另一人确认后生效。", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:liaison_placechange_changelist"))
        lines = moving(change, timezone.now())
        return self.show(
            request,
            "place_change.html",
            f"核对：{change}",
            change=change,
            lines=lines,
            blocks=sum(line.blocks for line in lines),
            kept=[(name, request.POST.get(name, "")) for name in form.fields],
            is_draft=True,
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        change = self.row(request, object_id)
        if request.method == "POST":
            place_changes.require_decider(actor_of(request), change)
            return recently_authenticated("复核区域变更")(self._decide)(request, change)
        return self._detail(request, change)

    def _detail(self, request: HttpRequest, change: PlaceChange, refusal: str = "") -> HttpResponse:
        is_open = change.decided_at is None
        lines = moving(change, timezone.now()) if is_open else change.outcome
        return self.show(
            request,
            "place_change.html",
            str(change),
            change=change,
            lines=lines,
            blocks=sum(line.blocks for line in lines) if is_open else 0,
            is_open=is_open,
            is_own=actor_of(request).is_self(change.proposed_by_id),
        )

    def _decide(self, request: HttpRequest, change: PlaceChange) -> HttpResponse:
        is_confirmed = "confirm" in request.POST
        words = "已确认，立即生效。" if is_confirmed else "已记录不予确认。"

        def run(actor: Actor, row: PlaceChange) -> None:
            place_changes.decide_change(
                actor=actor, change_id=row.pk, is_confirmed=is_confirmed, now=timezone.now()
            )

        self.each_row(request, [change], run, words)
        return HttpResponseRedirect(reverse("admin:liaison_placechange_change", args=[change.pk]))
