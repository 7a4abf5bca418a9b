"""What can happen to one request on its way to a store and back."""

from pathlib import PurePath
from time import sleep
from urllib.parse import urlsplit

from tests.proxy import Exchange
from tests.storage.liar import Answer, refusal

PORTAL = b"<html><head><title>Welcome to the hotel</title></head><body><p>Log in<br></body></html>"


def refuse(exchange: Exchange) -> None:
    """From now on nobody takes a connection."""
    exchange.proxy.open = False
    exchange.reset()


def busy(exchange: Exchange) -> None:
    exchange.read()
    exchange.answer(refusal(503, "SlowDown", headers={"Retry-After": "1"}))


def throttled(exchange: Exchange) -> None:
    """What R2 says of more than one write in a second to one key."""
    exchange.read()
    exchange.answer(refusal(429, "TooManyRequests"))


def bad_gateway(exchange: Exchange) -> None:
    exchange.read()
    exchange.answer(Answer(status=502, body=b"<html><h1>502 Bad Gateway</h1></html>"))


def reset(exchange: Exchange) -> None:
    exchange.read()
    exchange.reset()


def reset_in_the_body(exchange: Exchange) -> None:
    exchange.rfile.read(exchange.length // 2)
    exchange.reset()


def cut_in_the_body(exchange: Exchange) -> None:
    """The store gets half of it."""
    exchange.pass_on_half()
    exchange.reset()


def lost_answer(exchange: Exchange) -> None:
    """The store does it, and nobody hears of it."""
    exchange.pass_on()
    exchange.reset()


def cut_answer(exchange: Exchange) -> None:
    answer = exchange.pass_on()
    exchange.answer(answer, cut=len(answer.body) // 2)


def cut_head(exchange: Exchange) -> None:
    """The answer ends amid its headers."""
    exchange.pass_on()
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nETag: ")
    exchange.reset()


def stall(exchange: Exchange) -> None:
    exchange.read()
    exchange.stall()


def stall_in_the_body(exchange: Exchange) -> None:
    """The store reads no further."""
    exchange.rfile.read(exchange.length // 2)
    exchange.stall()


def stall_after(exchange: Exchange) -> None:
    """The store does it, and does not say so."""
    exchange.pass_on()
    exchange.stall()


def stall_in_the_answer(exchange: Exchange) -> None:
    answer = exchange.pass_on()
    exchange.answer(answer, cut=len(answer.body) // 2)
    exchange.stall()


def slow(exchange: Exchange) -> None:
    """The body trickles to the store, and the answer back."""
    left, pieces = exchange.length, list[bytes]()
    piece = left // 5 + 1
    while left:
        sleep(0.002)
        pieces.append(exchange.rfile.read(min(piece, left)))
        left -= len(pieces[-1])
    exchange.__dict__["request_body"] = b"".join(pieces)
    exchange.answer(exchange.pass_on(), pause=0.005)


def trickle(exchange: Exchange) -> None:
    """The answer takes longer than the longest silence that is waited for, and is never silent for so long."""
    exchange.answer(exchange.pass_on(), pause=0.3)


def empty(exchange: Exchange) -> None:
    """A 200 of which nothing is left but the status; the store never heard of it."""
    exchange.read()
    exchange.answer(Answer())


def empty_after(exchange: Exchange) -> None:
    exchange.pass_on()
    exchange.answer(Answer())


def error_in_200(exchange: Exchange) -> None:
    exchange.read()
    exchange.answer(Answer(body=refusal(200, "InternalError").body))


def error_in_200_after(exchange: Exchange) -> None:
    """The store did it all the same."""
    exchange.pass_on()
    exchange.answer(Answer(body=refusal(200, "InternalError").body))


def portal(exchange: Exchange) -> None:
    """Somebody else answers everything with a web page."""
    exchange.read()
    exchange.answer(Answer(headers={"Content-Type": "text/html"}, body=PORTAL))


def denied(exchange: Exchange) -> None:
    exchange.read()
    exchange.answer(refusal(403, "AccessDenied"))


def vanished(exchange: Exchange) -> None:
    """What was just stored is not there."""
    exchange.read()
    exchange.answer(refusal(404, "NoSuchKey"))


def name_of(exchange: Exchange) -> str:
    return PurePath(urlsplit(exchange.path).path).name
