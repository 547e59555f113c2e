"""What people do in Slack, one module for each feature."""

from slack_bolt.async_app import AsyncApp

from bot.slack.listeners import (
    commands,
    decisions,
    delegation,
    exports,
    finance,
    handovers,
    home_tab,
    installation,
    payments,
    questions,
    refused_payments,
    submissions,
)
from bot.slack.listeners.interactions import ListenerContext
from bot.slack.listeners.registry import Listeners


def register_listeners(app: AsyncApp, context: ListenerContext) -> None:
    """Register every listener of the app."""
    listeners = Listeners(app, context)
    # Bolt tries them in this order, and approvals are what most people wait for.
    features = (
        *(decisions, commands, home_tab, submissions),
        *(questions, handovers, refused_payments, finance, payments, exports),
        *(delegation, installation),
    )
    for feature in features:
        feature.register(listeners)
