"""Drives a terminal with pyTeliumManager: one request a line in, one JSON object a line out.

    telium_client.py PORT        ready | pay AMOUNT | pay-short AMOUNT        (AMOUNT in yen)
"""
import json
import sys

from telium import Telium, TeliumAsk


def answer(**fields):
    print(json.dumps(fields), flush=True)


def main():
    terminal = Telium(sys.argv[1], timeout=5)
    answer(open=True)
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "ready":
                answer(ready=bool(terminal.is_ok()))
                continue
            # The package counts in hundredths, and knows the yen only as a number.
            ask = TeliumAsk.new_payment(
                int(words[1]) / 100,
                payment_mode="debit",
                target_currency="JPY",
                checkout_unique_id="1",
                collect_payment_source_info=words[0] == "pay",
            )
            if not terminal.ask(ask):
                answer(refused=True)
                continue
            response = terminal.verify(ask, 60)
            if response is None:
                answer(silent=True)
                continue
            answer(
                succeeded=response.has_succeeded,
                result=response.transaction_result,
                amount=round(response.amount * 100),
                private=response.private,
            )
        except Exception as error:  # the test shows it
            answer(error=repr(error))


main()
