from threading import Thread

from actors.messages import ChannelStatus, FeedStatus, SymbolFailed, SymbolsSurvey
from actors.pool import Worker
from replay.listener import Listener

SURVEY = SymbolsSurvey(0, 1, 1, (), 5, 2, {}, 0, {})


def test_what_breaks_in_the_middle_is_kept_for_the_end():
    listener = Listener()
    listener.tell(SymbolFailed("NSE:ACC", "ZeroDivisionError()"))
    listener.tell(ChannelStatus("store", ok=False, detail="the disk is full"))
    listener.tell(ChannelStatus("store", ok=True, detail="can be written again"))
    listener.tell(FeedStatus("dhan-1", "streaming", ""))
    assert listener.failures == [
        "NSE:ACC failed and gave no more signals: ZeroDivisionError()",
        "store: the disk is full",
    ]


def test_the_survey_is_waited_for():
    listener, worker = Listener(), Worker("symbols")
    worker.start()
    teller = Thread(target=listener.tell, args=(SURVEY,), daemon=True)
    teller.start()
    assert listener.survey(worker) is SURVEY
    teller.join()
    assert worker.stop()
