"""What stands for the parts of the program that a part of the bench leaves out."""

from actors.messages import AlertMessage, HealthMessage


class Deaf:
    """Stands for an actor that is told things: forgets them."""

    def tell(self, message: AlertMessage | HealthMessage) -> None:
        """Forget it."""


def forget(bars: object) -> None:
    """Stands for the store."""
