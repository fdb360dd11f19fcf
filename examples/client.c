/* client.c - a client of motcld: submits a job, watches it, fetches what came of it. By protobuf-c and a socket
 * alone, without libmotcl.
 *
 *     client SOCKET PICTURE PROMPT
 *
 * The messages are made by protoc-c from proto/motcl/v1: each request and response is a frame, its length as a
 * varint and then the message. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "motcl/v1/daemon.pb-c.h"
#include "motcl/v1/event.pb-c.h"
#include "motcl/v1/job.pb-c.h"

enum { MOST = 1 << 28 }; /* bytes of a response that we take */

static void fail(const char *why) {
  fprintf(stderr, "client: %s\n", why);
  exit(1);
}

static void *take(size_t n) {
  void *p = malloc(n ? n : 1);
  if (!p)
    fail("memory is out");
  return p;
}

static int dial(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (strlen(path) >= sizeof name.sun_path)
    fail("the socket's name is too long");
  memcpy(name.sun_path, path, strlen(path));
  if (fd < 0 || connect(fd, (const struct sockaddr *)&name, sizeof name) != 0)
    fail("no daemon listens there");
  return fd;
}

static void send_all(int fd, const uint8_t *bytes, size_t n) {
  while (n) {
    ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
    if (sent <= 0)
      fail("the daemon has ended the connection");
    bytes += sent;
    n -= (size_t)sent;
  }
}

static void send_request(int fd, const Motcl__V1__Request *request) {
  size_t n = motcl__v1__request__get_packed_size(request), left = n, head = 0;
  uint8_t *frame = take(10 + n);
  for (; left > 127; left >>= 7)
    frame[head++] = (uint8_t)(left | 128);
  frame[head++] = (uint8_t)left;
  motcl__v1__request__pack(request, frame + head);
  send_all(fd, frame, head + n);
  free(frame);
}

static void receive(int fd, uint8_t *bytes, size_t n) {
  while (n) {
    ssize_t got = recv(fd, bytes, n, 0);
    if (got <= 0)
      fail("the daemon has ended the connection");
    bytes += got;
    n -= (size_t)got;
  }
}

/* One request is on its way at a time, so that the response is to it. Freed with its free_unpacked. */
static Motcl__V1__Response *hear(int fd) {
  uint64_t n = 0;
  uint8_t byte = 128;
  for (int shift = 0; byte > 127; shift += 7) {
    receive(fd, &byte, 1);
    n |= (uint64_t)(byte & 127) << shift;
    if (n > MOST || shift > 28)
      fail("the daemon says too much");
  }
  uint8_t *bytes = take(n);
  receive(fd, bytes, n);
  Motcl__V1__Response *response = motcl__v1__response__unpack(NULL, n, bytes);
  free(bytes);
  if (!response)
    fail("the daemon says what makes no sense");
  if (response->what_case == MOTCL__V1__RESPONSE__WHAT_REFUSED)
    fail(response->refused->sentence ? response->refused->sentence : "refused");
  return response;
}

/* A job: one text in, one picture out, a seed; all else as by default. Returns the id that it was given. */
static char *submit(int fd, char *prompt) {
  Motcl__V1__Part part = MOTCL__V1__PART__INIT, *parts[] = {&part};
  Motcl__V1__Output outputs[] = {MOTCL__V1__OUTPUT__OUTPUT_PICTURE};
  Motcl__V1__Job job = MOTCL__V1__JOB__INIT;
  Motcl__V1__Submit what = MOTCL__V1__SUBMIT__INIT;
  Motcl__V1__Request request = MOTCL__V1__REQUEST__INIT;
  part.content_case = MOTCL__V1__PART__CONTENT_TEXT;
  part.text = prompt;
  job.part = parts;
  job.n_part = 1;
  job.output = outputs;
  job.n_output = 1;
  job.has_seed = 1;
  job.seed = 7;
  what.has_job = 1;
  what.job.len = motcl__v1__job__get_packed_size(&job);
  what.job.data = take(what.job.len);
  motcl__v1__job__pack(&job, what.job.data);
  request.what_case = MOTCL__V1__REQUEST__WHAT_SUBMIT;
  request.submit = &what;
  send_request(fd, &request);
  free(what.job.data);
  Motcl__V1__Response *response = hear(fd);
  if (response->what_case != MOTCL__V1__RESPONSE__WHAT_JOB || !response->job->id)
    fail("the daemon gives the job no id");
  size_t n = strlen(response->job->id) + 1;
  char *id = take(n);
  memcpy(id, response->job->id, n);
  motcl__v1__response__free_unpacked(response, NULL);
  return id;
}

static void ask_about(int fd, Motcl__V1__Request__WhatCase what, char *id) {
  Motcl__V1__WhichJob which = MOTCL__V1__WHICH_JOB__INIT;
  Motcl__V1__Request request = MOTCL__V1__REQUEST__INIT;
  which.id = id;
  request.what_case = what;
  request.watch = &which; /* as all that take a job */
  send_request(fd, &request);
}

static void watch(int fd, char *id) {
  int last = 0;
  ask_about(fd, MOTCL__V1__REQUEST__WHAT_WATCH, id);
  while (!last) {
    Motcl__V1__Response *response = hear(fd);
    last = response->last;
    if (response->what_case == MOTCL__V1__RESPONSE__WHAT_EVENT) {
      Motcl__V1__Event *event =
          motcl__v1__event__unpack(NULL, response->event.len, response->event.data);
      if (event && event->what_case == MOTCL__V1__EVENT__WHAT_STEP)
        printf("step %u of %u\n", event->step->done, event->step->of);
      motcl__v1__event__free_unpacked(event, NULL);
    }
    motcl__v1__response__free_unpacked(response, NULL);
  }
}

static void fetch(int fd, char *id, const char *name) {
  ask_about(fd, MOTCL__V1__REQUEST__WHAT_FETCH, id);
  Motcl__V1__Response *response = hear(fd);
  if (response->what_case != MOTCL__V1__RESPONSE__WHAT_RESULT)
    fail("the daemon gives no result");
  Motcl__V1__Result *result =
      motcl__v1__result__unpack(NULL, response->result.len, response->result.data);
  if (!result)
    fail("the result makes no sense");
  if (result->failure)
    fail(result->failure->sentence ? result->failure->sentence : "the job failed");
  if (result->n_answer != 1 || !result->answer[0]->picture)
    fail("the result holds no picture");
  const ProtobufCBinaryData *file = &result->answer[0]->picture->file;
  FILE *f = fopen(name, "wb");
  if (!f || fwrite(file->data, 1, file->len, f) != file->len || fclose(f) != 0)
    fail("the picture cannot be written");
  motcl__v1__result__free_unpacked(result, NULL);
  motcl__v1__response__free_unpacked(response, NULL);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: client SOCKET PICTURE PROMPT\n");
    return 2;
  }
  int fd = dial(argv[1]);
  char *id = submit(fd, argv[3]);
  printf("submitted as %s\n", id);
  watch(fd, id);
  fetch(fd, id, argv[2]);
  free(id);
  close(fd);
  return 0;
}
