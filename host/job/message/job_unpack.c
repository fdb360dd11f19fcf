/* job_unpack.c - a Job message to a request. */
#include "job/message/codec.h"

#include <stdio.h>
#include <string.h>

#include "session/request.h"

const mcl_wire_kind mcl_wire_job = {&motcl__v1__job__descriptor, "job"};

static const Motcl__V1__Job *message_of(const motcl_job *job) {
  return (const Motcl__V1__Job *)job->store->message;
}

static int read_part(motcl_part *to, const Motcl__V1__Part *p, size_t place, const char *name,
                     motcl_err *err) {
  switch (p->content_case) {
  case MOTCL__V1__PART__CONTENT_TEXT:
    *to = (motcl_part){MOTCL_PART_TEXT, p->text, strlen(p->text), name};
    if (!to->size)
      return mcl_fail(err, MOTCL_EFORMAT,
                      "part %zu of the job is an empty text; say what is wanted", place);
    return MOTCL_OK;
  case MOTCL__V1__PART__CONTENT_PICTURE:
    *to = (motcl_part){MOTCL_PART_PICTURE, p->picture.data ? p->picture.data : (const uint8_t *)"",
                       p->picture.len, name};
    return MOTCL_OK;
  case MOTCL__V1__PART__CONTENT_ANSWER:
    *to = (motcl_part){MOTCL_PART_ANSWER, p->answer.data ? p->answer.data : (const uint8_t *)"",
                       p->answer.len, name};
    return MOTCL_OK;
  default:
    return mcl_fail(err, MOTCL_EFORMAT, "part %zu of the job is neither a text nor a picture",
                    place);
  }
}

static int read_parts(motcl_job *job, motcl_err *err) {
  enum { ROOM = 48 };
  const Motcl__V1__Job *m = message_of(job);
  size_t n = m->n_part;
  motcl_part *part = mcl_store_take(job->store, n, sizeof *part);
  char *name = mcl_store_take(job->store, n, ROOM);
  int rc = part && name ? MOTCL_OK : mcl_fail_nomem(err, n * sizeof *part);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    snprintf(name + i * ROOM, ROOM, "part %zu of the job", i + 1);
    rc = read_part(&part[i], m->part[i], i + 1, name + i * ROOM, err);
  }
  job->request.part = part;
  job->request.parts = n;
  return rc;
}

static int read_labels(motcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = message_of(job);
  size_t n = m->n_label;
  motcl_label *label = mcl_store_take(job->store, n, sizeof *label);
  if (!label)
    return mcl_fail_nomem(err, n * sizeof *label);
  for (size_t i = 0; i < n; i++)
    label[i] = (motcl_label){m->label[i]->key ? m->label[i]->key : "",
                             m->label[i]->value ? m->label[i]->value : ""};
  job->label = label;
  job->labels = n;
  return MOTCL_OK;
}

static int read_outputs(motcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = message_of(job);
  size_t n = m->n_output;
  motcl_output *output = mcl_store_take(job->store, n, sizeof *output);
  if (!output)
    return mcl_fail_nomem(err, n * sizeof *output);
  if (!n)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the job does not say what is wanted; give it an output, OUTPUT_PICTURE or "
                    "OUTPUT_TEXT");
  for (size_t i = 0; i < n; i++) {
    if (m->output[i] != MOTCL__V1__OUTPUT__OUTPUT_TEXT &&
        m->output[i] != MOTCL__V1__OUTPUT__OUTPUT_PICTURE)
      return mcl_fail(err, MOTCL_EFORMAT, "the job wants output %d, which this version lacks",
                      (int)m->output[i]);
    output[i] = m->output[i] == MOTCL__V1__OUTPUT__OUTPUT_PICTURE ? MOTCL_OUTPUT_PICTURE
                                                                  : MOTCL_OUTPUT_TEXT;
  }
  job->request.output = output;
  job->request.outputs = n;
  return MOTCL_OK;
}

static bool has_picture(const motcl_request *r) {
  for (size_t i = 0; i < r->parts; i++)
    if (r->part[i].kind == MOTCL_PART_PICTURE)
      return true;
  return false;
}

static int read_renorm(motcl_renorm *out, int value, motcl_err *err) {
  switch (value) {
  case MOTCL__V1__RENORM__RENORM_NONE:
    *out = MOTCL_RENORM_NONE;
    return MOTCL_OK;
  case MOTCL__V1__RENORM__RENORM_GLOBAL:
    *out = MOTCL_RENORM_GLOBAL;
    return MOTCL_OK;
  case MOTCL__V1__RENORM__RENORM_CHANNEL:
    *out = MOTCL_RENORM_CHANNEL;
    return MOTCL_OK;
  case MOTCL__V1__RENORM__RENORM_TEXT_CHANNEL:
    *out = MOTCL_RENORM_TEXT_CHANNEL;
    return MOTCL_OK;
  default:
    return mcl_fail(err, MOTCL_EFORMAT, "the job's cfg_renorm is %d, which this version lacks",
                    value);
  }
}

/* What is not there stays the request's default. */
#define TAKE(to, field)                                                                            \
  do {                                                                                             \
    if (s->has_##field)                                                                            \
      (to) = s->field;                                                                             \
  } while (0)

static int read_guidance(motcl_guidance *g, const Motcl__V1__Settings *s, motcl_err *err) {
  TAKE(g->text_scale, cfg_text);
  TAKE(g->image_scale, cfg_image);
  TAKE(g->lo, cfg_from);
  TAKE(g->hi, cfg_to);
  TAKE(g->renorm_min, cfg_renorm_min);
  return s->has_cfg_renorm ? read_renorm(&g->renorm, (int)s->cfg_renorm, err) : MOTCL_OK;
}

static int read_settings(motcl_request *r, const Motcl__V1__Settings *s, motcl_err *err) {
  TAKE(r->settings.think, think);
  TAKE(r->settings.width, width);
  TAKE(r->settings.height, height);
  TAKE(r->settings.points, timesteps);
  TAKE(r->settings.shift, shift);
  TAKE(r->settings.vae_sample, vae_sample);
  TAKE(r->settings.no_orient, no_auto_orient);
  TAKE(r->settings.max_tokens, max_tokens);
  TAKE(r->settings.max_think, max_think_tokens);
  TAKE(r->settings.temperature, temperature);
  TAKE(r->settings.preview, preview);
  r->settings.negative = s->negative;
  r->settings.noise = s->n_noise ? s->noise : NULL;
  r->settings.noise_count = s->n_noise;
  return read_guidance(&r->settings.guidance, s, err);
}

#undef TAKE

static int read_job(motcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = message_of(job);
  motcl_request *r = &job->request;
  int rc = read_outputs(job, err);
  if (rc == MOTCL_OK)
    rc = read_parts(job, err);
  if (rc == MOTCL_OK)
    rc = read_labels(job, err);
  if (rc != MOTCL_OK)
    return rc;
  r->settings = motcl_request_default(mcl_request_draws(r) && has_picture(r)).settings;
  r->seed = m->seed;
  job->unseeded = !m->has_seed;
  job->id = m->id;
  job->model = m->model;
  job->priority = m->priority;
  job->deadline = m->deadline_ms;
  return m->settings ? read_settings(r, m->settings, err) : MOTCL_OK;
}

int motcl_job_unpack(motcl_job *out, const uint8_t *bytes, size_t n, motcl_err *err) {
  motcl_job job = {0};
  int rc = mcl_wire_read(&mcl_wire_job, &job.store, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = read_job(&job, err);
  if (rc == MOTCL_OK)
    *out = job;
  else
    mcl_store_free(job.store);
  return rc;
}

void motcl_job_finish(motcl_job *job) {
  mcl_store_free(job->store);
  memset(job, 0, sizeof *job);
}
