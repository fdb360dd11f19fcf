"""A daemon that is none, for tests of its clients: it speaks daemon.proto, keeps jobs in memory and makes up what
comes of them, or lies.

fake.py SET SOCKET [LIE]

SET is what `protoc --descriptor_set_out` makes of proto/motcl/v1/*.proto. What becomes of a job its labels say:

    act=slow    it runs until it is cancelled or held
    act=steps   its steps take a while
    act=fail    it fails, with the code of the label `code`
    act=twice   it begins twice: words that were told come again, and go on
    act=other   it begins twice, and the second time says something else
    act=leave   the daemon ends the connection in the middle, once
    act=wild    words that would steer a terminal

LIE is what a client hears instead of a response: oversized, endless, garbage, number, kind, early, silence, half.
"""
import os
import socket
import struct
import sys
import threading
import time
import zlib

from motcld import frame, load

WORDS = ["It ", "is ", "a ", "red ", "star."]
STATES = {"waiting": 1, "held": 2, "running": 3, "done": 4, "failed": 5, "cancelled": 6}
WRONG, NO_JOB, OTHER, BUSY, STATE, MODEL = 1, 2, 3, 4, 5, 8


def read_frame(stream):
    n = shift = 0
    while True:
        byte = stream.read(1)
        if not byte:
            return None
        n |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            return stream.read(n)


def png(width, height, grey, text):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([grey]) * 3 * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + (chunk(b"tEXt", b"Software\0" + text) if text else b"")
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Job:
    def __init__(self, fake, data, hold, number):
        self.data, self.message, self.events = data, fake.make("Job"), []
        self.watched, self.gone, self.left = False, False, False
        self.message.ParseFromString(data)
        self.act = {label.key: label.value for label in self.message.label}
        self.status = fake.make("JobStatus")
        self.result = fake.make("Result")
        self.wants = list(self.message.output) or [i.output.kind for i in self.message.item if i.HasField("output")]
        settings = self.message.settings
        for item in self.message.item:
            if item.HasField("output") and item.output.HasField("settings"):
                settings = item.output.settings
        self.width, self.height, self.preview = settings.width or 32, settings.height or 24, settings.preview
        s = self.status
        s.id = self.message.id or f"job-{number}"
        s.number, s.user, s.submitted_ms = number, os.getuid(), int(time.time() * 1000)
        s.state = STATES["held" if hold else "waiting"]
        s.what = f"draw {self.width}x{self.height}" if 2 in self.wants else "write"
        s.model, s.priority = self.message.model or "nano", self.message.priority
        for label in self.message.label:
            copy = s.label.add()
            copy.key, copy.value = label.key, label.value
        if self.message.HasField("deadline_ms"):
            s.deadline_ms = self.message.deadline_ms


class Fake:
    def __init__(self, make, lie):
        self.make, self.lie, self.jobs, self.number = make, lie, {}, 0
        self.turn = threading.Condition()

    def set(self, job, state):
        job.status.state = STATES[state]
        job.status.changed_ms = int(time.time() * 1000)
        waiting = [j for j in self.jobs.values() if j.status.state == STATES["waiting"]]
        for place, each in enumerate(waiting, 1):
            each.status.place = place
        self.turn.notify_all()

    def event(self, job, **fields):
        e = self.make("Event")
        e.job, e.number, e.time_ms = job.status.id, len(job.events) + 1, int(time.time() * 1000)
        for name, value in fields.items():
            part = getattr(e, name)
            part.SetInParent()
            for key, each in value.items():
                if key == "file":
                    part.picture.file, part.picture.width, part.picture.height = each
                else:
                    setattr(part, key, each)
        with self.turn:
            job.events.append(e.SerializeToString())
            self.turn.notify_all()

    def picture(self, job, grey, text=b"motcl"):
        return png(job.width, job.height, grey, text), job.width, job.height

    def write(self, job, k, words):
        for i, word in enumerate(words):
            self.event(job, text_delta={"text": word, "output": k})
            if job.act.get("act") == "leave" and i == 2 and not job.left:
                job.left = True
                time.sleep(0.5)

    def draw(self, job):
        for step in range(1, 11):
            self.event(job, step={"phase": 5, "done": step, "of": 10, "left": (10 - step) * 0.1})
            with self.turn:
                job.status.phase, job.status.done, job.status.of, job.status.left = "denoise", step, 10, 1.5
            if job.preview:
                self.event(job, image={"file": self.picture(job, 20 * step, b""), "preview": True})
            if job.act.get("act") == "steps":
                time.sleep(0.1)

    def run(self, job):
        act = job.act.get("act")
        words = {"wild": ["\33[31m", "red\a", "\u009b5m"], "cut": ["<think>", "it may", " be</thi"]}.get(act, WORDS)
        self.event(job, started={"device": "a fake", "driver": "ref"})
        with self.turn:
            self.turn.wait_for(lambda: job.watched, 0.5)  # so that who watches hears all of it
            while act == "slow" and job.status.state == STATES["running"]:
                self.turn.wait()
            if job.status.state != STATES["running"]:
                return
        for k, kind in enumerate(job.wants):
            answer = job.result.answer.add()
            if kind > 1:
                self.draw(job)
                answer.picture.file, answer.picture.width, answer.picture.height = self.picture(job, 200)
                self.event(job, image={"file": self.picture(job, 200), "output": k})
                continue
            answer.text = "".join(words)
            self.write(job, k, words[:3] if act in ("twice", "other") else words)
            if act in ("twice", "other"):
                self.event(job, started={"device": "a fake", "driver": "ref"})
                self.write(job, k, words)
            if act == "other":
                answer.text = "Something else."
        self.end(job, "failed" if act == "fail" else "done")

    def end(self, job, state):
        r, code = job.result, int(job.act.get("code", 14))
        r.job, r.seconds, r.device, r.driver = job.status.id, 0.25, "a fake", "ref"
        r.seed, r.fingerprint, r.version = job.message.seed or 42, "0" * 32, "0.1.0"
        if state != "done":
            del r.answer[:]
            r.failure.code = code if state == "failed" else 12
            r.failure.sentence = "it was to fail" if state == "failed" else "cancelled"
            job.status.code, job.status.sentence = r.failure.code, r.failure.sentence
        with self.turn:
            job.status.ClearField("place")
            job.status.result_bytes = r.ByteSize()
            self.set(job, state)

    def work(self):
        while True:
            with self.turn:
                ready = [j for j in self.jobs.values() if j.status.state == STATES["waiting"]]
                if not ready:
                    self.turn.wait()
                    continue
                job = max(ready, key=lambda j: (j.message.priority, -j.status.number))
                job.status.device, job.status.attempts = "a fake", job.status.attempts + 1
                self.set(job, "running")
            threading.Thread(target=self.run, args=(job,), daemon=True).start()

    def say(self, out, number, last=True, **what):
        r = self.make("Response")
        r.number, r.last = number, last
        for name, value in what.items():
            if isinstance(value, bytes):
                setattr(r, name, value)
            else:
                getattr(r, name).CopyFrom(value)
        out.write(frame(r))
        out.flush()

    def refuse(self, out, number, why, sentence):
        refused = self.make("Refused")
        refused.why, refused.sentence = why, sentence
        self.say(out, number, refused=refused)

    def submit(self, out, number, submit):
        with self.turn:
            job = Job(self, submit.job, submit.hold, self.number + 1)
            if job.message.model not in ("", "nano"):
                return self.refuse(out, number, MODEL, f"there is no model '{job.message.model}'; there is nano")
            if job.act.get("act") == "busy":
                return self.refuse(out, number, BUSY, "the queue is full; try again later")
            known = self.jobs.get(job.status.id)
            if known and known.data != job.data:
                return self.refuse(out, number, OTHER, f"job '{job.status.id}' is another; take another id")
            if known:
                status = self.make("JobStatus")
                status.CopyFrom(known.status)
                status.known = True
                return self.say(out, number, job=status)
            self.number += 1
            self.jobs[job.status.id] = job
            status = self.make("JobStatus")
            status.CopyFrom(job.status)
            self.set(job, "held" if submit.hold else "waiting")
        return self.say(out, number, job=status)

    def list(self, out, number, which):
        jobs = self.make("JobList")
        with self.turn:
            for job in sorted(self.jobs.values(), key=lambda j: -j.status.number):
                if (which.open and job.status.state > 3) or 0 < which.before <= job.status.number:
                    continue
                if len(jobs.job) == min(which.most or 1000, 1000):
                    jobs.more = True
                    break
                jobs.job.add().CopyFrom(job.status)
        self.say(out, number, jobs=jobs)

    def watch(self, out, number, job):
        with self.turn:
            at = len(job.events) if job.gone or job.status.state > 3 else 0
            job.watched = True
            self.turn.notify_all()
        self.say(out, number, False, job=job.status)
        while True:
            with self.turn:
                while at == len(job.events) and job.status.state < 4:
                    self.turn.wait()
                events, over = job.events[at:], job.status.state > 3
            for event in events:
                self.say(out, number, False, event=event)
            at += len(events)
            if job.left and not job.gone:
                job.gone = True
                return False
            if over and at == len(job.events):
                self.say(out, number, job=job.status)
                return True

    def change(self, out, number, what, job):
        state = job.status.state
        if (what == "fetch" or what == "forget") and state < 4:
            return self.refuse(out, number, STATE, f"job '{job.status.id}' has not ended; 'motcl wait' waits for it")
        if what == "release" and state != 2 or what in ("cancel", "hold") and state > 3:
            return self.refuse(out, number, STATE, f"job '{job.status.id}' is not so that this can be")
        if what == "fetch":
            return self.say(out, number, result=job.result.SerializeToString())
        if what == "cancel":
            self.end(job, "cancelled")
        with self.turn:
            if what == "forget":
                del self.jobs[job.status.id]
            elif what != "cancel":
                self.set(job, "held" if what == "hold" else "waiting")
        return self.say(out, number, job=job.status)

    def tell_lie(self, out, number):
        lies = {"oversized": b"\x80\x80\x80\x80\x08", "endless": b"\xff" * 32, "garbage": frame(b"\xff" * 64),
                "half": frame(b"\x08\x01" * 500)[:4], "silence": b""}
        if self.lie in lies:
            out.write(lies[self.lie])
            out.flush()
            time.sleep(60)
        elif self.lie == "number":
            self.say(out, number + 1, job=self.make("JobStatus"))
            time.sleep(60)
        elif self.lie == "kind":
            self.say(out, number, daemon=self.make("DaemonStatus"))
        elif self.lie == "early":
            pass
        return False

    def answer(self, out, request):
        what, number = request.WhichOneof("what"), request.number
        if self.lie:
            return self.tell_lie(out, number)
        if what == "submit":
            self.submit(out, number, request.submit)
        elif what == "list":
            self.list(out, number, request.list)
        elif what == "daemon":
            status = self.make("DaemonStatus")
            status.version = "0.1.0"
            status.model.append("nano")
            device = status.device.add()
            device.option, device.name, device.driver, device.process = "ref", "a fake", "ref", os.getpid()
            status.waiting = len(self.jobs)
            self.say(out, number, daemon=status)
        else:
            with self.turn:
                job = self.jobs.get(getattr(request, what).id)
            if not job:
                self.refuse(out, number, NO_JOB, f"there is no job '{getattr(request, what).id}'")
            elif what == "watch":
                return self.watch(out, number, job)
            else:
                self.change(out, number, what, job)
        return True

    def serve(self, client):
        stream, out = client.makefile("rb"), client.makefile("wb")
        try:
            while True:
                data = read_frame(stream)
                request = self.make("Request")
                if data is None:
                    break
                request.ParseFromString(data)
                if not self.answer(out, request):
                    break
        except OSError:
            pass
        client.shutdown(socket.SHUT_RDWR)
        client.close()


def main(descriptors, path, lie=None):
    fake = Fake(load(descriptors), lie)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(16)
    threading.Thread(target=fake.work, daemon=True).start()
    while True:
        client, _ = server.accept()
        threading.Thread(target=fake.serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
