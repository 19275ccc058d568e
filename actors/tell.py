"""Telling an actor that may have stopped already, as at the end of a run."""

from typing import TypeVar

import pykka

from actors.messages import Ref

Message = TypeVar("Message")


def tell_if_alive(actor: Ref[Message], message: Message) -> bool:
    """Tell it, and return whether it could still be told; for threads that outlive the actor they report to."""
    try:
        actor.tell(message)
    except pykka.ActorDeadError:
        return False
    return True
