"""When Python's garbage collector runs."""

import gc


def spare_the_collector() -> None:
    """What has been built lives as long as the process: leave it out of the garbage collector's rounds.

    Two thousand symbols are some 50,000 long-lived objects, and with Python's default a round comes every 700 new ones.
    Rarer rounds over young objects alone made the line a third faster (bench/line.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
