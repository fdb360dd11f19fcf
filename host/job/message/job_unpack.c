/* job_unpack.c - a Job message to a request. */
#include "job/message/codec.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "session/items.h"

const mcl_wire_kind mcl_wire_job = {&motcl__v1__job__descriptor, "job"};

static const Motcl__V1__Job *message_of(const motcl_job *job) {
  return (const Motcl__V1__Job *)job->store->message;
}

static int read_text(motcl_part *to, motcl_part_kind kind, const char *text, const char *name,
                     motcl_err *err) {
  *to = (motcl_part){kind, text, strlen(text), name};
  if (!to->size)
    return mcl_fail(err, MOTCL_EFORMAT, "%s is an empty text; say what is wanted", name);
  return MOTCL_OK;
}

static int read_part(motcl_part *to, const Motcl__V1__Part *p, const char *name, motcl_err *err) {
  switch (p->content_case) {
  case MOTCL__V1__PART__CONTENT_TEXT:
    return read_text(to, MOTCL_PART_TEXT, p->text, name, err);
  case MOTCL__V1__PART__CONTENT_SYSTEM:
    return read_text(to, MOTCL_PART_SYSTEM, p->system, name, err);
  case MOTCL__V1__PART__CONTENT_PICTURE:
    *to = (motcl_part){MOTCL_PART_PICTURE, p->picture.data ? p->picture.data : (const uint8_t *)"",
                       p->picture.len, name};
    return MOTCL_OK;
  case MOTCL__V1__PART__CONTENT_ANSWER:
    *to = (motcl_part){MOTCL_PART_ANSWER, p->answer.data ? p->answer.data : (const uint8_t *)"",
                       p->answer.len, name};
    return MOTCL_OK;
  default:
    return mcl_fail(err, MOTCL_EFORMAT, "%s is neither a text nor a picture", name);
  }
}

/* `of` is what they are parts of, in sentences. */
static int read_parts(motcl_job *job, const motcl_part **to, Motcl__V1__Part *const *from, size_t n,
                      const char *of, motcl_err *err) {
  enum { ROOM = 64 };
  motcl_part *part = mcl_store_take(job->store, n, sizeof *part);
  char *name = mcl_store_take(job->store, n, ROOM);
  int rc = part && name ? MOTCL_OK : mcl_fail_nomem(err, n * sizeof *part);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    snprintf(name + i * ROOM, ROOM, "part %zu of %s", i + 1, of);
    rc = read_part(&part[i], from[i], name + i * ROOM, err);
  }
  *to = part;
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

static int read_output(motcl_output *to, int value, motcl_err *err) {
  static const motcl_output known[] = {[MOTCL__V1__OUTPUT__OUTPUT_TEXT] = MOTCL_OUTPUT_TEXT,
                                       [MOTCL__V1__OUTPUT__OUTPUT_PICTURE] = MOTCL_OUTPUT_PICTURE,
                                       [MOTCL__V1__OUTPUT__OUTPUT_PICTURE_IF_ASKED] =
                                           MOTCL_OUTPUT_PICTURE_IF_ASKED};
  if (value < MOTCL__V1__OUTPUT__OUTPUT_TEXT || (size_t)value >= sizeof known / sizeof *known)
    return mcl_fail(err, MOTCL_EFORMAT, "the job wants output %d, which this version lacks", value);
  *to = known[value];
  return MOTCL_OK;
}

static int read_outputs(motcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = message_of(job);
  size_t n = m->n_output;
  motcl_output *output = mcl_store_take(job->store, n, sizeof *output);
  int rc = output ? MOTCL_OK : mcl_fail_nomem(err, n * sizeof *output);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    rc = read_output(&output[i], (int)m->output[i], err);
  job->request.output = output;
  job->request.outputs = n;
  return rc;
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

static int read_settings(motcl_settings *to, const Motcl__V1__Settings *s, motcl_err *err) {
  TAKE(to->think, think);
  TAKE(to->width, width);
  TAKE(to->height, height);
  TAKE(to->timesteps, timesteps);
  TAKE(to->shift, shift);
  TAKE(to->vae_sample, vae_sample);
  TAKE(to->no_orient, no_auto_orient);
  TAKE(to->max_tokens, max_tokens);
  TAKE(to->max_think, max_think_tokens);
  TAKE(to->temperature, temperature);
  TAKE(to->preview, preview);
  TAKE(to->top_k, top_k);
  TAKE(to->top_p, top_p);
  TAKE(to->min_p, min_p);
  TAKE(to->repeat_penalty, repeat_penalty);
  to->stop = (const char *const *)s->stop;
  to->stops = (uint32_t)s->n_stop;
  to->negative = s->negative;
  to->protocol = s->protocol;
  to->noise = s->n_noise ? s->noise : NULL;
  to->noise_count = s->n_noise;
  return read_guidance(&to->guidance, s, err);
}

#undef TAKE

/* Settings stand on what those of the whole job stand on: not on what it says. */
static int read_wanted(motcl_job *job, motcl_item *to, const Motcl__V1__Wanted *w, size_t place,
                       motcl_err *err) {
  char of[48];
  to->kind = MOTCL_ITEM_OUTPUT;
  to->seeded = w->has_seed;
  to->seed = w->seed;
  to->mades = w->n_made;
  if (!w->has_kind)
    return mcl_fail(err, MOTCL_EFORMAT, "item %zu of the job does not say which output it is",
                    place);
  snprintf(of, sizeof of, "what came of item %zu", place);
  int rc = read_output(&to->output, (int)w->kind, err);
  return rc == MOTCL_OK ? read_parts(job, &to->made, w->made, w->n_made, of, err) : rc;
}

static int read_item(motcl_job *job, motcl_item *to, const Motcl__V1__Item *m, size_t place,
                     motcl_err *err) {
  enum { ROOM = 48 };
  char *name = mcl_store_take(job->store, 1, ROOM);
  if (!name)
    return mcl_fail_nomem(err, ROOM);
  snprintf(name, ROOM, "item %zu of the job", place);
  switch (m->content_case) {
  case MOTCL__V1__ITEM__CONTENT_INPUT:
    return read_part(&to->part, m->input, name, err);
  case MOTCL__V1__ITEM__CONTENT_OUTPUT:
    return read_wanted(job, to, m->output, place, err);
  default:
    return mcl_fail(err, MOTCL_EFORMAT, "%s is neither an input nor an output", name);
  }
}

static motcl_settings usual_settings(const motcl_request *r) {
  return motcl_request_default(mcl_request_draws(r) && mcl_request_shows(r)).settings;
}

/* Outputs' own settings, once it is known what is the default. */
static int read_own(motcl_job *job, motcl_item *item, motcl_err *err) {
  const Motcl__V1__Job *m = message_of(job);
  int rc = MOTCL_OK;
  for (size_t i = 0; i < m->n_item && rc == MOTCL_OK; i++) {
    if (item[i].kind != MOTCL_ITEM_OUTPUT || !m->item[i]->output->settings)
      continue;
    motcl_settings *own = mcl_store_take(job->store, 1, sizeof *own);
    if (!own)
      return mcl_fail_nomem(err, sizeof *own);
    *own = usual_settings(&job->request);
    item[i].settings = own;
    rc = read_settings(own, m->item[i]->output->settings, err);
  }
  return rc;
}

static int read_items(motcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = message_of(job);
  size_t n = m->n_item;
  motcl_item *item = mcl_store_take(job->store, n, sizeof *item);
  int rc = item ? MOTCL_OK : mcl_fail_nomem(err, n * sizeof *item);
  if (rc == MOTCL_OK && (m->n_part || m->n_output))
    rc = mcl_fail(err, MOTCL_EFORMAT,
                  "the job has items and parts or outputs beside them; put all into the items");
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    rc = read_item(job, &item[i], m->item[i], i + 1, err);
  job->request.item = item;
  job->request.items = n;
  return rc == MOTCL_OK ? read_own(job, item, err) : rc;
}

/* What is known to be said, as parts, and one output: for those who go on from there. */
static int read_said(motcl_job *job, motcl_err *err) {
  motcl_request *r = &job->request, *said;
  motcl_output *output = mcl_store_take(job->store, 1, sizeof *output);
  size_t k = 0;
  if (!output)
    return mcl_fail_nomem(err, sizeof *output);
  for (mcl_items l = {.request = r}; mcl_items_next(&l);) {
    if (l.item.kind != MOTCL_ITEM_OUTPUT)
      continue;
    *output = mcl_output_kind(l.item.output);
    if (!l.item.mades)
      break;
    k = l.outputs;
  }
  int rc = motcl_request_alone(&said, r, k, err);
  if (rc != MOTCL_OK)
    return rc;
  motcl_part *part = mcl_store_take(job->store, said->parts, sizeof *part);
  if (part && said->parts)
    memcpy(part, said->part, said->parts * sizeof *part);
  r->part = part;
  r->parts = said->parts;
  r->output = output;
  r->outputs = 1;
  mcl_free(said);
  return part ? MOTCL_OK : mcl_fail_nomem(err, 1);
}

static int read_contents(motcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = message_of(job);
  motcl_request *r = &job->request;
  int rc;
  if (m->n_item) {
    rc = read_items(job, err);
    return rc == MOTCL_OK && mcl_request_outputs(r) ? read_said(job, err) : rc;
  }
  rc = read_outputs(job, err);
  r->parts = m->n_part;
  return rc == MOTCL_OK ? read_parts(job, &r->part, m->part, m->n_part, "the job", err) : rc;
}

static int read_job(motcl_job *job, motcl_err *err) {
  const Motcl__V1__Job *m = message_of(job);
  motcl_request *r = &job->request;
  int rc = read_contents(job, err);
  if (rc == MOTCL_OK && !mcl_request_outputs(r))
    rc = mcl_fail(err, MOTCL_EFORMAT,
                  "the job does not say what is wanted; give it an output, OUTPUT_PICTURE or "
                  "OUTPUT_TEXT");
  if (rc == MOTCL_OK)
    rc = read_labels(job, err);
  if (rc != MOTCL_OK)
    return rc;
  r->settings = usual_settings(r);
  r->seed = m->seed;
  job->unseeded = !m->has_seed;
  job->id = m->id;
  job->model = m->model;
  job->priority = m->priority;
  job->deadline = m->deadline_ms;
  return m->settings ? read_settings(&r->settings, m->settings, err) : MOTCL_OK;
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
