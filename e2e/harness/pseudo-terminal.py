"""Runs a command on a pseudo-terminal of its own and relays it: a terminal emulator without a screen.

stdin and stdout are the keyboard and the screen. Descriptor 3 takes lines "ROWS COLUMNS" (a window that changes). When the command has
ended, a line of JSON goes to descriptor 4: its exit code, and whether the terminal is as it was before.
"""

import fcntl, json, os, pty, select, struct, sys, termios


def set_size(descriptor, rows, columns):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    rows, columns, *command = sys.argv[1:]
    master, slave = pty.openpty()
    set_size(master, int(rows), int(columns))
    before = termios.tcgetattr(slave)
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for descriptor in (0, 1, 2):
            os.dup2(slave, descriptor)
        os.closerange(3, 256)
        os.execvp(command[0], command)
    sources = [0, 3, master]
    status = None
    while True:
        ready, _, _ = select.select(sources, [], [], 0.05)
        for descriptor in ready:
            data = os.read(descriptor, 65536)
            if descriptor == master:
                os.write(1, data)
            elif not data:
                sources.remove(descriptor)
            elif descriptor == 0:
                os.write(master, data)
            else:
                set_size(master, *[int(word) for word in data.decode().split("\n")[0].split()])
        if status is not None and master not in ready:
            break
        if status is None:
            ended, result = os.waitpid(child, os.WNOHANG)
            if ended:
                status = os.waitstatus_to_exitcode(result)
    code = status if status >= 0 else 128 - status
    restored = termios.tcgetattr(slave) == before
    os.write(4, json.dumps({"code": code, "restored": restored}).encode())


main()
