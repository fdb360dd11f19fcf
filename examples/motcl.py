#!/usr/bin/env python3
"""motcl.py - a picture from a text and an answer about it, from Python.

    motcl.py MODEL TEXT FILE.png QUESTION [DEVICE]

Needs the shared library and Python's own modules. The classes are the structures of motcl.h, member by member."""
import ctypes
import os
import signal
import sys
from ctypes import (POINTER, Structure, byref, c_bool, c_char, c_char_p, c_double, c_int, c_int32, c_size_t, c_uint32,
                    c_uint64, c_void_p)

TEXT, PICTURE = 0, 1  # of motcl_part_kind and motcl_output
EVENT_STEP, EVENT_TEXT, EVENT_PICTURE = 0, 2, 3  # of motcl_event_kind


class motcl_err(Structure):
    _fields_ = [("code", c_int), ("cl", c_int), ("where", c_char_p), ("text", c_char * 1024)]


class motcl_part(Structure):
    _fields_ = [("kind", c_int), ("data", c_char_p), ("size", c_size_t), ("name", c_char_p)]


class motcl_guidance(Structure):
    _fields_ = [("text_scale", c_double), ("image_scale", c_double), ("lo", c_double), ("hi", c_double),
                ("renorm", c_int), ("renorm_min", c_double)]


class motcl_settings(Structure):
    _fields_ = [("think", c_bool), ("vae_sample", c_bool), ("no_orient", c_bool), ("width", c_uint32),
                ("height", c_uint32), ("timesteps", c_uint32), ("shift", c_double), ("guidance", motcl_guidance),
                ("negative", c_char_p), ("noise", c_void_p), ("noise_count", c_size_t), ("max_tokens", c_uint32),
                ("max_think", c_uint32), ("temperature", c_double), ("preview", c_uint32), ("pass_rows", c_uint32),
                ("top_k", c_uint32), ("stops", c_uint32), ("top_p", c_double), ("min_p", c_double),
                ("repeat_penalty", c_double), ("stop", POINTER(c_char_p)), ("protocol", c_char_p),
                ("reserved", c_uint64 * 2)]


class motcl_request(Structure):
    _fields_ = [("part", POINTER(motcl_part)), ("parts", c_size_t), ("output", POINTER(c_int)),
                ("outputs", c_size_t), ("seed", c_uint64), ("settings", motcl_settings), ("priority", c_int32),
                ("item", c_void_p), ("items", c_size_t), ("reserved", c_uint64 * 4)]


class motcl_event(Structure):
    _fields_ = [("kind", c_int), ("output", c_uint32), ("phase", c_int), ("step", c_uint32), ("of", c_uint32),
                ("left", c_double), ("text", c_void_p), ("size", c_size_t), ("rgb", c_void_p), ("width", c_uint32),
                ("height", c_uint32), ("cut_off", c_bool)]


HEAR = ctypes.CFUNCTYPE(None, c_void_p, POINTER(motcl_event))


class motcl_sink(Structure):
    _fields_ = [("user", c_void_p), ("event", HEAR), ("array", c_void_p), ("layers", c_bool), ("end", c_void_p)]


class motcl_worker_options(Structure):
    _fields_ = [("model", c_char_p), ("device", c_char_p), ("memory", c_uint64), ("allow_slow", c_bool),
                ("max_buffer", c_uint64), ("chunk_rows", c_uint32), ("use", c_char_p), ("unfused", c_bool),
                ("beside", c_void_p), ("trace", c_void_p), ("trace_user", c_void_p), ("size", c_size_t)]


class motcl_picture(Structure):
    _fields_ = [("rgb", c_char_p), ("width", c_uint32), ("height", c_uint32), ("line", c_void_p),
                ("lines", c_size_t), ("quality", c_int)]


class Motcl:
    """A library and a worker in it, which has a model on a device."""

    def __init__(self):
        self.library, self.worker = c_void_p(), c_void_p()
        self.c = ctypes.CDLL("libmotcl.so.0")
        self.c.motcl_request_default.restype = motcl_request
        self.c.motcl_phase_name.restype = c_char_p

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.c.motcl_worker_close(self.worker)
        self.c.motcl_close(self.library)

    def call(self, name, *args):
        err = motcl_err()
        if getattr(self.c, name)(*args, byref(err)) != 0:
            raise RuntimeError(err.text.decode())

    def open(self, model, device=None):
        options = motcl_worker_options(model=os.fsencode(model), device=device and device.encode(),
                                       size=ctypes.sizeof(motcl_worker_options))
        self.call("motcl_open", byref(self.library), None)
        self.call("motcl_worker_open", byref(self.worker), self.library, byref(options))

    def run(self, parts, output, hear, **settings):
        """Parts are (kind, bytes). hear() gets every event, and what that points to is gone afterwards."""
        part = (motcl_part * len(parts))(*[motcl_part(kind, data, len(data)) for kind, data in parts])
        request = self.c.motcl_request_default(c_bool(any(kind == PICTURE for kind, _ in parts)))
        request.part, request.parts = part, len(part)
        request.output, request.outputs, request.seed = (c_int * 1)(output), 1, 7
        for name, value in settings.items():
            setattr(request.settings, name, value)
        sink = motcl_sink(event=HEAR(lambda _, event: hear(event.contents)))
        before = signal.signal(signal.SIGINT, lambda *_: self.c.motcl_worker_cancel(self.worker))
        try:
            self.call("motcl_worker_run", self.worker, byref(request), byref(sink), c_size_t(1))
        finally:
            signal.signal(signal.SIGINT, before)

    def draw(self, text, file):
        pictures = []

        def hear(event):
            if event.kind == EVENT_STEP:
                phase = self.c.motcl_phase_name(event.phase).decode()
                print(f"\r{phase:12} {event.step}/{event.of} ", end="", file=sys.stderr)
            elif event.kind == EVENT_PICTURE:
                rgb = ctypes.string_at(event.rgb, 3 * event.width * event.height)
                pictures.append(motcl_picture(rgb, event.width, event.height))

        self.run([(TEXT, text.encode())], PICTURE, hear, timesteps=20)
        print(file=sys.stderr)
        self.call("motcl_picture_write", os.fsencode(file), byref(pictures[0]), c_bool(True))

    def ask(self, file, question):
        with open(file, "rb") as f:
            parts = [(PICTURE, f.read()), (TEXT, question.encode())]
        answer = bytearray()

        def hear(event):
            if event.kind == EVENT_TEXT:
                answer.extend(ctypes.string_at(event.text, event.size))

        self.run(parts, TEXT, hear, max_tokens=40)
        return answer.decode()


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit("usage: motcl.py MODEL TEXT FILE.png QUESTION [DEVICE]")
    model, text, file, question, *device = sys.argv[1:]
    try:
        with Motcl() as motcl:
            motcl.open(model, *device)
            motcl.draw(text, file)
            print(motcl.ask(file, question))
    except (RuntimeError, OSError) as e:
        sys.exit(f"motcl.py: {e}")
