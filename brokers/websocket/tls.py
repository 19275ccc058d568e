"""TLS over a socket such that one read takes all there is, however many records that is.

A server that sends each message at once sends each in a record of its own, and Python's own TLS socket needs two
system calls for every record. This one reads the socket as a plain one is read and unpacks the records from memory:
a third of the cost in a burst (bench/frames.py).
"""

import socket
import ssl
from contextlib import suppress
from typing import cast

READ_SIZE = 256 * 1024
LONGEST_RECORD = 16 * 1024
"""Bytes of plain text in a record, by TLS."""
MINIMUM = ssl.TLSVersion.TLSv1_2


class TlsSocket:
    """As much of a socket as a connection needs. For one thread, like every TLS connection."""

    def __init__(self, plain: socket.socket, host: str) -> None:
        """Prepare; closes `plain` when closed. The server must show a certificate for `host` that the system trusts."""
        context = ssl.create_default_context()
        context.minimum_version = MINIMUM
        self._plain = plain
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._buffer = bytearray(READ_SIZE)
        self._view = memoryview(self._buffer)
        self._is_over = False
        self.settimeout = plain.settimeout
        self.gettimeout = plain.gettimeout
        self.fileno = plain.fileno

    def close(self) -> None:
        self._plain.close()

    def do_handshake(self) -> None:
        """Agree on keys and check the certificate. Raises: OSError."""
        try:
            while True:
                try:
                    self._tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    self._flush()
                    self._fill()
        except ssl.SSLError:
            with suppress(OSError):
                self._flush()  # tells the server why
            raise
        self._flush()

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; none at the end of the stream. Raises: OSError."""
        buffer = bytearray(size)
        while True:
            received = self._unpack(memoryview(buffer))
            if received or self._is_over:
                return bytes(buffer[:received])
            self._fill()

    def recv_into(self, buffer: bytearray) -> int:
        """All there is, at least room for a record provided; 0 at the end of the stream.

        Raises: TimeoutError, also when what came is not yet a whole record; OSError.
        """
        with memoryview(buffer) as room:
            received = self._unpack(room)
            if not received and not self._is_over:
                self._fill()
                received = self._unpack(room)
        if not received and not self._is_over:
            raise TimeoutError
        return received

    def sendall(self, data: bytes) -> None:
        """Raises: OSError."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest) :]
        self._flush()

    def _unpack(self, room: memoryview) -> int:
        """Plain text of the records that came, as much as there is room for."""
        tls, incoming = self._tls, self._incoming
        at, end = 0, len(room)
        try:
            while at < end and (incoming.pending or tls.pending()):
                # Into a buffer it returns a count, which its type does not know.
                at += cast("int", tls.read(min(LONGEST_RECORD, end - at), cast("bytearray", room[at:])))
        except ssl.SSLWantReadError:
            pass  # the rest of a record is still to come
        except ssl.SSLZeroReturnError:
            self._is_over = True
        if self._outgoing.pending:
            self._flush()
        return at

    def _fill(self) -> None:
        size = self._plain.recv_into(self._buffer)
        if size:
            self._incoming.write(self._view[:size])
        else:
            self._is_over = True
            self._incoming.write_eof()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._plain.sendall(self._outgoing.read())
