"""The server's side of a connection that stays open: cuts what arrives into requests."""
import asyncio
import re
import socket

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


class Requests(asyncio.Protocol):
    """Subclasses have serve(head, body), and answer by `transport`."""

    def __init__(self):
        self.buffer, self.transport = b"", None

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            length = LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4:whole], self.buffer[whole:]
            self.serve(head, body)
