"""A client of motcld in Python, by stock protobuf and a socket: submits a job, watches it, fetches what came of it.

client.py SET SOCKET PICTURE PROMPT     draws, to the file PICTURE
client.py SET SOCKET - QUESTION         asks, and prints the answer

SET has the messages, as protoc writes them, in the folder proto:

    protoc --include_imports --descriptor_set_out=SET motcl/v1/daemon.proto motcl/v1/job.proto motcl/v1/event.proto
"""
import socket
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

TEXT, PICTURE = 1, 2  # Output


def messages(path):
    """A function that makes messages by name. `protoc --python_out` makes modules instead."""
    pool = descriptor_pool.DescriptorPool()
    with open(path, "rb") as f:
        for file in descriptor_pb2.FileDescriptorSet.FromString(f.read()).file:
            pool.Add(file)
    kind_of = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype

    def make(name, data=b""):
        return kind_of(pool.FindMessageTypeByName("motcl.v1." + name)).FromString(data)

    return make


def send(stream, message):
    data = message.SerializeToString()
    n, head = len(data), b""
    while n > 127:
        head += bytes([n & 127 | 128])
        n >>= 7
    stream.write(head + bytes([n]) + data)
    stream.flush()


def read(stream, n):
    data = stream.read(n)
    if len(data) < n:
        raise ConnectionError("the daemon has ended the connection")
    return data


def hear(stream, make):
    """One request is on its way at a time here, so that the response is to it."""
    n = shift = 0
    more = True
    while more:
        (byte,) = read(stream, 1)
        n |= (byte & 127) << shift
        shift += 7
        more = byte > 127
    response = make("Response", read(stream, n))
    if response.HasField("refused"):
        raise RuntimeError(response.refused.sentence)
    return response


def main(descriptors, path, target, text):
    make = messages(descriptors)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    stream = connection.makefile("rwb")
    job, submit, watch, fetch = make("Job"), make("Request"), make("Request"), make("Request")
    job.part.add().text = text
    job.output.append(TEXT if target == "-" else PICTURE)
    submit.submit.job = job.SerializeToString()
    send(stream, submit)
    watch.watch.id = fetch.fetch.id = hear(stream, make).job.id
    print("submitted as", watch.watch.id, file=sys.stderr)
    send(stream, watch)
    last = False
    while not last:
        response = hear(stream, make)
        last = response.last
        step = make("Event", response.event).step
        if step.of:
            print(f"step {step.done} of {step.of}", file=sys.stderr)
    send(stream, fetch)
    result = make("Result", hear(stream, make).result)
    if result.HasField("failure"):
        return result.failure.sentence
    if target == "-":
        print(result.answer[0].text)
    else:
        with open(target, "wb") as f:
            f.write(result.answer[0].picture.file)
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 5 else __doc__)
