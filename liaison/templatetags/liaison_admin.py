"""Tags of the admin's own templates."""

import json
import re
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from liaison.auditing.operation_names import OPERATION_NAMES
from liaison.models import Account, AuditEntry
from liaison.words.enums import Role

register = template.Library()


@register.simple_tag
def labelled_cell(cell: SafeString, headers: list[dict[str, Any]], place: int) -> SafeString:
    """A list cell as Django made it, carrying its column's heading for the card view on phones."""
    heading = str(headers[place]["text"])
    cell = _in_words(cell)
    if "action-checkbox" in cell:
        return SafeString(_BOX.sub(r'<label class="tick">\g<0></label>', cell))
    if not cell.startswith("<td") or heading.startswith("&"):
        return cell
    label = format_html('<td data-label="{}"', heading)
    return mark_safe(label + cell[len("<td") :])  # noqa: S308  both halves are escaped already


# The box to tick a row with is hit by a thumb, not by its own 24 pixels.
_BOX = re.compile(r"<input [^>]*>")

# Django's pictures for yes, no and unknown become a word with a shape: no picture stands alone here.
_PICTURE = re.compile(r'<img src="[^"]*icon-(yes|no|unknown)[^"]*" alt="[^"]*">')
_WORDS = {"yes": "● 是", "no": "○ 否", "unknown": "—"}


def _in_words(cell: SafeString) -> SafeString:
    return SafeString(_PICTURE.sub(lambda found: _WORDS[found[1]], cell))


@register.filter
def lookup(mapping: Any, key: str) -> Any:
    """``mapping[key]``, or an empty string where it is absent."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def audit_actor(value: str) -> str:
    """``presidium_clerk:李秘书`` of an audit entry as 李秘书（人大主席团秘书）; of a task, its name."""
    role, _, name = str(value).partition(":")
    if role not in Role.values():
        return str(value)
    label = Role(role).label
    if not name or name == label:
        return label
    if role == Role.PUBLIC:
        # Somebody with an account and no appointment chosen yet: at the door, or about the own account.
        return name
    return f"{label}（{name}）" if role == Role.SYSTEM else f"{name}（{label}）"


@register.filter
def audit_who(entry: AuditEntry) -> str:
    """Who an entry is about: at the door the account is named, for a refused sign-in the name tried."""
    detail = _named(entry)
    if "tried" in detail:
        return f"登录名“{detail['tried']}”（没有这个账号）"
    account = detail.get("account")
    if not account:
        return audit_actor(entry.actor)
    if entry.actor.startswith(f"{Role.SYSTEM}:"):
        return f"登录名“{account}”"
    return f"{audit_actor(entry.actor)}，账号{account}"


def _named(entry: AuditEntry) -> dict[str, Any]:
    """What a note about an account says of its name; changes of rows keep digests and name nobody."""
    if entry.change != "note" or entry.table_name != Account._meta.db_table:
        return {}
    found = json.loads(entry.detail or "{}")
    return found if isinstance(found, dict) else {}


@register.filter
def operation_name(value: str) -> str:
    """The Chinese name of an audited operation; a test holds the table complete."""
    return OPERATION_NAMES.get(str(value), "其他操作")
