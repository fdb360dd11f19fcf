"""Jobs, events and results in the hands of stock protobuf.

stock.py SET make DRAW ASK BAD
    writes three Job messages: one that draws, one that asks, one that cannot be.
stock.py SET check EVENTS RESULT FILE [PICTURE]
    holds what came of the job FILE against it, and its picture, if it was one, against PICTURE.

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


def make_jobs(make, draw, ask, bad):
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
    kinds = []
    words = {False: "", True: ""}
    for number, frame in enumerate(frames(data), 1):
        event = make("Event")
        event.ParseFromString(frame)
        assert event.SerializeToString() == frame, "read and written, it is another"
        assert event.number == number
        assert event.time_ms > 1600000000000
        assert event.HasField("job") == job.HasField("id") and event.job == job.id
        kinds.append(event.WhichOneof("what"))
        if kinds[-1] == "words":
            words[event.words.thought] += event.words.text
        if kinds[-1] == "step":
            assert 0 <= event.step.done <= event.step.of
            assert 1 <= event.step.phase <= 6
        if kinds[-1] == "sight":
            assert event.sight.picture == result.answer[0].picture
        if kinds[-1] == "failed":
            assert event.failed == result.failure
    assert kinds[:2] == ["accepted", "started"], kinds
    assert kinds[-1] == ("failed" if result.HasField("failure") else "done"), kinds
    assert set(kinds[2:-1]) <= {"step", "words", "sight"}, kinds
    assert kinds.count("sight") == sum(
        a.WhichOneof("content") == "picture" for a in result.answer)
    return words


def check(make, events, result, job_path, picture=None):
    job, came = make("Job"), make("Result")
    job.ParseFromString(read(job_path))
    came.ParseFromString(read(result))
    assert came.SerializeToString() == read(result)
    words = check_events(make, read(events), job, came)
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
    answer, = came.answer
    if picture:
        assert (answer.picture.width, answer.picture.height) == (48, 32)
        assert answer.picture.file == read(picture), "not what the command draws"
    else:
        assert answer.WhichOneof("content") == "text"
        assert answer.text == words[False]
        assert answer.thought == words[True]


def main():
    make = messages(sys.argv[1])
    work = {"make": make_jobs, "check": check}[sys.argv[2]]
    work(make, *sys.argv[3:])


main()
