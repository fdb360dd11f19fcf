/* saved_job.c - a saved job, to and from a SavedJob message. */
#include "job/message/saved_job.h"

#include <string.h>

#include "base/utf8.h"
#include "io/picture.h"
#include "job/message/codec.h"
#include "motcl/v1/checkpoint.pb-c.h"

static const mcl_wire_kind wire_saved_job = {&motcl__v1__saved_job__descriptor, "saved job"};

enum { FORMAT = 1, TOLD_AT_LEAST = 2 };

/* A job that counts to the end of numbers cannot go on. */
static const uint64_t most_events = UINT64_MAX / 2;

/* ---- writing ---- */

static void put_output(Motcl__V1__SavedOutput *m, Motcl__V1__Picture *p,
                       const mcl_saved_output *o) {
  motcl__v1__saved_output__init(m);
  m->has_words = o->words_bytes > 0;
  m->words = mcl_wire_bytes(o->words, o->words_bytes);
  if (!o->file)
    return;
  motcl__v1__picture__init(p);
  m->picture = p;
  p->has_file = p->has_width = p->has_height = true;
  p->file = mcl_wire_bytes(o->file, o->bytes);
  p->width = o->width;
  p->height = o->height;
}

static int put_outputs(Motcl__V1__SavedJob *m, const mcl_saved_job *j, motcl_store *memory,
                       motcl_err *err) {
  Motcl__V1__Picture *picture = mcl_store_take(memory, j->outputs, sizeof *picture);
  void *all, *list;
  int rc = mcl_store_list(memory, j->outputs, sizeof(Motcl__V1__SavedOutput), &all, &list, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!picture)
    return mcl_fail_nomem(err, j->outputs * sizeof *picture);
  m->output = list;
  m->n_output = j->outputs;
  for (size_t i = 0; i < j->outputs; i++) {
    m->output[i] = (Motcl__V1__SavedOutput *)all + i;
    put_output(m->output[i], &picture[i], &j->output[i]);
  }
  return MOTCL_OK;
}

int mcl_saved_job_pack(const mcl_saved_job *j, uint8_t **bytes, size_t *n, motcl_err *err) {
  Motcl__V1__SavedJob m;
  motcl_store memory = {0};
  motcl__v1__saved_job__init(&m);
  m.has_format = m.has_task = m.has_events = m.has_seconds = true;
  m.format = FORMAT;
  m.id = mcl_wire_string(j->id);
  m.task = mcl_wire_bytes(j->task, j->task_bytes);
  m.events = j->events;
  m.seconds = j->seconds;
  int rc = put_outputs(&m, j, &memory, err);
  if (rc == MOTCL_OK)
    rc = mcl_wire_write(&wire_saved_job, &m.base, bytes, n, err);
  mcl_store_empty(&memory);
  return rc;
}

/* ---- reading ---- */

static int malformed(motcl_err *err, const char *what) {
  return mcl_fail(err, MOTCL_EFORMAT, "the saved job %s; submit the job again", what);
}

/* A file whose sides can be told is a picture's. */
static int take_picture(mcl_saved_output *o, const Motcl__V1__Picture *m, motcl_err *err) {
  uint32_t width, height;
  if (!m->file.len)
    return malformed(err, "has a picture without a file");
  int rc = mcl_picture_sides(&width, &height, m->file.data, m->file.len, NULL, false, err);
  if (rc == MOTCL_ENOMEM)
    return rc;
  if (rc != MOTCL_OK || width != m->width || height != m->height)
    return malformed(err, "has a picture that is none, or has other sides than it says");
  o->file = m->file.data;
  o->bytes = m->file.len;
  o->width = width;
  o->height = height;
  return MOTCL_OK;
}

static int take_output(mcl_saved_output *o, const Motcl__V1__SavedOutput *m, motcl_err *err) {
  size_t bad;
  if (m->words.len && !mcl_utf8_valid((const char *)m->words.data, m->words.len, &bad))
    return malformed(err, "has words that are no UTF-8");
  o->words = m->words.data;
  o->words_bytes = m->words.len;
  return m->picture ? take_picture(o, m->picture, err) : MOTCL_OK;
}

static int take_outputs(mcl_saved_job *j, const Motcl__V1__SavedJob *m, motcl_err *err) {
  size_t n = m->n_output;
  mcl_saved_output *o = mcl_store_take(j->store, n, sizeof *o);
  int rc = o ? MOTCL_OK : mcl_fail_nomem(err, n * sizeof *o);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    rc = take_output(&o[i], m->output[i], err);
  j->output = o;
  j->outputs = n;
  return rc;
}

static int take(mcl_saved_job *j, const Motcl__V1__SavedJob *m, motcl_err *err) {
  if (m->format != FORMAT)
    return malformed(err, "is of another version of motcl");
  if (!m->task.len)
    return malformed(err, "lacks its task");
  if (m->events < TOLD_AT_LEAST || m->events > most_events)
    return malformed(err, "does not say how many events were told");
  if (m->seconds < 0)
    return malformed(err, "took less than no time");
  if (!m->n_output)
    return malformed(err, "does not say which output is at work");
  j->id = m->id;
  j->task = m->task.data;
  j->task_bytes = m->task.len;
  j->events = m->events;
  j->seconds = m->seconds;
  return take_outputs(j, m, err);
}

int mcl_saved_job_unpack(mcl_saved_job *out, const uint8_t *bytes, size_t n, motcl_err *err) {
  mcl_saved_job j = {0};
  int rc = mcl_wire_read(&wire_saved_job, &j.store, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = take(&j, (const Motcl__V1__SavedJob *)(const void *)j.store->message, err);
  if (rc == MOTCL_OK)
    *out = j;
  else
    mcl_store_free(j.store);
  return rc;
}

void mcl_saved_job_finish(mcl_saved_job *j) {
  mcl_store_free(j->store);
  memset(j, 0, sizeof *j);
}
