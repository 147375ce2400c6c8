"""A card terminal made of pyTeliumManager's own terminal-side codec, on a pseudo-terminal.

    telium_terminal.py WORD...      what happens to each payment in turn: approve | decline | silent | cut | late | wrong-amount

Prints the path to open, then one JSON object for everything that happens. `cut` approves, writes it down and closes the line before it
answers. What it approved is what it printed with "approved".
"""
import json
import os
import pty
import select
import sys
import tty

from telium.payment import TeliumAsk, TeliumResponse

STX, ETX, EOT, ENQ, ACK, NAK = 0x02, 0x03, 0x04, 0x05, 0x06, 0x15


def say(**fields):
    print(json.dumps(fields), flush=True)


class Line:
    def __init__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def byte(self, seconds=60):
        ready, _, _ = select.select([self.master], [], [], seconds)
        return os.read(self.master, 1)[0] if ready else None

    def until(self, wanted, seconds=60):
        while True:
            byte = self.byte(seconds)
            if byte is None or byte == wanted:
                return byte

    def write(self, data):
        os.write(self.master, bytes(data))

    def close(self):
        os.close(self.slave)
        os.close(self.master)


def request(line):
    """ENQ, ACK, one frame, ACK, EOT; gives the frame. None where nobody calls any more."""
    while True:
        if line.until(ENQ) is None:
            return None
        line.write([ACK])
        first = line.byte(5)
        if first == EOT:
            say(called=True)
            continue
        if first != STX:
            continue
        frame = bytearray([first])
        while frame[-1] != ETX:
            frame.append(line.byte(5))
        frame.append(line.byte(5))
        return bytes(frame)


def reply(line, ask, private, result, amount):
    short = ask.answer_flag == "0"
    response = TeliumResponse(
        ask.pos_number, result, amount, ask.payment_mode, "" if short else " " * 55, ask.currency_numeric, private
    )
    frame = response.encode().encode("ascii")
    for _ in range(3):
        line.write([ENQ])
        if line.until(ACK, 3) is None:
            continue
        line.write(frame)
        acknowledgement = line.byte(30)
        line.write([EOT])
        say(acknowledged=acknowledgement == ACK)
        return


def main():
    line = Line()
    say(path=line.path)
    for word in sys.argv[1:]:
        frame = request(line)
        if frame is None:
            return
        ask = TeliumAsk.decode(frame)
        private = frame[1:-2].decode("ascii")[16:26]
        line.write([ACK])
        line.until(EOT, 5)
        say(asked=round(ask.amount * 100), private=private, kind=ask.transaction_type)
        approves = word in ("approve", "cut", "late", "wrong-amount")
        if approves:
            say(approved=round(ask.amount * 100), private=private)
        if word == "silent":
            continue
        if word == "cut":
            line.close()
            return
        amount = ask.amount + 1.0 if word == "wrong-amount" else ask.amount
        reply(line, ask, private, 0 if approves else 7, amount)
    # Stay on the line: a terminal does not leave when its script ends.
    while request(line) is not None:
        pass


main()
