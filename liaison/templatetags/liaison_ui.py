"""Template tags and filters of the shared shell: dates, deadlines, marks, masks, fields, links.

The cheat sheet is docs/ui-kit.md. Everything a tag prints is Simplified Chinese and escaped; nothing here
reads the database. ``today`` comes from the tag's argument, else from the context, else from the clock.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet, BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from liaison.templatetags.joined import joined
from liaison.words.text import mask_phone

register = template.Library()

_WEEKDAYS = "一二三四五六日"
_CENT = Decimal("0.01")
NOTHING = "—"

# tone -> the shape that says the same as the colour
SHAPES: Mapping[str, str] = {"ok": "●", "warn": "▲", "bad": "■", "info": "◆", "none": "○"}
_TONES: Mapping[str, str] = {"green": "ok", "amber": "warn", "red": "bad", "blue": "info", "": "none"}


def tone_name(tone: str) -> str:
    """One of ok, warn, bad, info, none; the lights green, amber, red and blue are accepted too."""
    known = _TONES.get(str(tone), str(tone))
    if known not in SHAPES:
        raise ValueError(f"unknown tone: {tone!r}")
    return known


@register.filter
def cn_date(value: date | datetime | None) -> str:
    """2026年5月12日（周二）, in Shanghai; a dash where there is no date."""
    if not value:
        return NOTHING
    day = _local(value)
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


@register.filter
def cn_datetime(value: datetime | None) -> str:
    """2026年5月12日（周二）09:30, in Shanghai."""
    if not value:
        return NOTHING
    return f"{cn_date(value)}{_local(value):%H:%M}"


@register.filter
def cn_month(value: date | None) -> str:
    """2026年5月."""
    return f"{value.year}年{value.month}月" if value else NOTHING


def _local(value: date | datetime) -> date:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.filter
def masked_phone(value: str | None) -> str:
    """138****5678; a dash where no number is known (domain.md section 7)."""
    return mask_phone(value) if value else NOTHING


@register.filter
def score(value: Decimal | int | str | None) -> str:
    """Two decimals, ROUND_HALF_UP. A float is refused: scores are Decimal from end to end."""
    if isinstance(value, float):
        raise TypeError("scores are Decimal, never float")
    if value is None or value == "":
        return NOTHING
    return str(Decimal(value).quantize(_CENT, ROUND_HALF_UP))


@register.filter
def label_of(value: object) -> str:
    """The Chinese label of an enum member, or the value itself as text."""
    return str(getattr(value, "label", value))


def deadline_words(due_on: date, today: date, warn_days: int = 3) -> tuple[str, str]:
    """What remains in words, and its tone: 剩5天, 剩2天 (warn), 今天到期 (warn), 逾期3天 (bad).

    Days are calendar days; ``warn_days`` is the last count of days still shown as a warning.
    """
    left = (due_on - today).days
    if left < 0:
        return f"逾期{-left}天", "bad"
    if left == 0:
        return "今天到期", "warn"
    return f"剩{left}天", "warn" if left <= warn_days else "ok"


def _today(context: Context) -> date:
    known = context.get("today")
    return known if isinstance(known, date) else timezone.localdate()


@register.inclusion_tag("includes/deadline.html", takes_context=True)
def deadline(
    context: Context,
    due: Any,
    *,
    derivation: str = "",
    provisional: bool = False,
    done: bool = False,
    today: date | None = None,
    warn_days: int = 3,
) -> dict[str, Any]:
    """A deadline with its countdown and how it was derived.

    ``due`` is a date, or any object with ``due_on`` (and ``due_text``, ``due_is_provisional``).
    ``done`` shows the date alone: what is finished neither runs nor is overdue.
    """
    due_on = due if isinstance(due, date) else getattr(due, "due_on", None)
    words, tone = "", "none"
    if due_on and not done:
        words, tone = deadline_words(due_on, today or _today(context), warn_days)
    return {
        "due_on": due_on,
        "words": words,
        "tone": tone,
        "derivation": derivation or getattr(due, "due_text", ""),
        "provisional": provisional or getattr(due, "due_is_provisional", False),
    }


@register.simple_tag
def status_mark(word: Any, tone: str = "none") -> SafeString:
    """A state as word, shape and colour. ``word`` may be an enum member with a ``label``."""
    known = tone_name(tone)
    return format_html(
        '<span class="mark mark--{}"><span aria-hidden="true">{}</span><span>{}</span></span>',
        known,
        SHAPES[known],
        label_of(word),
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of the sprite's drawings; it always stands beside a word, so it is hidden from readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("liaison/icons.svg"),
        name,
    )


@register.inclusion_tag("includes/field.html")
def render_field(field: BoundField, label: str = "", hint: str = "") -> dict[str, Any]:
    """One bound field: label above, 必填 in words, help below, its errors at the field.

    ``stored_now`` is what a colleague saved while this form was open.
    """
    words = {"label": label or field.label, "hint": hint or field.help_text}
    words["stored_now"] = getattr(field.field, "stored_now", "")
    return words | {"field": field, "kind": _kind(field)}


def _kind(field: BoundField) -> str:
    if field.is_hidden:
        return "hidden"
    if getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset:
        return "checkbox"
    return "group" if field.use_fieldset else "plain"


@register.filter
def error_count(form: Any) -> int:
    """How many single errors a form carries, those of the whole form included."""
    return sum(len(messages) for messages in form.errors.values())


# What a page holds when it answers something that could not be taken, beside its forms.
_REFUSALS = ("errors", "file_errors", "wrong", "error")


@register.simple_tag(takes_context=True)
def title_mark(context: Context) -> str:
    """错误： before the title of a page that asks for corrections, whatever its forms are called."""
    values: dict[Any, Any] = context.flatten()
    # Only the type is asked: a lazy value of the frame stays unread.
    forms = [value for value in values.values() if issubclass(type(value), BaseForm | BaseFormSet)]
    is_refused = any(form.is_bound and not form.is_valid() for form in forms)
    return "错误：" if is_refused or any(values.get(name) for name in _REFUSALS) else ""


register.tag(joined)
