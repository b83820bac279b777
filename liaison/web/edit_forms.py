"""Forms that change what is stored: they begin with it, forget nothing, and overwrite nobody.

A form about a row carries, in the hidden field ``seen``, a digest of every stored value it shows. `save`
locks the row and compares: what a colleague changed in the meantime is answered with 409, the words typed
stay, those stored now stand beside them. A field the page did not send keeps what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from django import forms
from django.db import models, transaction
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.crypto import salted_hmac

from liaison.identity.selectors import last_change_of
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.forms import DayField, ServiceForm, choice, offer_rows, text
from liaison.web.generic import ModelChoiceField, ModelForm, ModelMultipleChoiceField
from liaison.words.errors import OutOfScope, Refused
from liaison.words.masking import in_full

T = TypeVar("T")
SEEN = "seen"
_DIGITS = 10
# A form class is made before anybody acts, so a scoped table may not be asked yet.
NO_ROWS = Jurisdiction.objects.none()


class Outdated(Refused):
    """Somebody changed the row after the form was opened; ``moved`` names the fields that differ now."""

    def __init__(self, message: str, moved: frozenset[str]) -> None:
        super().__init__(message)
        self.moved = moved


def plain(value: Any) -> str:
    """A stored, initial or cleaned value in one spelling, so that the three can be compared."""
    if value is None or value is False:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, models.QuerySet | list | tuple | set | frozenset):
        return "\x1f".join(sorted(plain(each) for each in value))
    if isinstance(value, Decimal):
        value = value.normalize()
    if isinstance(value, time):
        value = value.strftime("%H:%M")
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def digest_of(where: str, value: Any) -> str:
    """Ten digits that change with a stored ``value``; ``where`` is the row they belong to.

    Keyed: the digest of a short value (a telephone number) must not give it away. Masked words are taken
    whole: two texts that differ in a hidden number only are two editions.
    """
    value = in_full(value) if isinstance(value, str) else value
    return salted_hmac("liaison.edition", f"{where}:{plain(value)}").hexdigest()[:_DIGITS]


class EditForm(ServiceForm):
    """A form about a stored row. Sets: ``stored`` and ``write``; with no row it adds one.

    ``stored`` says by field name what the row holds; other fields (a reason, a new photo) are not compared.
    ``initial`` is offered where the row holds nothing.
    ``write`` calls the service; it runs in `save`, under the lock. 409 is the ``status`` of a refused form.
    """

    status = 200
    # A `QueryDict` once sent; stored values are put into a copy.
    data: Any
    # Compared like the others and never shown (a telephone number); left empty, it stays as it is.
    secret: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, actor: Actor, row: Any, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        self.actor, self.row = actor, row
        known = self.stored(row) if row is not None else {}
        first = kwargs.pop("initial", None) or {}
        filled = {name: value for name, value in known.items() if value not in (None, "")}
        shown = {**known, **first, **filled} | dict.fromkeys(self.secret & set(known), "")
        super().__init__(data, files, initial=shown, **kwargs)
        self._known = known
        if row is not None:
            self.fields[SEEN] = forms.CharField(widget=forms.HiddenInput, required=False)

    def stored(self, row: Any) -> dict[str, Any]:
        """What ``row`` holds, by field name; read again under the lock."""
        raise NotImplementedError

    def write(self, *, actor: Actor, now: datetime) -> Any:
        """Call the service with the cleaned values and return its answer."""
        raise NotImplementedError

    # -- what the form carries -------------------------------------------------------------------------

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if field_name == SEEN:
            return self._edition(self._known)
        return super().get_initial_for_field(field, field_name)

    def _edition(self, known: Mapping[str, Any]) -> str:
        """``name:digest`` of every stored field that the form shows."""
        return " ".join(f"{name}:{self._digest(known[name])}" for name in known if name in self.fields)

    def _digest(self, value: Any) -> str:
        return digest_of(f"{type(self.row)._meta.db_table}:{self.row.pk}", value)

    def _seen(self) -> dict[str, str]:
        sent = str(self.data.get(self.add_prefix(SEEN), "")) if self.is_bound else ""
        pairs = (each.partition(":") for each in sent.split())
        return {name: digest for name, _, digest in pairs}

    # -- what was sent ---------------------------------------------------------------------------------

    def full_clean(self) -> None:
        if self.is_bound and self.row is not None:
            self._keep_what_was_not_sent()
        super().full_clean()

    def _keep_what_was_not_sent(self) -> None:
        """A page opened before a field was added does not know it: the stored value stands for it."""
        seen = self._seen()
        known = [name for name in self._known if name in self.fields and name not in self.secret]
        unsent = {name for name in known if not self._is_sent(name, seen)}
        self.kept = unsent if seen else set[str]()
        if self.kept:
            self.data = self.data.copy()
            for name in self.kept:
                self._type(name, self._known[name])

    def _is_sent(self, name: str, seen: Mapping[str, str]) -> bool:
        widget = self.fields[name].widget
        omitted = widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name))
        return name in seen and not omitted

    def _type(self, name: str, value: Any) -> None:
        """Put ``value`` into the data as a browser sends it."""
        field, key = self.fields[name], self.add_prefix(name)
        value = field.prepare_value(value)
        if isinstance(value, list | tuple | set | models.QuerySet):
            put: Callable[[str, Any], Any] = getattr(self.data, "setlist", self.data.__setitem__)
            put(key, [str(each) for each in value])
        elif isinstance(field.widget, forms.CheckboxInput):
            self.data.pop(key, None)
            if value:
                self.data[key] = "on"
        else:
            is_input = isinstance(field.widget, forms.widgets.Input)
            shown = field.widget.format_value(value) if is_input else value
            self.data[key] = "" if shown is None else str(shown)

    def values(self) -> dict[str, Any]:
        """The cleaned values the page sent, under the service's names: a chosen row as ``<name>_id``."""
        kept = getattr(self, "kept", set[str]())
        return {
            self._argument(name): self._value(name, value)
            for name, value in self.cleaned_data.items()
            if name != SEEN and name not in kept
        }

    def changes(self) -> dict[str, Any]:
        """Those of `values` that differ from what is stored: what nobody touched is not judged anew."""
        given = self.values()
        same = {name for name, value in self._known.items() if self._is_same(name, value)}
        return {key: value for key, value in given.items() if key not in {self._argument(n) for n in same}}

    def _is_same(self, name: str, stored: Any) -> bool:
        if name in self.secret and not self.cleaned_data.get(name):
            return True
        return name in self.cleaned_data and plain(self.cleaned_data[name]) == plain(stored)

    def _argument(self, name: str) -> str:
        field = self.fields[name]
        single = isinstance(field, forms.ModelChoiceField) and not isinstance(
            field, forms.ModelMultipleChoiceField
        )
        return f"{name}_id" if single else name

    def _value(self, name: str, value: Any) -> Any:
        field = self.fields[name]
        if isinstance(field, forms.ModelMultipleChoiceField):
            return [row.pk for row in value]
        if isinstance(field, forms.ModelChoiceField):
            return value.pk if value is not None else None
        return value

    # -- saving ----------------------------------------------------------------------------------------

    def save(self, *, actor: Actor, now: datetime) -> Any:
        """The service's answer; `Outdated` when somebody else was quicker."""
        with transaction.atomic():
            if self.row is None:
                return self.write(actor=actor, now=now)
            if self._seen():
                self.require_edition(actor)
                return self.write(actor=actor, now=now)
            # Who may not write at all is told so by the service, before anything is said of the page.
            answer = self.write(actor=actor, now=now)
            self.require_edition(actor)
            return answer

    def locked(self, actor: Actor) -> Any:
        """The row as it is now, locked until the end of the transaction."""
        return type(self.row).scoped(actor).select_for_update(of=("self",)).filter(pk=self.row.pk).first()

    def require_edition(self, actor: Actor) -> None:
        """Lock the row; `Outdated` when it moved on. Part of `save`; for what writes in another way."""
        current = self.locked(actor)
        if current is None:
            raise OutOfScope()
        self.row, self._known = current, self.stored(current)
        seen = self._seen()
        known = [name for name in self._known if name in self.fields]
        moved = {name for name in known if name in seen and seen[name] != self._digest(self._known[name])}
        if known and not seen:
            raise Outdated("这一页已经失效，您的内容还没有保存。请核对后再次保存。", frozenset(known))
        # Both typed the same: nothing is lost.
        if moved := {name for name in moved if not self._is_same(name, self._known[name])}:
            raise Outdated(f"{self._who(actor, current)}，您的内容还没有保存。{_ADVICE}", frozenset(moved))

    def _who(self, actor: Actor, row: Any) -> str:
        last = last_change_of(actor, row._meta.db_table, row.pk)
        if last is None:
            return "这份资料刚由他人修改过"
        at = f"（{timezone.localtime(last.at):%H:%M}）"
        if last.account_ref is not None and last.account_ref == actor.account_id:
            return f"这份资料刚由您本人在另一个页面修改过{at}"
        return f"这份资料刚由{last.actor.partition(':')[2] or '他人'}修改过{at}"

    def submit(self, call: Callable[[], T]) -> T | None:
        def run() -> T | None:
            try:
                return call()
            except Outdated as error:
                self.show_both(error)
                return None

        return super().submit(run)

    def show_both(self, error: Outdated) -> None:
        """Keep what was typed, say what is stored now, and adopt it where nothing was typed."""
        self.status = error.status
        seen, self.data = self._seen(), self.data.copy()
        for name in error.moved:
            if name in self.secret:
                self.fields[name].stored_now = "已改为另一个，不显示"  # type: ignore[attr-defined]
            elif seen.get(name) == self._digest(self.cleaned_data.get(name)):
                self._type(name, self._known[name])
            elif not self._is_same(name, self._known[name]):
                self.fields[name].stored_now = self._in_words(name)  # type: ignore[attr-defined]
        self.data[self.add_prefix(SEEN)] = self._edition(self._known)
        self.add_error(None, error.message)

    def renew(self) -> None:
        """Go on from what was just saved: the same page is shown once more and sent again."""
        self.row.refresh_from_db()
        self._known, self.data = self.stored(self.row), self.data.copy()
        self.data[self.add_prefix(SEEN)] = self._edition(self._known)

    def _in_words(self, name: str) -> str:
        """What is stored now, as a reader sees it."""
        field, value = self.fields[name], self._known[name]
        choices = getattr(field, "choices", None)
        if choices is not None:
            wanted = set(plain(value).split("\x1f"))
            return "、".join(str(label) for key, label in choices if key and str(key) in wanted) or "（空）"
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, date | time):
            return str(field.prepare_value(value)) if not isinstance(value, time) else f"{value:%H:%M}"
        return plain(value) or "（空）"


_ADVICE = "下面保留了您填写的，并列出现在已保存的，请核对后再次保存。"


def field_of(db_field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """The form field of a column in the words of the house: limits and lists are the model's."""
    label = str(kwargs.pop("label", None) or db_field.verbose_name)
    hint = str(kwargs.pop("help_text", None) or db_field.help_text)
    required = not db_field.blank
    if db_field.choices:
        return choice(label, list(db_field.choices), hint=hint, required=required)  # type: ignore[arg-type]
    if isinstance(db_field, models.DateField) and not isinstance(db_field, models.DateTimeField):
        return DayField(label, required=required, help_text=hint)
    if isinstance(db_field, models.CharField | models.TextField) and db_field.max_length:
        rows = 4 if isinstance(db_field, models.TextField) else 0
        return text(label, db_field.max_length, required=required, hint=hint, rows=rows)
    if isinstance(db_field, models.ForeignKey):
        return row_choice(label, required=required, hint=hint)
    errors = {"required": f"请填写{label}。"}
    return db_field.formfield(**kwargs, label=label, help_text=hint, error_messages=errors)


def row_choice(
    label: str,
    rows: models.QuerySet[Any] | None = None,
    *,
    required: bool = True,
    blank: str = "",
    hint: str = "",
    kind: type[ModelChoiceField] = ModelChoiceField,
) -> ModelChoiceField:
    """A list of rows to choose one from; a number from outside ``rows`` is an error at the field.

    Without ``rows`` nothing can be chosen until somebody sets them.
    """
    errors = {"required": f"请选择{label}。", "invalid_choice": f"请重新选择{label}。"}
    return kind(
        NO_ROWS if rows is None else rows,
        label=label,
        required=required,
        empty_label=blank or ("请选择" if required else "不指定"),
        help_text=hint,
        error_messages=errors,
    )


def row_choices(
    label: str,
    rows: models.QuerySet[Any],
    *,
    required: bool = False,
    hint: str = "",
    kind: type[ModelMultipleChoiceField] = ModelMultipleChoiceField,
) -> ModelMultipleChoiceField:
    """Boxes to tick, one for each of ``rows``."""
    again = f"请重新选择{label}。"
    errors = {"required": f"请至少选择一个{label}。", "invalid_choice": again, "invalid_pk_value": again}
    return kind(
        rows,
        label=label,
        required=required,
        widget=forms.CheckboxSelectMultiple,
        help_text=hint,
        error_messages=errors,
    )


class RowForm(EditForm, ModelForm):  # type: ignore[misc]  # the EditForm's save is the one meant
    """An `EditForm` whose fields are columns of one model (``Meta.model``, ``Meta.fields``).

    ``offers`` gives the rows a choice may name: the access function of the related model, called with the
    actor. A test refuses a related field without one. ``rows``: how many lines a box shows, by field.
    """

    rows: ClassVar[Mapping[str, int]] = {}
    offers: ClassVar[Mapping[str, Callable[[Actor], models.QuerySet[Any]]]] = {}

    class Meta:
        formfield_callback = field_of

    def __init__(self, actor: Actor, row: Any, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(actor, row, data, files, instance=row, **kwargs)
        for name, offered in self.offers.items():
            if name in self.fields:
                offer_rows(self, name, offered(actor))
        for name, lines in self.rows.items():
            self.fields[name].widget.attrs["rows"] = lines

    def stored(self, row: Any) -> dict[str, Any]:
        return model_to_dict(row, fields=self._meta.fields)

    def _post_clean(self) -> None:
        """The service has the last word on sense; the row that the page shows is not touched by typing."""
