"""Who works here: roster, chat identities, the on-call rota, single-person mode, and the switch that stops work."""
