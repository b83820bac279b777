"""The slips handed out with new accounts: three on a page, to be cut apart."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.urls import reverse

from liaison.documents.pdf import render_pdf


class Slip(Protocol):
    """Who it is for, and what to type."""

    @property
    def name(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...


TITLE = "账号口令单"


def print_slips(slips: Sequence[Slip], *, organ: str, made_at: datetime) -> bytes:
    """One PDF of all slips, each with a QR code that opens the sign-in page with the account filled in."""
    address = f"{settings.SITE_URL}{reverse('sign_in')}"
    shown = [
        {"slip": slip, "qr": qr_picture(f"{address}?{urlencode({'account': slip.username})}")}
        for slip in slips
    ]
    context = {"shown": shown, "organ": organ, "address": address}
    return render_pdf("account_slips.html", context, title=TITLE, author=organ, created_at=made_at)


def qr_picture(address: str) -> str:
    """The address as a picture to print: vector, error level M, with the quiet border scanners need."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=4, scale=4))
