"""A daemon under test, and clients that speak daemon.proto with stock protobuf."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import time

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def load(path):
    """A function that makes an empty message of a name, from what `protoc --descriptor_set_out` made."""
    pool = descriptor_pool.DescriptorPool()
    with open(path, "rb") as f:
        for file in descriptor_pb2.FileDescriptorSet.FromString(f.read()).file:
            pool.Add(file)

    def make(name, **fields):
        kind = pool.FindMessageTypeByName("motcl.v1." + name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(kind)(**fields)
        return message_factory.MessageFactory(pool).GetPrototype(kind)(**fields)

    return make


def frame(message):
    data = message if isinstance(message, bytes) else message.SerializeToString()
    head, n = b"", len(data)
    while n > 0x7F:
        head, n = head + bytes([n & 0x7F | 0x80]), n >> 7
    return head + bytes([n]) + data


class Refused(Exception):
    def __init__(self, refused):
        super().__init__(refused.sentence)
        self.why = refused.why


class Client:
    """A connection. Every call asks and waits for the answer."""

    def __init__(self, make, path, timeout=60):
        self.make, self.number = make, 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def ask(self, **what):
        self.number += 1
        self.socket.sendall(frame(self.make("Request", number=self.number, **what)))
        return self.number

    def answer(self):
        n, shift = 0, 0
        while True:
            byte = self.file.read(1)
            if not byte:
                raise ConnectionError("the daemon hung up")
            n |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                break
        data = self.file.read(n)
        if len(data) < n:
            raise ConnectionError("the daemon hung up")
        response = self.make("Response")
        response.ParseFromString(data)
        if response.WhichOneof("what") == "refused":
            raise Refused(response.refused)
        return response

    def call(self, **what):
        number = self.ask(**what)
        response = self.answer()
        assert response.number == number and response.last, response
        return getattr(response, response.WhichOneof("what"))

    def submit(self, job, hold=False):
        return self.call(submit=self.make("Submit", job=job.SerializeToString(), hold=hold))

    def one(self, what, id):
        return self.call(**{what: self.make("WhichJob", id=id)})

    def list(self, **what):
        return self.call(list=self.make("ListJobs", **what)).job

    def daemon(self):
        return self.call(daemon=self.make("AskDaemon"))

    def result(self, id):
        result = self.make("Result")
        result.ParseFromString(self.one("fetch", id))
        return result

    def watch(self, id):
        """What is said of a job until it has ended: JobStatus and Event messages."""
        self.ask(watch=self.make("WhichJob", id=id))
        while True:
            response = self.answer()
            if response.WhichOneof("what") == "event":
                event = self.make("Event")
                event.ParseFromString(response.event)
                yield event
            else:
                yield response.job
            if response.last:
                return

    def wait(self, id):
        for said in self.watch(id):
            last = said
        return last


class Daemon:
    """motcld with a state folder of its own."""

    def __init__(self, motcld, make, model, folder, *options, devices=("ref",)):
        self.make, self.path = make, os.path.join(folder, "socket")
        self.command = [motcld, "--state", os.path.join(folder, "state"), "--socket", self.path]
        self.command += ["--model", "small=" + model, *options]
        for device in devices:
            self.command += ["--device", device]
        os.makedirs(folder, exist_ok=True)
        self.log = open(os.path.join(folder, "log"), "ab")
        self.process = None
        atexit.register(self.leave)

    def start(self, wait=True):
        self.process = subprocess.Popen(self.command, stderr=self.log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while wait:
            try:
                Client(self.make, self.path).close()
                return self
            except OSError:
                assert self.process.poll() is None, "the daemon ended with %s" % self.process.returncode
                assert time.monotonic() < end, "the daemon does not come up"
                time.sleep(0.02)
        return self

    def client(self, **options):
        return Client(self.make, self.path, **options)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def leave(self):
        """Nothing stays behind a test that fails."""
        if self.process and self.process.poll() is None:
            self.kill()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        assert status == 0, "the daemon ended with %d" % status

    def children(self):
        """Its device processes."""
        try:
            with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as f:
                return [int(n) for n in f.read().split()]
        except OSError:
            return []


def draw(make, text, id=None, seed=1, steps=6, size=32, **fields):
    settings = make("Settings", width=size, height=size, timesteps=steps)
    job = make("Job", part=[make("Part", text=text)], output=[2], settings=settings, seed=seed, **fields)
    if id:
        job.id = id
    return job


def ask(make, text, id=None, tokens=12, **fields):
    job = make("Job", part=[make("Part", text=text)], output=[1], settings=make("Settings", max_tokens=tokens), seed=1, **fields)
    if id:
        job.id = id
    return job


def what_is_in(result):
    """All of a result that the job and the fingerprint decide."""
    return [
        (a.text, a.thought, a.picture.file) for a in result.answer
    ], result.failure.code if result.HasField("failure") else None, result.fingerprint


def check(true, *why):
    if not true:
        sys.exit("FAILED: " + " ".join(str(w) for w in why))
