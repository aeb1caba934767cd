"""A telephone exchange that speaks AGI as Asterisk does: it plays files, and presses keys while they are played."""

import socket
import wave
from pathlib import Path


class Exchange:
    """One call to a FastAGI server; ``said`` is what was played, file by file, as seconds."""

    def __init__(self, address, *, caller, script, unique="1793512800.1"):
        self.socket = socket.create_connection(address, timeout=60)
        self.lines, self.said, self.asked = self.socket.makefile("rwb"), [], []
        about = {
            "agi_network": "yes",
            "agi_network_script": script,
            "agi_request": f"agi://mawid/{script}",
            "agi_channel": "PJSIP/line-00000001",
            "agi_uniqueid": unique,
            "agi_callerid": caller,
        }
        self.send(*(f"{name}: {value}" for name, value in about.items()), "")

    def send(self, *lines):
        self.lines.write("".join(f"{line}\n" for line in lines).encode())
        self.lines.flush()

    def next(self):
        """The next command; "" where the server has gone."""
        line = self.lines.readline().decode().strip()
        self.asked.append(line)
        if " /" in line:
            file = Path(line.split('"')[0].split()[2]).with_suffix(".wav")
            with wave.open(str(file)) as sound:
                assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (8000, 2, 1)
                self.said.append(sound.getnframes() / 8000)
        return line

    def press(self, keys):
        """Answer the command that waits for keys, and return the next one."""
        self.send(f"200 result={keys}")
        return self.next()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()

    def hang_up(self):
        self.lines.close()
        self.socket.close()
