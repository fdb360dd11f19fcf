"""Jobs, events and results in the hands of stock protobuf.

stock.py SET make DRAW ASK TELL TURN BAD
    writes five Job messages: one that draws, one that asks, one that wants texts and pictures in turn,
    one in which more is said between them, one that cannot be.
stock.py SET check PLAN EVENTS RESULT FILE [PICTURE]
    holds what came of the job FILE against it, and its picture, if it is one, against PICTURE.

SET is what `protoc --descriptor_set_out` makes of proto/motcl/v1/*.proto.
"""

import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def read(path):
    with open(path, "rb") as f:
        return f.read()


def messages(path):
    """A function that makes an empty message of a name."""
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(read(path)).file:
        pool.Add(file)

    def make(name):
        kind = pool.FindMessageTypeByName("motcl.v1." + name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(kind)()
        return message_factory.MessageFactory(pool).GetPrototype(kind)()

    return make


def write(path, message):
    with open(path, "wb") as f:
        f.write(message.SerializeToString())


def make_jobs(make, draw, ask, tell, turn, bad):
    job = make("Job")
    job.id = "drawn by stock protobuf"
    job.part.add().text = "a cat, \u00e9"
    job.output.append(2)
    job.seed = 7
    job.settings.timesteps = 3
    job.settings.width = 48
    job.settings.height = 32
    label = job.label.add()
    label.key = "who"
    label.value = "me"
    write(draw, job)
    job.settings.width = 17
    write(bad, job)
    job = make("Job")
    job.part.add().text = "what is it?"
    job.output.append(1)
    job.settings.max_tokens = 5
    job.settings.think = True
    job.settings.max_think_tokens = 3
    write(ask, job)
    job.settings.think = False
    job.settings.timesteps = 3
    job.settings.width = 48
    job.settings.height = 32
    job.output.extend([2, 2, 1])
    write(tell, job)
    del job.part[:]
    del job.output[:]
    job.item.add().input.system = "be brief"
    job.item.add().input.text = "a cat, \u00e9"
    drawn = job.item.add().output
    drawn.kind = 2
    drawn.seed = 7
    job.item.add().input.text = "now a dog"
    drawn = job.item.add().output
    drawn.kind = 2
    drawn.settings.CopyFrom(job.settings)
    drawn.settings.think = True
    drawn.settings.max_think_tokens = 3
    job.item.add().output.kind = 1
    write(turn, job)


def outputs(job):
    return list(job.output) or [i.output.kind for i in job.item if i.HasField("output")]


def frames(data):
    """The messages of a file in which each stands behind its length."""
    at = 0
    while at < len(data):
        size = shift = 0
        while True:
            byte = data[at]
            at += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        assert at + size <= len(data), "a frame is cut"
        yield data[at:at + size]
        at += size


def check_events(make, data, job, result):
    """The answers and thoughts that events tell, by output."""
    kinds = []
    words = [["", ""] for _ in outputs(job)]
    pictures = [None for _ in outputs(job)]
    for number, frame in enumerate(frames(data), 1):
        event = make("Event")
        event.ParseFromString(frame)
        assert event.SerializeToString() == frame, "read and written, it is another"
        assert event.number == number
        assert event.time_ms > 1600000000000
        assert event.HasField("job") == job.HasField("id") and event.job == job.id
        kinds.append(event.WhichOneof("what"))
        if kinds[-1] == "text_delta":
            words[event.text_delta.output][event.text_delta.thought] += event.text_delta.text
        if kinds[-1] == "step":
            assert 0 <= event.step.done <= event.step.of
            assert 1 <= event.step.phase <= 6
        if kinds[-1] == "image":
            assert not event.image.preview
            pictures[event.image.output] = event.image.picture
        if kinds[-1] == "failed":
            assert event.failed == result.failure
    assert kinds[:2] == ["accepted", "started"], kinds
    assert kinds[-1] == ("failed" if result.HasField("failure") else "done"), kinds
    assert set(kinds[2:-1]) <= {"step", "text_delta", "image"}, kinds
    for answer, (text, thought), picture in zip(result.answer, words, pictures):
        assert answer.thought == thought
        if picture:
            assert answer.picture == picture
        else:
            assert answer.text == text


def check_plan(plan, result):
    if not result.fingerprint:
        return
    assert plan.fingerprint == result.fingerprint
    assert plan.device.driver == "ref" and plan.device.name == result.device
    assert plan.device.memory > 0 and plan.device.slow and not plan.device.chosen
    assert plan.graph[0].name == "decoder"
    for graph in plan.graph:
        assert sum(row.steps for row in graph.row) == graph.steps > 0
        assert graph.memory.total > 0 and graph.largest_batch
    assert plan.estimate.memory >= plan.graph[0].memory.total
    assert sum(phase.work.runs for phase in plan.estimate.phase) == plan.estimate.all.runs > 0


def check(make, plan_path, events, result, job_path, picture=None):
    job, came, plan = make("Job"), make("Result"), make("Plan")
    plan.ParseFromString(read(plan_path))
    assert plan.SerializeToString() == read(plan_path)
    job.ParseFromString(read(job_path))
    came.ParseFromString(read(result))
    assert came.SerializeToString() == read(result)
    check_events(make, read(events), job, came)
    check_plan(plan, came)
    assert came.job == job.id
    assert came.driver == "ref" and came.device and came.version
    assert came.seconds >= 0
    assert came.HasField("seed") and (not job.HasField("seed") or came.seed == job.seed)
    if job.settings.width == 17:
        assert came.failure.code == 1 and "multiples" in came.failure.sentence
        assert not came.answer and not came.HasField("fingerprint")
        return
    assert not came.HasField("failure")
    assert len(came.fingerprint) == 32
    kinds = [a.WhichOneof("content") for a in came.answer]
    assert kinds == [{1: "text", 2: "picture"}[o] for o in outputs(job)]
    for answer in came.answer:
        if answer.WhichOneof("content") == "picture":
            assert (answer.picture.width, answer.picture.height) == (48, 32)
            assert answer.picture.file.startswith(b"\x89PNG")
    if picture:
        assert came.answer[0].picture.file == read(picture), "not what the command draws"


def main():
    make = messages(sys.argv[1])
    work = {"make": make_jobs, "check": check}[sys.argv[2]]
    work(make, *sys.argv[3:])


main()
