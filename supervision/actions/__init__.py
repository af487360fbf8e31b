"""The only writers of the supervision room."""

from supervision.actions.cards import appeal_card, explain_card, withdraw_card
from supervision.actions.operations import retry_delivery
from supervision.actions.sweeping import sweep_project, sweep_rule

__all__ = ["appeal_card", "explain_card", "retry_delivery", "sweep_project", "sweep_rule", "withdraw_card"]
