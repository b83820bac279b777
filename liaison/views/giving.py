"""开账号: the page that opens accounts for the records chosen in a list, or for one from its own page."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from liaison.documents.account_slips import TITLE, print_slips
from liaison.files.downloads import PDF, file_answer
from liaison.identity import giving
from liaison.identity.gates import actor_of, for_roles, recently_authenticated, to_page
from liaison.identity.giving import Standing
from liaison.identity.roles import REGISTRARS
from liaison.jobs import account_slips
from liaison.models import Account
from liaison.tenancy.scope import Actor
from liaison.web.forms import ServiceForm, text
from liaison.web.pages import act, page, whole_number
from liaison.web.row_choices import WordedButtons
from liaison.words.errors import OutOfScope, Refused
from liaison.words.limits import limit_of

# What the address says, and the column of the appointment it is about.
KINDS = {"person": "person_ref", "station": "station_ref", "unit": "unit_ref"}


class GiveForm(ServiceForm):
    """A name where the record knows no person, and whether unused accounts get a fresh password.

    Where the office has an account of the deputy's name, it is asked whether that is the same person.
    """

    def __init__(self, rows: list[Standing], column: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.asks_names = column != "person_ref"
        if self.asks_names:
            for row in rows:
                self.fields[str(row.holder.record)] = self._name(row)
        for row in rows:
            if row.likely and not self.asks_names:
                self.fields[f"join-{row.holder.record}"] = self._same(row)
        if any(row.waiting for row in rows):
            self.fields["renews"] = forms.BooleanField(
                label="给还没有登录过的账号换发一次性密码",
                required=False,
                help_text="原来发的口令单同时作废。口令单遗失时使用。",
            )

    @staticmethod
    def _name(row: Standing) -> forms.CharField:
        names = "、".join(account.display_name for account in row.held)
        hint = f"已有账号：{names}。要再开一个的，填写姓名。" if names else "不填写的，不开账号。"
        field = text(
            f"{row.holder.words}：{row.holder.role.label}姓名", limit_of(Account, "display_name"), hint=hint
        )
        field.initial = "" if row.held else row.holder.name
        return field

    @staticmethod
    def _same(row: Standing) -> WordedButtons:
        words = {each.pk: f"是同一个人，代表职务加到账号{each.username}上" for each in row.likely}
        return WordedButtons(
            f"{row.holder.words}：本机关已有同名账号",
            Account.objects.all(),
            words,
            blank="不是同一个人，另开账号",
            help_text="同一个人只用一个账号，登录后在右上角切换职务。",
        )

    @property
    def joins(self) -> dict[int, int]:
        """By record, the account of the office that is the deputy's too."""
        answers = {row.holder.record: self.cleaned_data.get(f"join-{row.holder.record}") for row in self.rows}
        return {record: account.pk for record, account in answers.items() if account is not None}

    @property
    def names(self) -> dict[int, str]:
        """Who gets a new account, by record: the named ones, or every deputy who has none yet."""
        if not self.asks_names:
            joined = self.joins
            waiting = (row.holder for row in self.rows if not row.held)
            return {each.record: each.name for each in waiting if each.record not in joined}
        given = {row.holder.record: self.cleaned_data[str(row.holder.record)] for row in self.rows}
        return {record: name for record, name in given.items() if name}

    @property
    def renewed(self) -> list[int]:
        if not self.cleaned_data.get("renews"):
            return []
        return [row.holder.record for row in self.rows if row.waiting]


@for_roles(*REGISTRARS)
@recently_authenticated("开立账号并打印口令单")
@require_http_methods(["GET", "HEAD", "POST"])
def give_accounts(request: HttpRequest, kind: str) -> HttpResponse:
    """Who has an account and who gets one; sent, it answers with the slips as one PDF."""
    actor, column = actor_of(request), KINDS.get(kind)
    if column is None:
        raise OutOfScope()
    ids = _chosen(request, actor, column)
    if column == account_slips.COLUMN and "all" in request.GET and len(ids) > giving.MOST_AT_ONCE:
        return to_page("give_all_accounts")
    if not 0 < len(ids) <= giving.MOST_AT_ONCE:
        raise Refused(
            f"请先在列表中选择，一次最多{giving.MOST_AT_ONCE}条。要给全部代表开账号，请从首页的“还差什么”办理。"
        )
    rows = giving.standings(actor, column, ids, timezone.localdate())
    form = GiveForm(rows, column, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        slips = act(request, form, lambda _: _give(form, column))
        if slips is not None and form.joins:
            messages.success(request, f"已把代表职务加到{len(form.joins)}个已有的账号上。")
        if slips == []:
            return to_page("home")
        if slips is not None:
            now = timezone.now()
            organ = giving.own_place(actor).organ_name or actor.jurisdiction_name
            return file_answer(print_slips(slips, organ=organ, made_at=now), PDF, f"{TITLE}.pdf")
    return page(
        request,
        "liaison/give_accounts.html",
        "开账号",
        form=form,
        rows=rows,
        new_count=0 if form.asks_names else sum(not row.held for row in rows),
        page_lead="账号名由系统按姓名全拼给出；一次性密码只印在口令单上，首次登录时须由本人修改。",
    )


@for_roles(*REGISTRARS)
@recently_authenticated("给全部代表开账号并印制口令单")
@require_http_methods(["GET", "HEAD", "POST"])
def give_all_accounts(request: HttpRequest) -> HttpResponse:
    """For a whole roster: how many get one; sent, the worker gives them and prints the slips."""
    count = len(_chosen(request, actor_of(request), account_slips.COLUMN, is_all=True))
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        job = act(request, form, lambda _: account_slips.order(now=timezone.now()))
        if job is not None:
            return HttpResponseRedirect(reverse("job", args=[job.pk]))
    return page(
        request,
        "liaison/give_all_accounts.html",
        "给全部代表开账号",
        form=form,
        count=count,
        page_lead="人数较多，由系统在后台办理，办理期间可以离开，办完后发消息告诉您。",
    )


def _chosen(request: HttpRequest, actor: Actor, column: str, *, is_all: bool = False) -> list[int]:
    """The records named in the address, or with ``all`` every one that has no account yet."""
    if is_all or "all" in request.GET:
        found = giving.without_account(actor, column)
        if not found:
            raise Refused("都已有账号，没有要开立的。")
        return found
    return list(dict.fromkeys(whole_number(value) for value in request.GET.getlist("id")))


def _give(form: GiveForm, column: str) -> list[giving.Slip]:
    now = timezone.now()
    slips = giving.give_accounts(
        column=column,
        names=form.names,
        renews=form.renewed,
        joins=form.joins,
        today=timezone.localdate(now),
        now=now,
    )
    if not slips and not form.joins:
        raise Refused("所选的都已有账号，没有开立新的。要换发密码的，请勾选。")
    return slips
