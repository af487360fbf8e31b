"""What follows from events outside the act: pictures are cut when nobody waits for them."""

from __future__ import annotations

from joint_review.actions.pictures import with_picture
from joint_review.events import AnchorConfirmed, OpinionJoined, OpinionRaised, RoundOpened
from joint_review.models import Anchor
from ledger.subscribe import Delivery, subscribe


@subscribe(OpinionRaised)
def on_opinion_raised(event: OpinionRaised, _delivery: Delivery) -> None:
    """Cut the picture of the place (意见附图); a second delivery finds it there."""
    cut_missing(opinion_id=event.opinion_id)


@subscribe(OpinionJoined)
def on_opinion_joined(event: OpinionJoined, _delivery: Delivery) -> None:
    """The joined draft's marks belong on the picture too."""
    cut_missing(opinion_id=event.opinion_id)


@subscribe(AnchorConfirmed)
def on_anchor_confirmed(event: AnchorConfirmed, _delivery: Delivery) -> None:
    """A corrected place has a new picture."""
    cut_missing(opinion_id=event.opinion_id)


@subscribe(RoundOpened)
def on_round_opened(event: RoundOpened, _delivery: Delivery) -> None:
    """Opinions that were carried to new sheets get pictures of their new places."""
    cut_missing(round_id=event.round_id)


def cut_missing(**which: object) -> None:
    """Cut the pictures of these anchors that have none."""
    for anchor in Anchor.objects.filter(picture="", **which).exclude(verdict="gone").select_related("opinion"):
        with_picture(anchor)
