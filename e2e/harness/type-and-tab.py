"""type-and-tab.py SETUP LINE SHELL [ARG...]: types LINE and a tab at a shell's prompt, and prints the line that the shell then has."""

import os
import pty
import re
import select
import sys
import time

setup, line, *shell = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", PS1="READY> ", HISTFILE="/dev/null")
    os.execvp(shell[0], shell)


def read_until(pattern, seconds):
    """What comes until a pattern does, or nothing more in that time."""
    text, end = "", time.monotonic() + seconds
    while time.monotonic() < end and not re.search(pattern, text):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                text += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break
    return text


os.write(terminal, f"{setup}; PS1='READY> '; echo SET''UP\n".encode())
read_until("SETUP", 30)
os.write(terminal, line.encode() + b"\t")
# Only the shell knows when it has completed: it answers what is typed after the tab in order. Ctrl-a goes to the line's beginning.
time.sleep(0.5)
os.write(terminal, b"\x01echo BE''GIN \x05 EN''D\n")
text = read_until(r"BEGIN .*END", 30)
found = re.search(r"BEGIN (.*?) ?END", text)
print(found.group(1).strip() if found else "NOTHING: " + text)
os.close(terminal)
