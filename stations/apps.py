"""The app's registration, and which station an appointment may speak for."""

from django.apps import AppConfig


class StationsConfig(AppConfig):
    name = "stations"
    verbose_name = "联络站与活动"

    def ready(self) -> None:
        from liaison.hooks import (
            Link,
            before_rollover,
            calendar_effects,
            calendar_loaded,
            carry_over_places,
            held_by,
            moving_rows,
            recorded_in_term,
            register_holders,
            register_link,
            rollover_figures,
            shipped_data,
        )
        from stations.selectors import rollover
        from stations.selectors.calendar_effects import confirmations, reception_days
        from stations.selectors.leaving import held_duties
        from stations.selectors.public import account_holders, keeps_open_station, stations_to_appoint
        from stations.services import shipped_kinds
        from stations.services.passing_over import carry_stations, moving_stations
        from stations.tasks import settle_provisional

        no_station = "这里还没有联络站，请先由人大登记。"
        register_link(Link("station_ref", "对应联络站", no_station, stations_to_appoint, keeps_open_station))
        calendar_effects.register(reception_days, confirmations)
        calendar_loaded.register(settle_provisional)
        held_by.register(held_duties)
        before_rollover.register(rollover.before_rollover)
        recorded_in_term.register(rollover.recorded_in_term)
        rollover_figures.register(rollover.rollover_figures)
        shipped_data.register(shipped_kinds.seed)
        register_holders("station_ref", account_holders)
        moving_rows.register(moving_stations)
        carry_over_places.register(carry_stations)
