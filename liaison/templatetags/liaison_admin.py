"""Tags of the admin's own templates."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from liaison.enums import Role
from liaison.operation_names import OPERATION_NAMES

register = template.Library()


@register.simple_tag
def labelled_cell(cell: SafeString, headers: list[dict[str, Any]], place: int) -> SafeString:
    """A list cell as Django made it, carrying its column's heading for the card view on phones."""
    heading = str(headers[place]["text"])
    if not cell.startswith("<td") or "action-checkbox" in cell or heading.startswith("&"):
        return cell
    label = format_html('<td data-label="{}"', heading)
    return mark_safe(label + cell[len("<td") :])  # noqa: S308  both halves are escaped already


@register.filter
def lookup(mapping: Any, key: str) -> Any:
    """``mapping[key]``, or an empty string where it is absent."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def audit_actor(value: str) -> str:
    """``presidium_clerk:李秘书`` of an audit entry as 李秘书（人大主席团秘书）."""
    role, _, name = str(value).partition(":")
    if role not in Role.values():
        return str(value)
    return f"{name}（{Role(role).label}）" if name else Role(role).label


@register.filter
def operation_name(value: str) -> str:
    """The Chinese name of an audited operation; a test holds the table complete."""
    return OPERATION_NAMES.get(str(value), "其他操作")
