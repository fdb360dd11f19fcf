/* job_pack.c - a request to a Job message. */
#include "job/message/codec.h"

#include <string.h>

#include "base/mem.h"

/* A message being put together, and the memory that its repeated fields and texts take. */
typedef struct draft {
  Motcl__V1__Job job;
  Motcl__V1__Settings settings;
  motcl_store memory;
  const Motcl__V1__Job *was;
  motcl_err *err;
} draft;

/* Texts of parts have a length of their own and need not end with a NUL. */
static int put_text(draft *d, Motcl__V1__Part *p, const motcl_part *part) {
  if (part->size > MCL_JOB_MAX_TEXT)
    return mcl_fail(d->err, MOTCL_EINVAL, "the job's text is %zu bytes long; %zu is the most",
                    part->size, MCL_JOB_MAX_TEXT);
  if (!part->size)
    return mcl_fail(d->err, MOTCL_EINVAL, "a part of the job is an empty text; say what is wanted");
  if (memchr(part->data, 0, part->size))
    return mcl_fail(d->err, MOTCL_EINVAL, "the text holds a NUL, which no job can; take it out");
  p->content_case = MOTCL__V1__PART__CONTENT_TEXT;
  p->text = mcl_store_take(&d->memory, part->size + 1, 1);
  if (!p->text)
    return mcl_fail_nomem(d->err, part->size);
  memcpy(p->text, part->data, part->size);
  return MOTCL_OK;
}

static int put_parts(draft *d, const motcl_request *r) {
  size_t n = r->parts;
  void *all, *list;
  int rc = mcl_store_list(&d->memory, n, sizeof(Motcl__V1__Part), &all, &list, d->err);
  if (rc != MOTCL_OK)
    return rc;
  d->job.part = list;
  d->job.n_part = n;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    Motcl__V1__Part *p = (Motcl__V1__Part *)all + i;
    motcl__v1__part__init(p);
    d->job.part[i] = p;
    if (d->was && d->was->n_part == n)
      mcl_wire_keep(&p->base, &d->was->part[i]->base);
    if (r->part[i].kind == MOTCL_PART_TEXT) {
      rc = put_text(d, p, &r->part[i]);
    } else if (r->part[i].kind == MOTCL_PART_ANSWER) {
      p->content_case = MOTCL__V1__PART__CONTENT_ANSWER;
      p->answer = mcl_wire_bytes(r->part[i].data, r->part[i].size);
    } else {
      p->content_case = MOTCL__V1__PART__CONTENT_PICTURE;
      p->picture = mcl_wire_bytes(r->part[i].data, r->part[i].size);
    }
  }
  return rc;
}

static int put_outputs(draft *d, const motcl_request *r) {
  size_t n = r->outputs;
  d->job.n_output = n;
  d->job.output = mcl_store_take(&d->memory, n, sizeof *d->job.output);
  if (!d->job.output)
    return mcl_fail_nomem(d->err, n * sizeof *d->job.output);
  for (size_t i = 0; i < n; i++)
    d->job.output[i] = r->output[i] == MOTCL_OUTPUT_PICTURE ? MOTCL__V1__OUTPUT__OUTPUT_PICTURE
                                                            : MOTCL__V1__OUTPUT__OUTPUT_TEXT;
  return MOTCL_OK;
}

static int put_labels(draft *d, const motcl_job *job) {
  size_t n = job->labels;
  void *all, *list;
  int rc = mcl_store_list(&d->memory, n, sizeof(Motcl__V1__Label), &all, &list, d->err);
  if (rc != MOTCL_OK)
    return rc;
  d->job.label = list;
  d->job.n_label = n;
  for (size_t i = 0; i < n; i++) {
    Motcl__V1__Label *l = (Motcl__V1__Label *)all + i;
    motcl__v1__label__init(l);
    d->job.label[i] = l;
    if (d->was && d->was->n_label == n)
      mcl_wire_keep(&l->base, &d->was->label[i]->base);
    l->key = mcl_wire_string(job->label[i].key);
    l->value = mcl_wire_string(job->label[i].value);
  }
  return MOTCL_OK;
}

static int put_renorm(Motcl__V1__Settings *s, motcl_renorm renorm, motcl_err *err) {
  static const Motcl__V1__Renorm to[MOTCL_RENORM_COUNT] = {
      [MOTCL_RENORM_NONE] = MOTCL__V1__RENORM__RENORM_NONE,
      [MOTCL_RENORM_GLOBAL] = MOTCL__V1__RENORM__RENORM_GLOBAL,
      [MOTCL_RENORM_CHANNEL] = MOTCL__V1__RENORM__RENORM_CHANNEL,
      [MOTCL_RENORM_TEXT_CHANNEL] = MOTCL__V1__RENORM__RENORM_TEXT_CHANNEL};
  if ((unsigned)renorm >= MOTCL_RENORM_COUNT)
    return mcl_fail(err, MOTCL_EINVAL, "there is no renormalisation number %u", (unsigned)renorm);
  s->has_cfg_renorm = true;
  s->cfg_renorm = to[renorm];
  return MOTCL_OK;
}

#define PUT(field, from) (s->has_##field = true, s->field = (from))

static int put_settings(draft *d, const motcl_request *r) {
  Motcl__V1__Settings *s = &d->settings;
  motcl__v1__settings__init(s);
  if (d->was && d->was->settings)
    mcl_wire_keep(&s->base, &d->was->settings->base);
  d->job.settings = s;
  PUT(think, r->settings.think);
  PUT(width, r->settings.width);
  PUT(height, r->settings.height);
  PUT(timesteps, r->settings.points);
  PUT(shift, r->settings.shift);
  PUT(cfg_text, r->settings.guidance.text_scale);
  PUT(cfg_image, r->settings.guidance.image_scale);
  PUT(cfg_from, r->settings.guidance.lo);
  PUT(cfg_to, r->settings.guidance.hi);
  PUT(cfg_renorm_min, r->settings.guidance.renorm_min);
  PUT(vae_sample, r->settings.vae_sample);
  PUT(no_auto_orient, r->settings.no_orient);
  PUT(max_tokens, r->settings.max_tokens);
  PUT(max_think_tokens, r->settings.max_think);
  PUT(temperature, r->settings.temperature);
  PUT(preview, r->settings.preview);
  s->n_noise = r->settings.noise ? r->settings.noise_count : 0;
  memcpy(&s->noise, &r->settings.noise, sizeof r->settings.noise);
  s->negative = mcl_wire_string(r->settings.negative);
  return put_renorm(s, r->settings.guidance.renorm, d->err);
}

#undef PUT

static void put_envelope(draft *d, const motcl_job *job) {
  Motcl__V1__Job *m = &d->job;
  motcl__v1__job__init(m);
  if (d->was)
    mcl_wire_keep(&m->base, &d->was->base);
  m->has_seed = !job->unseeded;
  m->seed = job->unseeded ? 0 : job->request.seed;
  m->has_priority = job->priority != 0;
  m->priority = job->priority;
  m->has_deadline_ms = job->deadline != 0;
  m->deadline_ms = job->deadline;
  m->id = mcl_wire_string(job->id);
  m->model = mcl_wire_string(job->model);
}

int motcl_job_pack(const motcl_job *job, uint8_t **bytes, size_t *n, motcl_err *err) {
  draft d = {.err = err};
  if (job->store)
    d.was = (const Motcl__V1__Job *)job->store->message;
  put_envelope(&d, job);
  int rc = put_parts(&d, &job->request);
  if (rc == MOTCL_OK)
    rc = put_outputs(&d, &job->request);
  if (rc == MOTCL_OK)
    rc = put_labels(&d, job);
  if (rc == MOTCL_OK)
    rc = put_settings(&d, &job->request);
  if (rc == MOTCL_OK)
    rc = mcl_wire_write(&mcl_wire_job, &d.job.base, bytes, n, err);
  mcl_store_empty(&d.memory);
  return rc;
}
