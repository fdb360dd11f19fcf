/* session.c - a request read into tasks, what they need, and their results' way out. */
#include "session/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "image/resize.h"
#include "io/picture.h"
#include "session/tasks.h"
#include "text/think.h"

int mcl_markers_find(mcl_markers *m, const mcl_tok *tok, motcl_err *err) {
  int rc;
  if ((rc = mcl_tok_id(tok, "<|im_start|>", &m->text_begin, err)) != MOTCL_OK ||
      (rc = mcl_tok_id(tok, "<|im_end|>", &m->text_end, err)) != MOTCL_OK ||
      (rc = mcl_tok_id(tok, "<|vision_start|>", &m->picture_begin, err)) != MOTCL_OK)
    return rc;
  return mcl_tok_id(tok, "<|vision_end|>", &m->picture_end, err);
}

static uint32_t larger(uint32_t a, uint32_t b) {
  return a > b ? a : b;
}

void mcl_need_pass(mcl_session_need *need, const mcl_decoder_size *pass, uint32_t segments) {
  mcl_decoder_size *n = &need->pass;
  n->text = larger(n->text, pass->text);
  n->vision = larger(n->vision, pass->vision);
  n->gen = larger(n->gen, pass->gen);
  n->latents = larger(n->latents, pass->latents);
  n->logits = larger(n->logits, pass->logits);
  n->drawn = larger(n->drawn, pass->drawn);
  n->pictures = larger(n->pictures, pass->pictures);
  need->segments = larger(need->segments, segments);
}

void mcl_session_need_add(mcl_decoder_size *size, uint32_t *segments,
                          const mcl_session_need *need) {
  const mcl_decoder_size *n = &need->pass;
  size->text += n->text;
  size->vision += n->vision;
  size->tokens += n->vision;
  size->gen += n->gen;
  size->latents += n->latents;
  size->logits += n->logits;
  size->drawn += n->drawn;
  size->pictures += n->pictures;
  size->pages += mcl_context_pages(need->main) + mcl_context_pages(need->image) +
                 mcl_context_pages(need->text) + mcl_context_pages(need->copy) + need->forks;
  *segments += need->segments;
}

int mcl_session_append(mcl_session *s, mcl_task *t, motcl_err *err) {
  void *p = (void *)s->task;
  if (!mcl_grow(&p, &s->cap, s->tasks, sizeof(mcl_task *))) {
    t->kind->destroy(t);
    return mcl_fail_nomem(err, sizeof(mcl_task *));
  }
  s->task = (mcl_task **)p;
  s->task[s->tasks++] = t;
  return MOTCL_OK;
}

int mcl_session_insert(mcl_session *s, mcl_task *t, motcl_err *err) {
  int rc = mcl_session_append(s, t, err);
  if (rc != MOTCL_OK)
    return rc;
  memmove((void *)&s->task[s->at + 2], (void *)&s->task[s->at + 1],
          (s->tasks - s->at - 2) * sizeof(mcl_task *));
  s->task[s->at + 1] = t;
  return MOTCL_OK;
}

void mcl_session_event(const mcl_session *s, const motcl_event *e) {
  if (s->sink.event)
    s->sink.event(s->sink.user, e);
}

void mcl_session_step(mcl_session *s, motcl_phase phase, uint32_t step, uint32_t of) {
  double left = mcl_pace_step(&s->pace, (int)phase, step, of, mcl_clock());
  mcl_session_event(
      s, &(motcl_event){
             .kind = MOTCL_EVENT_STEP, .phase = phase, .step = step, .of = of, .left = left});
}

int mcl_session_array(const mcl_session *s, const char *name, motcl_array_type type, int rank,
                      const size_t *dim, const void *data, motcl_err *err) {
  motcl_array a = {name, type, rank, dim, data};
  return s->sink.array ? s->sink.array(s->sink.user, &a, err) : MOTCL_OK;
}

static int add_text(mcl_session *s, const char *text, size_t n, mcl_text_use use,
                    mcl_session_need *need, motcl_err *err) {
  mcl_task *t;
  int rc = mcl_task_text(&t, s, text, n, use, need, err);
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

/* Decode and bring to the autoencoder's size, which is also that of the picture drawn from it. */
static int add_picture(mcl_session *s, const motcl_part *part, uint32_t *width, uint32_t *height,
                       mcl_session_need *need, motcl_err *err) {
  mcl_image picture = {0};
  mcl_task *t;
  if (!s->model->can_see)
    return mcl_fail(err, MOTCL_EUNSUPPORTED,
                    "this model has no vision encoder and cannot look at pictures");
  int rc = mcl_picture_read(&picture, part->data, part->size, NULL, !s->request->settings.no_orient,
                            err);
  if (rc != MOTCL_OK && part->name)
    mcl_err_prefix(err, rc, "%.200s", part->name);
  if (rc == MOTCL_OK)
    rc = mcl_image_to_rgb(&picture, err);
  if (rc == MOTCL_OK)
    rc = mcl_image_fit(&picture, &s->model->config.picture.vae, err);
  *width = picture.width;
  *height = picture.height;
  if (rc == MOTCL_OK)
    rc = mcl_task_look(&t, s, &picture, need, err);
  mcl_image_finish(&picture);
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

static size_t last_text(const motcl_request *r) {
  size_t last = r->parts;
  for (size_t i = 0; i < r->parts; i++)
    if (r->part[i].kind == MOTCL_PART_TEXT)
      last = i;
  return last;
}

static int add_parts(mcl_session *s, uint32_t *width, uint32_t *height, mcl_session_need *need,
                     motcl_err *err) {
  const motcl_request *r = s->request;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < r->parts && rc == MOTCL_OK; i++)
    rc = r->part[i].kind == MOTCL_PART_PICTURE
             ? add_picture(s, &r->part[i], width, height, need, err)
             : add_text(s, r->part[i].data, r->part[i].size,
                        i == last_text(r) ? MCL_TEXT_LAST : MCL_TEXT_USER, need, err);
  return rc;
}

static int add_output(mcl_session *s, uint32_t width, uint32_t height, mcl_session_need *need,
                      motcl_err *err) {
  const motcl_request *r = s->request;
  bool draw = mcl_request_draws(r);
  mcl_task *t;
  int rc = MOTCL_OK;
  if (!draw || r->settings.think) {
    rc = mcl_task_write(&t, s, draw, need, err);
    rc = rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
  }
  if (rc != MOTCL_OK || !draw)
    return rc;
  if (r->settings.width) {
    width = r->settings.width;
    height = r->settings.height;
  } else if (!width) {
    width = s->model->config.picture.width;
    height = s->model->config.picture.height;
  }
  rc = mcl_task_draw(&t, s, width, height, need, err);
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

static int read_request(mcl_session *s, mcl_session_need *need, motcl_err *err) {
  const motcl_request *r = s->request;
  uint32_t width = 0, height = 0;
  int rc = motcl_request_check(r, err);
  if (rc == MOTCL_OK)
    rc = mcl_markers_find(&s->marker, s->tok, err);
  if (rc == MOTCL_OK && mcl_tok_count(s->tok) > s->model->config.decoder.vocab)
    rc = mcl_fail(
        err, MOTCL_EMODEL,
        "the tokenizer has ids up to %u and the model only %u; the folder mixes two models",
        mcl_tok_count(s->tok) - 1, s->model->config.decoder.vocab);
  if (rc == MOTCL_OK && mcl_request_draws(r) && !s->model->can_draw)
    rc = mcl_fail(err, MOTCL_EUNSUPPORTED, "this model has no autoencoder and cannot draw");
  if (rc == MOTCL_OK && r->settings.think) {
    const char *system = mcl_think_system(mcl_request_draws(r));
    rc = add_text(s, system, strlen(system), MCL_TEXT_SYSTEM, need, err);
  }
  if (rc == MOTCL_OK)
    rc = add_parts(s, &width, &height, need, err);
  return rc == MOTCL_OK ? add_output(s, width, height, need, err) : rc;
}

int mcl_session_init(mcl_session *s, const mcl_model *model, const mcl_tok *tok,
                     const motcl_request *request, const motcl_sink *sink, mcl_session_need *need,
                     motcl_err *err) {
  memset(s, 0, sizeof *s);
  memset(need, 0, sizeof *need);
  s->model = model;
  s->tok = tok;
  s->request = request;
  if (sink)
    s->sink = *sink;
  mcl_rng_seed(&s->rng, request->seed);
  mcl_rng_seed(&s->rng_text, request->seed);
  int rc = read_request(s, need, err);
  if (rc != MOTCL_OK)
    mcl_session_finish(s);
  return rc;
}

void mcl_session_attach(mcl_session *s, mcl_engine *e) {
  s->engine = e;
  mcl_context_init(&s->main, &e->pool);
  mcl_context_init(&s->text, &e->pool);
  mcl_context_init(&s->image, &e->pool);
}

int mcl_session_prepare(mcl_session *s, mcl_device *dev, const mcl_plan_options *options,
                        uint64_t *bytes, motcl_err *err) {
  int rc = MOTCL_OK;
  *bytes = 0;
  for (size_t i = 0; i < s->tasks && rc == MOTCL_OK; i++)
    if (s->task[i]->kind->prepare)
      rc = s->task[i]->kind->prepare(s->task[i], dev, options, bytes, err);
  return rc;
}

void mcl_session_plans(const mcl_session *s, mcl_plan_visitor visit, void *user) {
  for (size_t i = 0; i < s->tasks; i++)
    if (s->task[i]->kind->plans)
      s->task[i]->kind->plans(s->task[i], visit, user);
}

void mcl_session_finish(mcl_session *s) {
  for (size_t i = 0; i < s->tasks; i++)
    if (s->task[i])
      s->task[i]->kind->destroy(s->task[i]);
  mcl_free((void *)s->task);
  if (s->engine) {
    mcl_context_finish(&s->main);
    mcl_context_finish(&s->text);
    mcl_context_finish(&s->image);
  }
  memset(s, 0, sizeof *s);
}
