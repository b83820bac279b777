"""Files, served only to those who may see the record they belong to."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from liaison.auditing import trail
from liaison.files import uploads
from liaison.identity import access
from liaison.identity.gates import actor_of, signed_in
from liaison.words.enums import FileKind
from liaison.words.errors import Forbidden


@signed_in
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file by its number, with the key of the page that showed it (``uploads.file_url``)."""
    actor = actor_of(request)
    stored = access.stored_file(actor, pk)
    if not uploads.may_open(actor, stored, request.GET.get("key", "")):
        raise Forbidden("请从所属记录的页面打开这个文件。")
    response = uploads.file_response(actor, stored, inline=stored.kind == FileKind.PHOTO)
    if stored.kind != FileKind.PHOTO:
        # Papers and lists hold personal data: who took one stands in the audit trail.
        trail.note("open_file", scope_code=stored.scope_code, table=stored._meta.db_table, row_id=pk)
    return response
