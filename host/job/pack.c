/* pack.c - a request to a Job message. */
#include "job/wire.h"

#include <string.h>

#include "base/mem.h"
#include "text/utf8.h"

/* A message being put together, and the memory that its repeated fields and texts take. */
typedef struct draft {
  Motcl__V1__Job job;
  Motcl__V1__Settings settings;
  Motcl__V1__Part *part, **parts;
  Motcl__V1__Label *label, **labels;
  Motcl__V1__Output output;
  char **text; /* of each part, or NULL */
  const Motcl__V1__Job *was;
  motcl_err *err;
} draft;

static void keep_unknown(ProtobufCMessage *to, const ProtobufCMessage *was) {
  to->n_unknown_fields = was->n_unknown_fields;
  to->unknown_fields = was->unknown_fields;
}

/* protobuf-c only reads what it packs, but its types do not say so. */
static char *writable(const char *s) {
  char *p;
  memcpy(&p, &s, sizeof p);
  return p;
}

static int check_text(const char *s, size_t n, const char *what, motcl_err *err) {
  size_t bad;
  if (memchr(s, 0, n))
    return mcl_fail(err, MOTCL_EINVAL, "%s holds a NUL, which no job can; take it out", what);
  if (!mcl_utf8_valid(s, n, &bad))
    return mcl_fail(err, MOTCL_EINVAL, "%s is no UTF-8 (byte %zu); convert it first", what,
                    bad + 1);
  return MOTCL_OK;
}

static int put_string(char **to, const char *s, const char *what, motcl_err *err) {
  *to = writable(s);
  return s ? check_text(s, strlen(s), what, err) : MOTCL_OK;
}

static int put_part(draft *d, size_t i, const motcl_part *part) {
  Motcl__V1__Part *p = &d->part[i];
  motcl__v1__part__init(p);
  d->parts[i] = p;
  if (d->was && d->was->n_part == d->job.n_part)
    keep_unknown(&p->base, &d->was->part[i]->base);
  if (part->kind == MOTCL_PART_PICTURE) {
    const uint8_t *data = part->data;
    p->content_case = MOTCL__V1__PART__CONTENT_PICTURE;
    p->picture.len = part->size;
    memcpy(&p->picture.data, &data, sizeof data);
    return MOTCL_OK;
  }
  if (part->size > MCL_JOB_MAX_TEXT)
    return mcl_fail(d->err, MOTCL_EINVAL, "the job's text is %zu bytes long; %zu is the most",
                    part->size, MCL_JOB_MAX_TEXT);
  d->text[i] = mcl_strndup(part->data, part->size);
  if (!d->text[i])
    return mcl_fail_nomem(d->err, part->size);
  p->content_case = MOTCL__V1__PART__CONTENT_TEXT;
  p->text = d->text[i];
  return check_text(part->data, part->size, "the text", d->err);
}

static int put_parts(draft *d, const motcl_request *r) {
  size_t n = r->parts;
  int rc = MOTCL_OK;
  d->part = mcl_zalloc(n, sizeof *d->part);
  d->parts = (Motcl__V1__Part **)mcl_zalloc(n, sizeof *d->parts);
  d->text = (char **)mcl_zalloc(n, sizeof *d->text);
  if (!d->part || !d->parts || !d->text)
    return mcl_fail_nomem(d->err, n * sizeof *d->part);
  d->job.n_part = n;
  d->job.part = d->parts;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    rc = put_part(d, i, &r->part[i]);
  return rc;
}

static int put_labels(draft *d, const mcl_job *job) {
  size_t n = job->labels;
  int rc = MOTCL_OK;
  d->label = mcl_zalloc(n, sizeof *d->label);
  d->labels = (Motcl__V1__Label **)mcl_zalloc(n, sizeof *d->labels);
  if (!d->label || !d->labels)
    return mcl_fail_nomem(d->err, n * sizeof *d->label);
  d->job.n_label = n;
  d->job.label = d->labels;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    Motcl__V1__Label *l = &d->label[i];
    motcl__v1__label__init(l);
    d->labels[i] = l;
    if (d->was && d->was->n_label == n)
      keep_unknown(&l->base, &d->was->label[i]->base);
    rc = put_string(&l->key, job->label[i].key, "a label's key", d->err);
    if (rc == MOTCL_OK)
      rc = put_string(&l->value, job->label[i].value, "a label's value", d->err);
  }
  return rc;
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
    keep_unknown(&s->base, &d->was->settings->base);
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
  s->n_noise = r->settings.noise ? r->settings.noise_count : 0;
  memcpy(&s->noise, &r->settings.noise, sizeof r->settings.noise);
  int rc = put_string(&s->negative, r->settings.negative, "the negative text", d->err);
  return rc == MOTCL_OK ? put_renorm(s, r->settings.guidance.renorm, d->err) : rc;
}

#undef PUT

static int put_envelope(draft *d, const mcl_job *job) {
  Motcl__V1__Job *m = &d->job;
  motcl__v1__job__init(m);
  if (d->was)
    keep_unknown(&m->base, &d->was->base);
  d->output = mcl_request_draws(&job->request) ? MOTCL__V1__OUTPUT__OUTPUT_PICTURE
                                               : MOTCL__V1__OUTPUT__OUTPUT_TEXT;
  m->n_output = 1;
  m->output = &d->output;
  m->has_seed = !job->unseeded;
  m->seed = job->unseeded ? 0 : job->request.seed;
  m->has_priority = job->priority != 0;
  m->priority = job->priority;
  m->has_deadline_ms = job->deadline != 0;
  m->deadline_ms = job->deadline;
  int rc = put_string(&m->id, job->id, "the job's id", d->err);
  return rc == MOTCL_OK ? put_string(&m->model, job->model, "the name of the model", d->err) : rc;
}

static int write_out(const Motcl__V1__Job *m, uint8_t **bytes, size_t *n, motcl_err *err) {
  size_t size = motcl__v1__job__get_packed_size(m);
  if (size > MCL_JOB_MAX_BYTES)
    return mcl_fail(err, MOTCL_EINVAL, "the job would be %zu bytes long; %zu is the most", size,
                    MCL_JOB_MAX_BYTES);
  uint8_t *p = mcl_alloc(size, 1);
  if (!p)
    return mcl_fail_nomem(err, size);
  *n = motcl__v1__job__pack(m, p);
  *bytes = p;
  return MOTCL_OK;
}

static void draft_finish(draft *d) {
  for (size_t i = 0; d->text && i < d->job.n_part; i++)
    mcl_free(d->text[i]);
  mcl_free((void *)d->text);
  mcl_free(d->part);
  mcl_free((void *)d->parts);
  mcl_free(d->label);
  mcl_free((void *)d->labels);
}

int mcl_job_pack(const mcl_job *job, uint8_t **bytes, size_t *n, motcl_err *err) {
  draft d = {.was = job->store ? job->store->message : NULL, .err = err};
  int rc = put_envelope(&d, job);
  if (rc == MOTCL_OK)
    rc = put_parts(&d, &job->request);
  if (rc == MOTCL_OK)
    rc = put_labels(&d, job);
  if (rc == MOTCL_OK)
    rc = put_settings(&d, &job->request);
  if (rc == MOTCL_OK)
    rc = mcl_wire_limits(&d.job, MOTCL_EINVAL, err);
  if (rc == MOTCL_OK)
    rc = write_out(&d.job, bytes, n, err);
  draft_finish(&d);
  return rc;
}
