"""killed.py MOTCLD SET MODEL FOLDER KILLS [SEED] - kills the daemon and its device processes at any moment,
over a mixed load; accepted = done + failed + cancelled, each with the bytes of an undisturbed run."""

import os
import random
import signal
import sys
import time

from motcld import Daemon, ask, check, draw, load, what_is_in

motcld, descriptors, model, folder = sys.argv[1:5]
kills = int(sys.argv[5])
chance = random.Random(int(sys.argv[6]) if len(sys.argv) > 6 else 1)
make = load(descriptors)
DONE, FAILED, CANCELLED = 4, 5, 6
OPTIONS = ("--save", "1", "--tries", "100", "--keep", "9d")


def load_of(n):
    """Jobs of every kind, with an id each."""
    jobs = {}
    for i in range(n):
        kind = i % 4
        if kind == 0:
            job = draw(make, "a red star", seed=i, steps=40)
        elif kind == 1:
            job = ask(make, "what is it?", tokens=30 + i)
        elif kind == 2:
            job = draw(make, "a blue dot", seed=i, steps=25)
            job.settings.think = True
            job.settings.max_think_tokens = 12
        else:
            job = make("Job", seed=i, settings=make("Settings", width=32, height=32, timesteps=12, max_tokens=9))
            for text, kind in (("a cat", 2), ("what is it?", 1), ("a dog", 2)):
                job.item.add(input=make("Part", text=text))
                job.item.add(output=make("Wanted", kind=kind))
        job.id = "job-%d" % i
        jobs[job.id] = job
    return jobs


def until_up(d, call):
    """Ask until somebody answers: as a client does whose daemon is started again."""
    end = time.monotonic() + 120
    while True:
        try:
            c = d.client(timeout=20)
            try:
                return call(c)
            finally:
                c.close()
        except (OSError, ConnectionError):
            check(time.monotonic() < end, "nobody answers")
            if d.process.poll() is not None:
                d.start(wait=False)
            time.sleep(0.05)


def undisturbed(jobs):
    d = Daemon(motcld, make, model, os.path.join(folder, "calm"), *OPTIONS).start()
    c = d.client(timeout=600)
    for job in jobs.values():
        c.submit(job)
    results = {}
    for id in jobs:
        check(c.wait(id).state == DONE, id)
        results[id] = what_is_in(c.result(id))
    d.stop()
    return results


def kill_one(d):
    """The daemon, or a process of a device."""
    children = d.children()
    if children and chance.random() < 0.4:
        try:
            os.kill(chance.choice(children), signal.SIGKILL)
            return "device"
        except ProcessLookupError:
            pass
    d.kill()
    d.start(wait=False)
    return "daemon"


def disturbed(jobs):
    d = Daemon(motcld, make, model, os.path.join(folder, "wild"), *OPTIONS).start()
    todo = list(jobs.values())
    chance.shuffle(todo)
    cancelled = {j.id for j in todo if chance.random() < 0.1}
    done = {"daemon": 0, "device": 0}
    while sum(done.values()) < kills or todo:
        for job in todo[:3]:
            until_up(d, lambda c: c.submit(job))
            if job.id in cancelled:
                until_up(d, lambda c: cancel(c, job.id))
        todo = todo[3:]
        time.sleep(chance.random() * 0.6)
        if sum(done.values()) < kills:
            done[kill_one(d)] += 1
        open_jobs = until_up(d, lambda c: len(c.list(open=True)))
        if not todo and not open_jobs:
            break
    while until_up(d, lambda c: len(c.list(open=True))):
        time.sleep(0.2)
    return d, cancelled, done


def cancel(c, id):
    try:
        c.one("cancel", id)
    except Exception as e:
        if "ended" not in str(e):
            raise


jobs = load_of(max(12, kills // 2))
expected = undisturbed(jobs)
daemon, cancelled, done = disturbed(jobs)
c = daemon.client()
states = {j.id: j for j in c.list()}
check(set(states) == set(jobs), "lost:", set(jobs) - set(states))
attempts = whole = 0
for id in jobs:
    state = states[id].state
    attempts += states[id].attempts
    poison = state == FAILED and "not tried again" in states[id].sentence and done["device"] > 2
    check(state == DONE or poison or (state == CANCELLED and id in cancelled), id, "is", state, states[id].sentence)
    if state == DONE:
        whole += 1
        check(what_is_in(c.result(id)) == expected[id], id, "has other bytes")
check(2 * whole >= len(jobs), "only", whole, "of", len(jobs), "are done")
check(attempts > len(jobs), "nothing was begun twice:", attempts, "beginnings of", len(jobs))
daemon.stop()
print("%d jobs, %d kills of the daemon, %d of device processes: all ended once, equal; %d beginnings, %d cancelled"
      % (len(jobs), done["daemon"], done["device"], attempts, len(cancelled)))
