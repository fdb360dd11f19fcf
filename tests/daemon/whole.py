"""whole.py MOTCLD SET MODEL FOLDER - a daemon's promises one by one, as a client sees them."""

import os
import random
import signal
import socket
import stat
import subprocess
import sys
import time

from motcld import Client, Daemon, Refused, ask, check, draw, frame, load, what_is_in

motcld, descriptors, model, folder = sys.argv[1:]
make = load(descriptors)
WAITING, HELD, RUNNING, DONE, FAILED, CANCELLED = range(1, 7)
WRONG, NO_SUCH, OTHER, BUSY, STATE, JOURNAL, ENDING, NO_MODEL = range(1, 9)


def refused(why, call, *args, **more):
    try:
        call(*args, **more)
    except Refused as r:
        check(r.why == why, "refused as", r.why, "not", why, ":", r)
        check(str(r), "no sentence")
        return
    check(False, "not refused:", args, more)


def life_of_a_job(d, c):
    first = c.submit(draw(make, "a red star", id="star"), hold=True)
    check(first.state == HELD and not first.known, first)
    watched = c.watch("star")
    check(next(watched).state == HELD, "held")
    d.client().one("release", "star")
    said = list(watched)
    check(said[-1].state == DONE, said[-1])
    kinds = [e.WhichOneof("what") for e in said if hasattr(e, "accepted")]
    check(kinds[:2] == ["accepted", "started"] and "step" in kinds and "image" in kinds, kinds)
    check(not {"done", "failed", "cancelled"} & set(kinds), kinds)
    result = c.result("star")
    check(result.answer[0].picture.file.startswith(b"\x89PNG") and result.job == "star", result.job)
    again = c.submit(draw(make, "a red star", id="star"))
    check(again.known and again.state == DONE and again.number == first.number, again)
    refused(OTHER, c.submit, draw(make, "a blue star", id="star"))
    refused(STATE, c.one, "cancel", "star")
    check(what_is_in(c.result("star")) == what_is_in(result), "another result")
    c.one("forget", "star")
    refused(NO_SUCH, c.one, "fetch", "star")
    check(not c.submit(draw(make, "a blue star", id="star")).known, "a forgotten id is known")
    check(c.wait("star").state == DONE, "star")


def what_cannot_be(d, c):
    refused(NO_SUCH, c.one, "watch", "nobody")
    refused(NO_MODEL, c.submit, draw(make, "a", model="other"))
    refused(WRONG, c.submit, make("Job"))
    refused(WRONG, c.submit, draw(make, "a", steps=1))
    refused(WRONG, c.submit, draw(make, "a", id="a b"))
    refused(WRONG, c.submit, draw(make, "a", id="../a"))
    refused(WRONG, c.call)
    c.submit(draw(make, "a", id="huge", size=8192))
    check(c.wait("huge").state == FAILED, "a picture that cannot fit")
    check(c.result("huge").failure.sentence, "no sentence")


def held_and_cancelled(d, c):
    check(c.submit(draw(make, "a", id="held"), hold=True).state == HELD, "held")
    time.sleep(0.3)
    check([j.state for j in c.list() if j.id == "held"] == [HELD], "it did not wait")
    check(c.one("release", "held").state in (WAITING, RUNNING), "released")
    check(c.wait("held").state == DONE, "held")
    long = c.submit(draw(make, "a", id="long", steps=10000))
    for said in c.watch("long"):
        if hasattr(said, "accepted") and said.WhichOneof("what") == "step" and said.step.done > 3:
            break
    other = d.client()
    check(other.one("hold", "long").id == "long", "hold")
    end = time.monotonic() + 20
    while [j.state for j in other.list() if j.id == "long"] != [HELD]:
        check(time.monotonic() < end, "it is not held")
        time.sleep(0.05)
    other.one("release", "long")
    began = time.monotonic()
    while [j.state for j in other.list() if j.id == "long"] != [RUNNING]:
        check(time.monotonic() - began < 20, "it does not go on")
        time.sleep(0.05)
    other.one("cancel", "long")
    check(other.wait("long").state == CANCELLED, "cancel")
    check(other.result("long").failure.sentence, "no sentence")
    check(other.submit(draw(make, "a", id="never"), hold=True).state == HELD, "never")
    check(other.one("cancel", "never").state == CANCELLED, "never")


def alone_and_beside(d, c):
    """Each has the bytes that it has alone."""
    jobs = [draw(make, "a red star", seed=s) for s in (1, 2, 3)] + [ask(make, "what is it?")]
    alone = []
    for i, job in enumerate(jobs):
        job.id = "alone-%d" % i
        c.submit(job)
        check(c.wait(job.id).state == DONE, job.id)
        alone.append(what_is_in(c.result(job.id)))
    for i, job in enumerate(jobs):
        job.id = "beside-%d" % i
        c.submit(job)
    for i, job in enumerate(jobs):
        check(c.wait(job.id).state == DONE, job.id)
        check(what_is_in(c.result(job.id)) == alone[i], job.id, "has other bytes")


def order(d, c):
    """Those of a higher priority go first."""
    slow = [draw(make, "a", id="slow-%d" % i, steps=10000) for i in range(4)]
    for job in slow:
        c.submit(job)
    c.submit(draw(make, "a", id="low", priority=-1))
    c.submit(draw(make, "a", id="high", priority=5))
    places = {j.id: j.place for j in c.list(open=True)}
    check(places["high"] == 1 and places["low"] == 2, places)
    for job in slow:
        c.one("cancel", job.id)
    check(c.wait("low").state == DONE and c.wait("high").state == DONE, "order")
    late = draw(make, "a", id="late", steps=10000, deadline_ms=int(time.time() * 1000) + 1500)
    c.submit(late)
    check(c.wait("late").state == CANCELLED, "late")


def raw(d, data, hang=False):
    """What the daemon says to bytes."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(30)
    s.connect(d.path)
    s.sendall(data)
    said = b""
    while not hang:
        piece = s.recv(65536)
        if not piece:
            break
        said += piece
    s.close()
    return said


def hostile(d, c):
    long = b"\xff\xff\xff\xff\x7f"
    for data in (long, b"\xff" * 16, frame(b"\xff\xff\xff"), frame(b"\x12\x7f"), b"\x80\x80\x80\x80\x20"):
        check(raw(d, data), "nothing is said to", data)
    chance = random.Random(1)
    for i in range(50):
        raw(d, bytes(chance.randrange(256) for _ in range(64)), hang=True)
        raw(d, frame(make("Request", number=1, list=make("ListJobs")))[:5], hang=True)
    flood = Client(make, d.path, timeout=3)
    try:
        for i in range(20000):
            flood.ask(list=make("ListJobs"))
        check(False, "who does not read is read from")
    except socket.timeout:
        check(c.daemon().version, "it does not answer beside a flood")
    slow = socket.socket(socket.AF_UNIX)
    slow.connect(d.path)
    slow.sendall(b"\x7f\x01")
    slow.settimeout(30)
    check(slow.recv(1 << 16), "a message that never comes whole")
    check(not slow.recv(1 << 16), "it is still connected")
    flood.close()


def users(d, c):
    """Another user's jobs are nobody's business; root's tests only."""
    mode = os.stat(d.path).st_mode
    check(stat.S_IMODE(mode) == 0o600, oct(mode))
    check(stat.S_IMODE(os.stat(os.path.join(folder, "state")).st_mode) == 0o700, "state folder")
    if os.geteuid() != 0:
        return
    os.chmod(folder, 0o755)
    os.chmod(d.path, 0o666)
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        try:
            o = Client(make, d.path)
            refused(NO_SUCH, o.one, "fetch", "held")
            refused(NO_SUCH, o.one, "cancel", "held")
            check(not list(o.list()), "sees others' jobs")
            check(o.submit(draw(make, "a", id="nobodys"), hold=True).user == 65534, "user")
            refused(OTHER, o.submit, draw(make, "a", id="held"))
        except BaseException as e:
            sys.stderr.write("FAILED: another user: %r\n" % e)
            os._exit(1)
        os._exit(0)
    check(os.waitpid(child, 0)[1] == 0, "another user")
    check(c.one("cancel", "nobodys").state == CANCELLED, "root")


def until(what, call):
    end = time.monotonic() + 60
    while not call():
        check(time.monotonic() < end, "waited in vain:", what)
        time.sleep(0.02)


def crashes(d, c):
    """A job under which a device's process ends again and again is given up, alone."""
    jobs = lambda: {j.id: j for j in c.list()}

    def run(ids, attempts):
        now = jobs()
        return all(now[id].state == RUNNING for id in ids) and now["bad"].attempts == attempts

    for id, steps in (("bad", 10000), ("good", 2500)):
        c.submit(draw(make, "a", id=id, steps=steps))
    for n, ids in enumerate((("bad", "good"), ("bad", "good"), ("bad",)), 1):
        until(ids, lambda: run(ids, n))
        check(len(ids) > 1 or jobs()["good"].state == WAITING, "a suspect is not alone")
        os.kill(d.children()[0], signal.SIGKILL)
    check(c.wait("bad").state == FAILED and "not tried again" in c.wait("bad").sentence, c.wait("bad"))
    check(c.wait("good").state == DONE, "good")


def two_devices(d, c):
    """They share one queue, and what one loses the other goes on with."""
    both = os.path.join(folder, "both")
    two = Daemon(motcld, make, model, both, "--share", "2", "--save", "1", devices=("ref", "ref")).start()
    o = two.client()
    until("both devices", lambda: all(device.name for device in o.daemon().device))
    jobs = [draw(make, "a red star", id="two-%d" % i, seed=i, steps=900) for i in range(6)]
    for job in jobs:
        o.submit(job)
    check([device.jobs for device in o.daemon().device] == [2, 2], "jobs on devices")
    os.kill(two.children()[0], signal.SIGKILL)
    for job in jobs:
        check(o.wait(job.id).state == DONE, job.id)
    c.submit(jobs[5])
    c.submit(jobs[0])
    for job in (jobs[0], jobs[5]):
        check(c.wait(job.id).state == DONE and what_is_in(c.result(job.id)) == what_is_in(o.result(job.id)), "other bytes")
    two.stop()


def copies(d, c):
    """A copy of the queue, made while it is used, is a queue."""
    before = {j.id: j.state for j in c.list() if j.state in (DONE, FAILED, CANCELLED)}
    copy = os.path.join(folder, "copy")
    backup = [motcld, "--state", os.path.join(folder, "state"), "--backup", os.path.join(copy, "state")]
    os.mkdir(copy)
    c.submit(draw(make, "a", id="meanwhile", steps=200))
    check(subprocess.run(backup).returncode == 0, "backup")
    check(subprocess.run(backup, stderr=subprocess.DEVNULL).returncode == 1, "over a backup")
    other = Daemon(motcld, make, model, copy).start()
    o = other.client()
    check({j.id: j.state for j in o.list() if j.id in before} == before, "other jobs")
    check(o.wait("meanwhile").state == DONE, "it does not go on there")
    check(c.wait("meanwhile").state == DONE, "it does not go on here")
    check(what_is_in(c.result("meanwhile")) == what_is_in(o.result("meanwhile")), "other bytes")
    check(what_is_in(c.result("beside-0")) == what_is_in(o.result("beside-0")), "results are not copied")
    other.stop()


def ends_and_comes_back(d, c):
    c.submit(draw(make, "a", id="over", steps=400))
    for said in c.watch("over"):
        if hasattr(said, "accepted") and said.WhichOneof("what") == "step" and said.step.done > 5:
            break
    before = [j.id for j in d.client().list()]
    said_before = os.path.getsize(d.log.name)
    d.stop()
    check(not os.path.exists(d.path), "the socket is left")
    d.start()
    c = d.client()
    check([j.id for j in c.list()] == before, "jobs are lost")
    check(c.wait("over").state == DONE, "over")
    with open(d.log.name) as log:
        log.seek(said_before)
        said = log.read()
    check("goes on job=over" in said and "begins anew job=over" not in said, "it began anew")
    check([j.attempts for j in c.list() if j.id == "over"] == [2], "attempts")
    alone = draw(make, "a", id="undisturbed", steps=400)
    c.submit(alone)
    c.wait("undisturbed")
    check(what_is_in(c.result("over")) == what_is_in(c.result("undisturbed")), "other bytes")


os.makedirs(folder, exist_ok=True)
daemon = Daemon(motcld, make, model, folder, "--idle", "2", "--save", "1").start()
for test in (life_of_a_job, what_cannot_be, held_and_cancelled, alone_and_beside, order, hostile, users, crashes, two_devices,
             copies, ends_and_comes_back):
    test(daemon, daemon.client())
    print("ok", test.__name__, flush=True)
daemon.stop()
