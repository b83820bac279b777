"""The app's registration, and which handling unit an appointment may speak for."""

from django.apps import AppConfig


class ConstituentsConfig(AppConfig):
    name = "constituents"
    verbose_name = "意见建议"

    def ready(self) -> None:
        from constituents.selectors import account_holders, acts_for_unit, units_to_appoint
        from constituents.selectors.leaving import held_matters
        from constituents.selectors.moving import moving_matters
        from constituents.selectors.rollover import before_rollover, recorded_in_term
        from constituents.tasks import settle_provisional
        from liaison import hooks
        from liaison.hooks import Link, calendar_loaded, held_by, moving_rows, register_holders, register_link

        no_unit = "这里还没有承办单位，请先由人大设立。"
        register_link(Link("unit_ref", "对应承办单位", no_unit, units_to_appoint, acts_for_unit))
        calendar_loaded.register(settle_provisional)
        held_by.register(held_matters)
        hooks.before_rollover.register(before_rollover)
        hooks.recorded_in_term.register(recorded_in_term)
        register_holders("unit_ref", account_holders)
        moving_rows.register(moving_matters)
