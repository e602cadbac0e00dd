"""A small mail server on the loopback interface: it speaks enough SMTP to take letters, and refuses some."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class PostOffice:
    """What was taken, and who is refused."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    hangs_up_on: set[str] = field(default_factory=set)


class Counter(socketserver.StreamRequestHandler):
    """One conversation."""

    office: PostOffice

    def handle(self) -> None:
        """Answer each line until the other side leaves, or is left."""
        self.say("220 post office")
        for raw in self.rfile:
            line = raw.decode().strip()
            if line.upper().startswith("QUIT"):
                self.say("221 bye")
                return
            if line.upper().startswith("DATA"):
                self.take()
            elif self.concerns(line, self.office.hangs_up_on):
                return
            else:
                self.say("550 no such mailbox" if self.concerns(line, self.office.refuses) else "250 fine")

    def concerns(self, line: str, addresses: set[str]) -> bool:
        """Whether a line names one of these addressees."""
        return line.upper().startswith("RCPT") and any(address in line for address in addresses)

    def take(self) -> None:
        """Take one letter, up to the lone full stop."""
        self.say("354 go on")
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw.removeprefix(b".") if raw.startswith(b"..") else raw)
        self.office.taken.append(message_from_bytes(b"".join(lines), policy=default))
        self.say("250 taken")

    def say(self, text: str) -> None:
        """Answer one line."""
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Open a post office for the length of the block."""
    office = PostOffice()
    with socketserver.TCPServer(("127.0.0.1", 0), type("Counter", (Counter,), {"office": office})) as server:
        office.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield office
        finally:
            server.shutdown()
            thread.join()
