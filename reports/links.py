"""Addresses of records kept on lower floors; a page that does not exist is no link.

The kinds are those of ``stations.rules.yearly_norms.Evidence``, with a few of our own.
"""

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

_PAGES = {
    "participation": "stations_record",
    "upper_turn": "stations_upper_turn",
    "reception": "stations_reception",
    "station_rota": "stations_rota",
    "opinion": "constituents_opinion",
    "suggestion": "constituents_suggestion",
    "sheet": "assessments_sheet",
    "notice": "assessments_notice",
    "talk": "assessments_talk",
    "mandate": "reports_dossier",
}


def page_url(name: str, *args: object, **query: object) -> str:
    """The address of a named page, empty when this installation has no such page."""
    try:
        url = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(query)}" if query else url


def record_url(kind: str, record_id: int) -> str:
    """Where one record is read, empty for kinds without a page of their own."""
    name = _PAGES.get(kind)
    return page_url(name, record_id) if name else ""
