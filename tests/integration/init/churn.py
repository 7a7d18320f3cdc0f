# SPDX-License-Identifier: MIT
"""A supervise that works hard: started by foster-init in place of foster, killed by the test at any moment. It keeps three
services running; each writes its number to a pipe of the fd store and ends. A number may come once only, whatever dies."""
import os
import socket
import struct
import sys

sys.path.insert(0, os.environ["FAKE_DIRECTORY"])
from fake_supervise import (CHILD, DROP, END, ENTRY, EXITED, FAILED, FORGET, MESSAGE, PUT, READY, SPAWN, SPAWNED, Message,  # noqa: E402
                            packet, plan)

channel = socket.socket(fileno=int(os.environ["FOSTER_INIT_FD"]))


def receive():
    data = channel.recv(MESSAGE.size)
    if not data:
        sys.exit(0)
    return Message(data)


def send(*args, fds=(), **named):
    socket.send_fds(channel, [packet(*args, **named)], list(fds))


def spawn(name, number):
    memory = os.memfd_create("plan")
    os.write(memory, plan(["/bin/sh", "-c", f"echo {name} {number} >&9"], fds=((3, 0, 9, "out"),)))
    send(SPAWN, name, incarnation=number, fds=[memory])
    os.close(memory)


number, busy = {f"w{i}": 0 for i in range(3)}, set()
while (message := receive()).type != END:
    if message.type == CHILD and message.name in number:
        number[message.name] = max(number[message.name], message.incarnation)
        if message.child_state >= 4:
            send(FORGET, message.name, incarnation=message.incarnation)
        else:
            busy.add(message.name)
    if message.type == ENTRY and message.store.startswith("number."):
        _, name, last = message.store.split(".")
        number[name] = max(number[name], int(last))
send(READY)
for name in number:
    if name not in busy:
        number[name] += 1
        send(PUT, store=f"number.{name}.{number[name]}", fds=[0])
        spawn(name, number[name])
while message := receive():
    if message.type in (EXITED, FAILED) and message.name in number:
        assert message.type == EXITED or message.stage == 2, message
        name, old = message.name, message.incarnation
        number[name] = max(number[name], old) + 1
        send(PUT, store=f"number.{name}.{number[name]}", fds=[0])  # first: a number is never used again
        send(DROP, store=f"number.{name}.{old}")
        send(FORGET, name, incarnation=old)
        spawn(name, number[name])
