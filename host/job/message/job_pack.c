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
static int put_text(draft *d, char **to, const motcl_part *part) {
  if (part->size > MCL_JOB_MAX_TEXT)
    return mcl_fail(d->err, MOTCL_EINVAL, "the job's text is %zu bytes long; %zu is the most",
                    part->size, MCL_JOB_MAX_TEXT);
  if (!part->size)
    return mcl_fail(d->err, MOTCL_EINVAL, "a part of the job is an empty text; say what is wanted");
  if (memchr(part->data, 0, part->size))
    return mcl_fail(d->err, MOTCL_EINVAL, "the text holds a NUL, which no job can; take it out");
  *to = mcl_store_take(&d->memory, part->size + 1, 1);
  if (!*to)
    return mcl_fail_nomem(d->err, part->size);
  memcpy(*to, part->data, part->size);
  return MOTCL_OK;
}

/* Whose message is already begun. */
static int put_part(draft *d, Motcl__V1__Part *p, const motcl_part *part) {
  switch (part->kind) {
  case MOTCL_PART_TEXT:
    p->content_case = MOTCL__V1__PART__CONTENT_TEXT;
    return put_text(d, &p->text, part);
  case MOTCL_PART_SYSTEM:
    p->content_case = MOTCL__V1__PART__CONTENT_SYSTEM;
    return put_text(d, &p->system, part);
  case MOTCL_PART_ANSWER:
    p->content_case = MOTCL__V1__PART__CONTENT_ANSWER;
    p->answer = mcl_wire_bytes(part->data, part->size);
    return MOTCL_OK;
  case MOTCL_PART_PICTURE:
    p->content_case = MOTCL__V1__PART__CONTENT_PICTURE;
    p->picture = mcl_wire_bytes(part->data, part->size);
    return MOTCL_OK;
  }
  return mcl_fail(d->err, MOTCL_EINVAL, "there is no kind %u of part", (unsigned)part->kind);
}

/* n parts, with what the [was_n] that were read have besides if there are as many. */
static int put_parts(draft *d, Motcl__V1__Part ***to, size_t *to_n, const motcl_part *part,
                     size_t n, Motcl__V1__Part *const *was, size_t was_n) {
  void *all, *list;
  int rc = mcl_store_list(&d->memory, n, sizeof(Motcl__V1__Part), &all, &list, d->err);
  if (rc != MOTCL_OK)
    return rc;
  *to = list;
  *to_n = n;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    Motcl__V1__Part *p = (Motcl__V1__Part *)all + i;
    motcl__v1__part__init(p);
    (*to)[i] = p;
    if (was_n == n)
      mcl_wire_keep(&p->base, &was[i]->base);
    rc = put_part(d, p, &part[i]);
  }
  return rc;
}

static Motcl__V1__Output output_of(motcl_output output) {
  return output == MOTCL_OUTPUT_PICTURE ? MOTCL__V1__OUTPUT__OUTPUT_PICTURE
         : output == MOTCL_OUTPUT_TEXT  ? MOTCL__V1__OUTPUT__OUTPUT_TEXT
                                        : MOTCL__V1__OUTPUT__OUTPUT_PICTURE_IF_ASKED;
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

static int put_stops(draft *d, Motcl__V1__Settings *s, const motcl_settings *from) {
  if (!from->stops)
    return MOTCL_OK;
  s->stop = mcl_store_take(&d->memory, from->stops, sizeof *s->stop);
  if (!s->stop)
    return mcl_fail_nomem(d->err, from->stops * sizeof *s->stop);
  s->n_stop = from->stops;
  for (uint32_t i = 0; i < from->stops; i++)
    s->stop[i] = mcl_wire_string(from->stop[i]);
  return MOTCL_OK;
}

#define PUT(field, from) (s->has_##field = true, s->field = (from))

static int put_settings(draft *d, Motcl__V1__Settings *s, const motcl_settings *from,
                        const Motcl__V1__Settings *was) {
  motcl__v1__settings__init(s);
  if (was)
    mcl_wire_keep(&s->base, &was->base);
  PUT(think, from->think);
  PUT(width, from->width);
  PUT(height, from->height);
  PUT(timesteps, from->timesteps);
  PUT(shift, from->shift);
  PUT(cfg_text, from->guidance.text_scale);
  PUT(cfg_image, from->guidance.image_scale);
  PUT(cfg_from, from->guidance.lo);
  PUT(cfg_to, from->guidance.hi);
  PUT(cfg_renorm_min, from->guidance.renorm_min);
  PUT(vae_sample, from->vae_sample);
  PUT(no_auto_orient, from->no_orient);
  PUT(max_tokens, from->max_tokens);
  PUT(max_think_tokens, from->max_think);
  PUT(temperature, from->temperature);
  PUT(preview, from->preview);
  PUT(top_k, from->top_k);
  PUT(top_p, from->top_p);
  PUT(min_p, from->min_p);
  PUT(repeat_penalty, from->repeat_penalty);
  s->n_noise = from->noise ? from->noise_count : 0;
  memcpy(&s->noise, &from->noise, sizeof from->noise);
  s->negative = mcl_wire_string(from->negative);
  s->protocol = mcl_wire_string(from->protocol);
  int rc = put_stops(d, s, from);
  return rc == MOTCL_OK ? put_renorm(s, from->guidance.renorm, d->err) : rc;
}

#undef PUT

/* Settings that it does not have are the job's. */
static int put_output(draft *d, Motcl__V1__Wanted *w, const motcl_item *item,
                      const Motcl__V1__Wanted *was) {
  int rc = MOTCL_OK;
  motcl__v1__wanted__init(w);
  if (was)
    mcl_wire_keep(&w->base, &was->base);
  w->has_kind = true;
  w->kind = output_of(item->output);
  w->has_seed = item->seeded;
  w->seed = item->seeded ? item->seed : 0;
  if (item->settings) {
    w->settings = mcl_store_take(&d->memory, 1, sizeof *w->settings);
    rc = w->settings ? put_settings(d, w->settings, item->settings, was ? was->settings : NULL)
                     : mcl_fail_nomem(d->err, sizeof *w->settings);
  }
  return rc == MOTCL_OK ? put_parts(d, &w->made, &w->n_made, item->made, item->mades,
                                    was ? was->made : NULL, was ? was->n_made : 0)
                        : rc;
}

static int put_item(draft *d, Motcl__V1__Item *m, const motcl_item *item,
                    const Motcl__V1__Item *was) {
  motcl__v1__item__init(m);
  if (was)
    mcl_wire_keep(&m->base, &was->base);
  if (item->kind == MOTCL_ITEM_INPUT) {
    m->content_case = MOTCL__V1__ITEM__CONTENT_INPUT;
    m->input = mcl_store_take(&d->memory, 1, sizeof *m->input);
    if (!m->input)
      return mcl_fail_nomem(d->err, sizeof *m->input);
    motcl__v1__part__init(m->input);
    if (was && was->content_case == m->content_case)
      mcl_wire_keep(&m->input->base, &was->input->base);
    return put_part(d, m->input, &item->part);
  }
  if (item->kind != MOTCL_ITEM_OUTPUT)
    return mcl_fail(d->err, MOTCL_EINVAL, "there is no kind %u of item", (unsigned)item->kind);
  m->content_case = MOTCL__V1__ITEM__CONTENT_OUTPUT;
  m->output = mcl_store_take(&d->memory, 1, sizeof *m->output);
  if (!m->output)
    return mcl_fail_nomem(d->err, sizeof *m->output);
  return put_output(d, m->output, item,
                    was && was->content_case == m->content_case ? was->output : NULL);
}

static int put_items(draft *d, const motcl_request *r) {
  size_t n = r->items;
  void *all, *list;
  int rc = mcl_store_list(&d->memory, n, sizeof(Motcl__V1__Item), &all, &list, d->err);
  if (rc != MOTCL_OK)
    return rc;
  d->job.item = list;
  d->job.n_item = n;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    d->job.item[i] = (Motcl__V1__Item *)all + i;
    rc = put_item(d, d->job.item[i], &r->item[i],
                  d->was && d->was->n_item == n ? d->was->item[i] : NULL);
  }
  return rc;
}

/* Whether parts and outputs say the same: outputs have nothing of their own, and stand last. */
static bool is_plain(const draft *d, const motcl_request *r) {
  bool asked = false;
  if (d->was && d->was->n_item)
    return false;
  for (size_t i = 0; i < r->items; i++) {
    const motcl_item *item = &r->item[i];
    bool output = item->kind == MOTCL_ITEM_OUTPUT;
    if ((asked && !output) || (output && (item->settings || item->seeded || item->mades)))
      return false;
    asked = output;
  }
  return true;
}

/* As parts, and then outputs. */
static int put_plain(draft *d, const motcl_request *r) {
  motcl_item *item = NULL;
  size_t n = 0, parts = 0, outputs = 0;
  int rc = motcl_request_items(&item, &n, r, d->err);
  motcl_part *part = rc == MOTCL_OK ? mcl_store_take(&d->memory, n, sizeof *part) : NULL;
  d->job.output = part ? mcl_store_take(&d->memory, n, sizeof *d->job.output) : NULL;
  for (size_t i = 0; i < n && d->job.output; i++) {
    if (item[i].kind == MOTCL_ITEM_OUTPUT)
      d->job.output[outputs++] = output_of(item[i].output);
    else
      part[parts++] = item[i].part;
  }
  mcl_free(item);
  if (!d->job.output)
    return rc == MOTCL_OK ? mcl_fail_nomem(d->err, n * sizeof *part) : rc;
  d->job.n_output = outputs;
  return put_parts(d, &d->job.part, &d->job.n_part, part, parts, d->was ? d->was->part : NULL,
                   d->was ? d->was->n_part : 0);
}

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
  int rc =
      is_plain(&d, &job->request) ? put_plain(&d, &job->request) : put_items(&d, &job->request);
  if (rc == MOTCL_OK)
    rc = put_labels(&d, job);
  if (rc == MOTCL_OK)
    rc = put_settings(&d, &d.settings, &job->request.settings, d.was ? d.was->settings : NULL);
  d.job.settings = &d.settings;
  if (rc == MOTCL_OK)
    rc = mcl_wire_write(&mcl_wire_job, &d.job.base, bytes, n, err);
  mcl_store_empty(&d.memory);
  return rc;
}
