/* event.c - what happens to a job, to and from an Event message. */
#include "job/message/codec.h"

#include <string.h>

const mcl_wire_kind mcl_wire_event = {&motcl__v1__event__descriptor, "event"};

/* A message being put together; `what` has room for the one that goes with its kind. */
typedef struct draft {
  Motcl__V1__Event event;
  union {
    Motcl__V1__Accepted accepted;
    Motcl__V1__Started started;
    Motcl__V1__Step step;
    Motcl__V1__TextDelta text_delta;
    Motcl__V1__Image image;
    Motcl__V1__Done done;
    Motcl__V1__Failure failed;
    Motcl__V1__Cancelled cancelled;
  } what;
  Motcl__V1__Picture picture;
} draft;

static Motcl__V1__Event__WhatCase case_of(motcl_job_event_kind kind) {
  switch (kind) {
  case MOTCL_JOB_ACCEPTED:
    return MOTCL__V1__EVENT__WHAT_ACCEPTED;
  case MOTCL_JOB_STARTED:
    return MOTCL__V1__EVENT__WHAT_STARTED;
  case MOTCL_JOB_STEP:
    return MOTCL__V1__EVENT__WHAT_STEP;
  case MOTCL_JOB_THOUGHT:
  case MOTCL_JOB_TEXT:
    return MOTCL__V1__EVENT__WHAT_TEXT_DELTA;
  case MOTCL_JOB_PICTURE:
  case MOTCL_JOB_PREVIEW:
    return MOTCL__V1__EVENT__WHAT_IMAGE;
  case MOTCL_JOB_DONE:
    return MOTCL__V1__EVENT__WHAT_DONE;
  case MOTCL_JOB_FAILED:
    return MOTCL__V1__EVENT__WHAT_FAILED;
  case MOTCL_JOB_CANCELLED:
    return MOTCL__V1__EVENT__WHAT_CANCELLED;
  default:
    return MOTCL__V1__EVENT__WHAT__NOT_SET;
  }
}

/* The messages' phases are ours plus one. */
static void put_step(Motcl__V1__Step *m, const motcl_job_event *e) {
  motcl__v1__step__init(m);
  m->has_phase = (unsigned)e->phase < MOTCL_PHASE_COUNT;
  m->phase = (Motcl__V1__Phase)(m->has_phase ? e->phase + 1 : MOTCL__V1__PHASE__PHASE_PREFILL);
  m->has_done = m->has_of = true;
  m->done = e->step;
  m->of = e->of;
  m->has_left = !(e->left < 0);
  m->left = m->has_left ? e->left : 0;
}

static void put_text_delta(Motcl__V1__TextDelta *m, const motcl_job_event *e) {
  motcl__v1__text_delta__init(m);
  m->text = mcl_wire_string(e->text);
  m->has_thought = m->thought = e->kind == MOTCL_JOB_THOUGHT;
  m->has_output = true;
  m->output = e->output;
}

static void put_image(Motcl__V1__Image *m, Motcl__V1__Picture *p, const motcl_job_event *e) {
  motcl__v1__image__init(m);
  motcl__v1__picture__init(p);
  m->picture = p;
  p->has_file = p->has_width = p->has_height = true;
  p->file = mcl_wire_bytes(e->file, e->bytes);
  p->width = e->width;
  p->height = e->height;
  m->has_preview = m->preview = e->kind == MOTCL_JOB_PREVIEW;
  m->has_output = true;
  m->output = e->output;
}

/* All members of the union begin alike, and so do the members of the oneof. */
static void put_what(draft *d, const motcl_job_event *e) {
  d->event.what_case = case_of(e->kind);
  d->event.accepted = &d->what.accepted;
  switch (d->event.what_case) {
  case MOTCL__V1__EVENT__WHAT_ACCEPTED:
    motcl__v1__accepted__init(&d->what.accepted);
    break;
  case MOTCL__V1__EVENT__WHAT_STARTED:
    motcl__v1__started__init(&d->what.started);
    d->what.started.device = mcl_wire_string(e->device);
    d->what.started.driver = mcl_wire_string(e->driver);
    break;
  case MOTCL__V1__EVENT__WHAT_STEP:
    put_step(&d->what.step, e);
    break;
  case MOTCL__V1__EVENT__WHAT_TEXT_DELTA:
    put_text_delta(&d->what.text_delta, e);
    break;
  case MOTCL__V1__EVENT__WHAT_IMAGE:
    put_image(&d->what.image, &d->picture, e);
    break;
  case MOTCL__V1__EVENT__WHAT_DONE:
    motcl__v1__done__init(&d->what.done);
    d->what.done.has_seconds = true;
    d->what.done.seconds = e->seconds;
    break;
  case MOTCL__V1__EVENT__WHAT_FAILED:
    mcl_failure_put(&d->what.failed, e->code, e->text);
    break;
  case MOTCL__V1__EVENT__WHAT_CANCELLED:
    motcl__v1__cancelled__init(&d->what.cancelled);
    break;
  default:
    break;
  }
}

/* Fields of a later version, of the event and of what happened. */
static void keep(draft *d, const Motcl__V1__Event *was) {
  mcl_wire_keep(&d->event.base, &was->base);
  if (d->event.what_case == MOTCL__V1__EVENT__WHAT__NOT_SET || d->event.what_case != was->what_case)
    return;
  mcl_wire_keep(&d->event.accepted->base, &was->accepted->base);
  if (was->what_case == MOTCL__V1__EVENT__WHAT_IMAGE && was->image->picture)
    mcl_wire_keep(&d->picture.base, &was->image->picture->base);
}

int motcl_job_event_pack(const motcl_job_event *e, uint8_t **bytes, size_t *n, motcl_err *err) {
  draft d;
  motcl__v1__event__init(&d.event);
  d.event.job = mcl_wire_string(e->job);
  d.event.has_number = e->number != 0;
  d.event.number = e->number;
  d.event.has_time_ms = e->time != 0;
  d.event.time_ms = e->time;
  put_what(&d, e);
  if (e->store)
    keep(&d, (const Motcl__V1__Event *)e->store->message);
  return mcl_wire_write(&mcl_wire_event, &d.event.base, bytes, n, err);
}

static void read_step(motcl_job_event *e, const Motcl__V1__Step *m) {
  unsigned phase = m->has_phase ? (unsigned)m->phase - 1 : MOTCL_PHASE_COUNT;
  e->kind = MOTCL_JOB_STEP;
  e->phase = phase < MOTCL_PHASE_COUNT ? (motcl_phase)phase : MOTCL_PHASE_COUNT;
  e->step = m->done;
  e->of = m->of;
  e->left = m->has_left ? m->left : -1;
}

static void read_image(motcl_job_event *e, const Motcl__V1__Image *m) {
  e->kind = m->preview ? MOTCL_JOB_PREVIEW : MOTCL_JOB_PICTURE;
  e->output = m->output;
  e->file = "";
  if (!m->picture)
    return;
  e->bytes = m->picture->file.len;
  if (e->bytes)
    e->file = m->picture->file.data;
  e->width = m->picture->width;
  e->height = m->picture->height;
}

static void read_text_delta(motcl_job_event *e, const Motcl__V1__TextDelta *m) {
  e->kind = m->thought ? MOTCL_JOB_THOUGHT : MOTCL_JOB_TEXT;
  e->output = m->output;
  e->text = m->text ? m->text : "";
}

static void read_what(motcl_job_event *e, const Motcl__V1__Event *m) {
  switch (m->what_case) {
  case MOTCL__V1__EVENT__WHAT_ACCEPTED:
    e->kind = MOTCL_JOB_ACCEPTED;
    break;
  case MOTCL__V1__EVENT__WHAT_STARTED:
    e->kind = MOTCL_JOB_STARTED;
    e->device = m->started->device;
    e->driver = m->started->driver;
    break;
  case MOTCL__V1__EVENT__WHAT_STEP:
    read_step(e, m->step);
    break;
  case MOTCL__V1__EVENT__WHAT_TEXT_DELTA:
    read_text_delta(e, m->text_delta);
    break;
  case MOTCL__V1__EVENT__WHAT_IMAGE:
    read_image(e, m->image);
    break;
  case MOTCL__V1__EVENT__WHAT_DONE:
    e->kind = MOTCL_JOB_DONE;
    e->seconds = m->done->seconds;
    break;
  case MOTCL__V1__EVENT__WHAT_FAILED:
    e->kind = MOTCL_JOB_FAILED;
    e->code = mcl_failure_status(m->failed);
    e->text = m->failed->sentence ? m->failed->sentence : motcl_status_text(e->code);
    break;
  case MOTCL__V1__EVENT__WHAT_CANCELLED:
    e->kind = MOTCL_JOB_CANCELLED;
    break;
  default:
    break;
  }
}

int motcl_job_event_unpack(motcl_job_event *out, const uint8_t *bytes, size_t n, motcl_err *err) {
  motcl_job_event e = {.kind = MOTCL_JOB_OTHER};
  int rc = mcl_wire_read(&mcl_wire_event, &e.store, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  const Motcl__V1__Event *m = (const Motcl__V1__Event *)e.store->message;
  e.job = m->job;
  e.number = m->number;
  e.time = m->time_ms;
  read_what(&e, m);
  *out = e;
  return MOTCL_OK;
}

void motcl_job_event_finish(motcl_job_event *event) {
  mcl_store_free(event->store);
  memset(event, 0, sizeof *event);
}
