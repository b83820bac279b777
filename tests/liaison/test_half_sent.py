"""Half-sent requests stop nobody else: the product's own server, no proxy in front, raw sockets."""

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from liaison.web.server import BEGINNING, MOST_OF_ONE, PatientSocket, arrives, is_whole
from tests.stack import Stack, wait_for

HALF_HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
HALF_BODY = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nusername=a"


@pytest.fixture
def web(database_name: str, tmp_path: Path) -> Iterator[Stack]:
    """Started by the command line that every way of running the product uses; one process, four threads."""
    with Stack(database_name, tmp_path / "data", 10) as stack:
        stack.start_web()
        yield stack


def half_sent(stack: Stack, words: bytes) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", stack.port), timeout=10)
    link.sendall(words)
    return link


def is_closed(link: socket.socket) -> bool:
    link.setblocking(False)
    try:
        return link.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.django_db
def test_sixty_half_sent_requests_leave_the_pages_quick(web: Stack) -> None:
    links = [half_sent(web, words) for words in (HALF_HEAD, HALF_BODY) for _ in range(30)]
    try:
        for _ in range(5):
            began = time.monotonic()
            with urllib.request.urlopen(f"{web.url}/healthz", timeout=10) as answer:  # noqa: S310
                assert answer.status == 200
            assert time.monotonic() - began < 3
        # Of one address only so many may wait at all.
        wait_for(lambda: sum(map(is_closed, links)) == len(links) - MOST_OF_ONE, seconds=5, what="the rest")
        kept = next(link for link in links if not is_closed(link))
        kept.setblocking(True)
        kept.sendall(b"Connection: close\r\n\r\n")
        assert kept.recv(4096).startswith(b"HTTP/1.1 200")
    finally:
        for link in links:
            link.close()


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n" + b"a" * (BEGINNING - 1), False),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n" + b"a" * BEGINNING, True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", True),
        (b"a" * 64 * 1024, True),
    ],
)
def test_a_request_is_whole_with_its_head_and_the_beginning_of_its_body(data: bytes, whole: bool) -> None:
    assert is_whole(data) is whole


def test_a_request_that_dribbles_is_late_and_one_that_comes_in_time_is_not() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(HALF_HEAD)
        assert arrives(ours, seconds=0.3) is False
        threading.Timer(0.2, theirs.sendall, [b"\r\n"]).start()
        assert arrives(ours, seconds=10) is True
        assert ours.recv(4096) == HALF_HEAD + b"\r\n"


def test_a_sender_that_has_gone_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        assert arrives(ours, seconds=10) is True


def test_a_sender_who_sends_no_more_is_answered_what_there_is() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(HALF_BODY)
        theirs.shutdown(socket.SHUT_WR)
        began = time.monotonic()
        assert arrives(ours, seconds=10) is True
        assert time.monotonic() - began < 5


def test_the_rest_of_a_body_is_read_at_a_least_rate() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        patient = PatientSocket(ours, seconds=0.3)
        theirs.sendall(b"a" * 300)
        assert len(patient.recv(4096)) == 300
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            patient.recv(4096)
        assert 0.2 < time.monotonic() - began < 3


def test_no_body_is_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """However steadily it drips: a thread is lent, not given."""
    monkeypatch.setattr("liaison.web.server.LONGEST", 0.3)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        patient = PatientSocket(ours)
        theirs.sendall(b"a" * 4096)
        assert len(patient.recv(4096)) == 4096
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            patient.recv(4096)
        assert time.monotonic() - began < 3
