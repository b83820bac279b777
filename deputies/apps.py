"""The app's registration, and whom an appointment may speak for."""

from django.apps import AppConfig


class DeputiesConfig(AppConfig):
    name = "deputies"
    verbose_name = "代表"

    def ready(self) -> None:
        from deputies.offices import leads_group, sits
        from deputies.selectors import account_holders, groups_to_appoint, people_to_appoint
        from deputies.services import give_accounts
        from deputies.services.passing_over import carry_deputies, moving_deputies
        from liaison.hooks import Link, carry_over_places, moving_rows, register_holders, register_link

        nobody, no_group = (
            "这里还没有登记在任代表，请先由人大登记名册。",
            "这里还没有代表小组，请先由人大设立。",
        )
        register_link(Link("person_ref", "对应代表", nobody, people_to_appoint, sits, give_accounts))
        register_link(Link("group_ref", "对应代表小组", no_group, groups_to_appoint, leads_group))
        register_holders("person_ref", account_holders)
        moving_rows.register(moving_deputies)
        carry_over_places.register(carry_deputies)
