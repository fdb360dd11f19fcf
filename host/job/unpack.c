/* unpack.c - a Job message to a request. */
#include "job/wire.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Memory has run out, or protobuf-c refuses what mcl_wire_check takes, which it should not. */
static int parse(Motcl__V1__Job **m, const uint8_t *bytes, size_t n, motcl_err *err) {
  bool failed;
  ProtobufCAllocator from = mcl_wire_allocator(&failed);
  *m = motcl__v1__job__unpack(&from, n, bytes);
  if (*m)
    return MOTCL_OK;
  if (failed)
    return mcl_fail_nomem(err, n);
  return mcl_fail(err, MOTCL_EFORMAT,
                  "the job is no motcl.v1.Job message, or a broken one; write it again");
}

static void store_free(mcl_job_store *s) {
  bool failed;
  ProtobufCAllocator from = mcl_wire_allocator(&failed);
  if (!s)
    return;
  if (s->message)
    motcl__v1__job__free_unpacked(s->message, &from);
  mcl_free(s->part);
  mcl_free(s->label);
  mcl_free(s->name);
  mcl_free(s);
}

static int read_parts(mcl_job *job, motcl_err *err) {
  mcl_job_store *s = job->store;
  size_t n = s->message->n_part;
  s->part = mcl_zalloc(n, sizeof *s->part);
  s->name = mcl_zalloc(n, sizeof *s->name);
  if (!s->part || !s->name)
    return mcl_fail_nomem(err, n * sizeof *s->part);
  for (size_t i = 0; i < n; i++) {
    const Motcl__V1__Part *p = s->message->part[i];
    snprintf(s->name[i], sizeof s->name[i], "part %zu of the job", i + 1);
    if (p->content_case == MOTCL__V1__PART__CONTENT_TEXT)
      s->part[i] = (motcl_part){MOTCL_PART_TEXT, p->text, strlen(p->text), s->name[i]};
    else
      s->part[i] =
          (motcl_part){MOTCL_PART_PICTURE, p->picture.data ? p->picture.data : (const uint8_t *)"",
                       p->picture.len, s->name[i]};
  }
  job->request.part = s->part;
  job->request.parts = n;
  return MOTCL_OK;
}

static int read_labels(mcl_job *job, motcl_err *err) {
  mcl_job_store *s = job->store;
  size_t n = s->message->n_label;
  s->label = mcl_zalloc(n, sizeof *s->label);
  if (!s->label)
    return mcl_fail_nomem(err, n * sizeof *s->label);
  for (size_t i = 0; i < n; i++) {
    const Motcl__V1__Label *l = s->message->label[i];
    s->label[i] = (mcl_label){l->key ? l->key : "", l->value ? l->value : ""};
  }
  job->label = s->label;
  job->labels = n;
  return MOTCL_OK;
}

static int read_outputs(mcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = job->store->message;
  if (!m->n_output)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the job does not say what is wanted; give it an output, OUTPUT_PICTURE or "
                    "OUTPUT_TEXT");
  for (size_t i = 0; i < m->n_output; i++)
    if (m->output[i] != MOTCL__V1__OUTPUT__OUTPUT_TEXT &&
        m->output[i] != MOTCL__V1__OUTPUT__OUTPUT_PICTURE)
      return mcl_fail(err, MOTCL_EFORMAT, "the job wants output %d, which this version lacks",
                      (int)m->output[i]);
  if (m->n_output > 1)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the job wants %zu outputs and this version makes one; ask for one a job",
                    m->n_output);
  job->store->output =
      m->output[0] == MOTCL__V1__OUTPUT__OUTPUT_PICTURE ? MOTCL_OUTPUT_PICTURE : MOTCL_OUTPUT_TEXT;
  job->request.output = &job->store->output;
  job->request.outputs = 1;
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
  r->settings.negative = s->negative;
  r->settings.noise = s->n_noise ? s->noise : NULL;
  r->settings.noise_count = s->n_noise;
  return read_guidance(&r->settings.guidance, s, err);
}

#undef TAKE

static int read_job(mcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = job->store->message;
  motcl_request *r = &job->request;
  int rc = mcl_wire_limits(m, MOTCL_EFORMAT, err);
  if (rc == MOTCL_OK)
    rc = read_outputs(job, err);
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

int mcl_job_unpack(mcl_job *out, const uint8_t *bytes, size_t n, motcl_err *err) {
  mcl_job job = {0};
  if (n > MCL_JOB_MAX_BYTES)
    return mcl_fail(err, MOTCL_EFORMAT, "the job is %zu bytes long; %zu is the most", n,
                    MCL_JOB_MAX_BYTES);
  int rc = mcl_wire_check(&motcl__v1__job__descriptor, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  job.store = mcl_zalloc(1, sizeof *job.store);
  if (!job.store)
    return mcl_fail_nomem(err, sizeof *job.store);
  rc = parse(&job.store->message, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = read_job(&job, err);
  if (rc != MOTCL_OK) {
    store_free(job.store);
    return rc;
  }
  *out = job;
  return MOTCL_OK;
}

void mcl_job_finish(mcl_job *job) {
  store_free(job->store);
  memset(job, 0, sizeof *job);
}
