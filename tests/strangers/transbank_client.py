"""Drives a terminal with the vendor's own Python SDK: one request a line in, one JSON object a line out.

    transbank_client.py PORT        poll | sale AMOUNT TICKET [status] | last | void OPERATION | totals | list | close | normal
"""
import json
import logging
import sys

from transbank import POSIntegrado

logging.disable(logging.CRITICAL)


def answer(**fields):
    print(json.dumps(fields), flush=True)


def main():
    pos = POSIntegrado()
    pos.open_port(sys.argv[1])
    answer(open=True)
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "poll":
                answer(poll=pos.poll())
            elif words[0] == "sale":
                progress = []
                wants = len(words) > 3
                result = pos.sale(int(words[1]), words[2], wants, progress.append if wants else None)
                answer(sale=result, progress=[step["response_code"] for step in progress])
            elif words[0] == "last":
                answer(last=pos.last_sale())
            elif words[0] == "void":
                answer(void=pos.refund(int(words[1])))
            elif words[0] == "totals":
                answer(totals=pos.totals())
            elif words[0] == "list":
                answer(list=pos.details(True))
            elif words[0] == "close":
                answer(close=pos.close())
            elif words[0] == "normal":
                answer(normal=pos.set_normal_mode())
        except Exception as error:  # the test shows it
            cause = error.__cause__ or error
            answer(error=f"{error}: {cause!r}")


main()
