"""The web server's worker, with a bound on half-sent requests (slowloris) where no proxy stands in front.

Gunicorn hands a connection to one of its few threads as soon as the first byte is there; a dozen clients that
send half a request and wait would stop an office. Here a thread is given to requests that are there: head and
the beginning of the body. The others wait aside for a while, so many at once and so many of one address.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# How long a request may take to arrive, as far as is waited for; a slow phone needs a few seconds.
SECONDS = 20.0
# Waiting at once: all together, and those of one address. A village shares one, the attacker has one.
MOST, MOST_OF_ONE = 64, 16
# Of a longer body the rest is read by the program, at no less than so many bytes a second.
BEGINNING, LEAST_RATE = 16 * 1024, 4 * 1024
# Nor longer than this, however long the body: the largest upload over a slow line takes less.
LONGEST = 600.0
_PEEK = 64 * 1024
# Milliseconds between two looks.
_PAUSE = 50
# The sender has closed its side, with or without a half-sent request before; Linux alone tells so.
_ENDED = getattr(select, "POLLRDHUP", 0)
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.I | re.M)


def is_whole(data: bytes) -> bool:
    """Whether the bytes received so far are a head with the beginning of its body."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        # Longer than any head may be: gunicorn refuses it in its own words.
        return len(data) >= _PEEK
    length = _LENGTH.search(head)
    return length is None or len(body) >= min(int(length[1]), BEGINNING, _PEEK - len(head) - len(end))


class PatientSocket:
    """Reads for the parser: 20 seconds, and longer only while bytes come at the least rate."""

    def __init__(self, sock: socket.socket, seconds: float = SECONDS) -> None:
        self._sock, self._seconds = sock, seconds
        self._since, self._received = time.monotonic(), 0

    def recv(self, size: int) -> bytes:
        """``TimeoutError`` when the sender is too slow."""
        allowed = min(self._seconds + self._received / LEAST_RATE, LONGEST)
        left = allowed - (time.monotonic() - self._since)
        if left <= 0:
            raise TimeoutError("the request arrives too slowly")
        self._sock.settimeout(left)
        try:
            data = self._sock.recv(size)
        finally:
            self._sock.settimeout(None)
        self._received += len(data)
        return data


def arrives(sock: socket.socket, seconds: float = SECONDS) -> bool:
    """Wait beside the threads until the request is whole or its sender has gone; ``False``: it is late."""
    limit = time.monotonic() + seconds
    sock.setblocking(False)
    ended = select.poll()
    ended.register(sock, _ENDED)
    while time.monotonic() < limit:
        data = _peek(sock)
        if data is not None and (not data or is_whole(data)):
            return True
        # Woken at once by a sender who sends no more: gunicorn answers what there is.
        if ended.poll(_PAUSE):
            return True
    return False


def _peek(sock: socket.socket) -> bytes | None:
    """What has arrived and stays there; empty when the sender has gone, ``None`` when nothing came yet."""
    try:
        return sock.recv(_PEEK, socket.MSG_PEEK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


class BoundedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn comes without types
    """Gunicorn's threads for whole requests only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: Counter[str] = Counter()
        self.aside = ThreadPoolExecutor(max_workers=MOST)

    def enqueue_req(self, conn: TConn) -> None:
        """On the main thread, for a new connection and for one kept alive."""
        if self.cfg.is_ssl or (conn.initialized and conn.parser.unreader.buf.getvalue()):
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        data = _peek(conn.sock)
        if data is None:
            self._await_first_byte(conn)
        elif not data or is_whole(data):
            super().enqueue_req(conn)
        else:
            self._set_aside(conn)

    def _await_first_byte(self, conn: TConn) -> None:
        """As gunicorn does after five seconds in a thread: the poller watches it for nothing."""
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _set_aside(self, conn: TConn) -> None:
        address = str(conn.client[0])
        if self.waiting.total() >= MOST or self.waiting[address] >= MOST_OF_ONE:
            self._drop(conn)
            return
        self.waiting[address] += 1
        future = self.aside.submit(arrives, conn.sock)
        future.add_done_callback(lambda done: self.method_queue.defer(self._come_back, conn, address, done))

    def _come_back(self, conn: TConn, address: str, done: Future[bool]) -> None:
        self.waiting[address] -= 1
        if done.exception() is None and done.result():
            super().enqueue_req(conn)
        else:
            self._drop(conn)

    def _drop(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def handle(self, conn: TConn) -> Any:
        """In a thread of the pool: what is read from here on is read with patience, not for ever."""
        if not self.cfg.is_ssl:
            conn.sock.setblocking(True)
            conn.init()
            if not conn.is_http2:
                conn.parser.unreader.sock = PatientSocket(conn.sock)
        return super().handle(conn)
