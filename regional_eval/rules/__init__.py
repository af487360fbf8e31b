"""Pure decisions of the regional_eval room, by noun."""
