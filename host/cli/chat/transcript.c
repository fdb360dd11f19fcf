/* transcript.c - picture files of a conversation, and the conversation as a job. */
#include "cli/chat/transcript.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/output.h"
#include "cli/jobs/protocol.h"
#include "cli/jobs/read.h"
#include "cli/jobs/target.h"
#include "cli/memory.h"
#include "cli/print.h"

enum { NAME_SIZE = 64 };

/* A conversation as a job, with what it points to. */
typedef struct talk {
  motcl_job job;
  motcl_part *part;
  motcl_item *item;
} talk;

static void talk_finish(talk *t) {
  free(t->part);
  free(t->item);
}

/* Items, in the order of the parts that they are. */
static void point(talk *t) {
  const motcl_part *at = t->part;
  for (size_t i = 0; i < t->job.request.items; i++) {
    motcl_item *item = &t->item[i];
    if (item->kind == MOTCL_ITEM_INPUT) {
      item->part = *at++;
    } else {
      item->made = at;
      at += item->mades;
    }
  }
}

/* Pictures drawn in it are the files they went to. */
static int talk_init(talk *t, mcl_chat *c, motcl_err *err) {
  *t = (talk){0};
  motcl_request *r = &t->job.request;
  int rc = motcl_session_job(c->session, &t->job, err);
  if (rc != MOTCL_OK)
    return rc;
  t->part = malloc(r->parts * sizeof *t->part);
  t->item = malloc((r->items + 1) * sizeof *t->item);
  if (!t->part || !t->item)
    return mcl_no_memory(err);
  memcpy(t->part, r->part, r->parts * sizeof *t->part);
  if (r->items)
    memcpy(t->item, r->item, r->items * sizeof *t->item);
  for (size_t i = 0; i < c->pictures; i++) {
    const mcl_chat_picture *p = &c->picture[i];
    t->part[p->part].data = p->file;
    t->part[p->part].size = p->size;
  }
  point(t);
  r->part = t->part;
  r->item = t->item;
  return MOTCL_OK;
}

static size_t last_output(const motcl_request *r) {
  size_t outputs = 0;
  for (size_t i = 0; i < r->items; i++)
    outputs += r->item[i].kind == MOTCL_ITEM_OUTPUT;
  return outputs - 1;
}

bool mcl_chat_last_size(mcl_chat *c, uint32_t *width, uint32_t *height) {
  talk t;
  uint8_t *rgb = NULL;
  const motcl_part *last = NULL;
  int rc = talk_init(&t, c, NULL);
  for (size_t i = 0; rc == MOTCL_OK && i < t.job.request.parts; i++)
    if (t.part[i].kind == MOTCL_PART_PICTURE)
      last = &t.part[i];
  bool found =
      last && motcl_picture_decode(&rgb, width, height, NULL, last->data, last->size,
                                   c->drawing->request.settings.no_orient, NULL) == MOTCL_OK;
  motcl_free(rgb);
  talk_finish(&t);
  return found;
}

/* How the picture that was drawn last was made. */
static int describe(mcl_chat *c, motcl_line **line, size_t *lines, motcl_err *err) {
  talk t;
  motcl_request *alone = NULL;
  int rc = talk_init(&t, c, err);
  if (rc == MOTCL_OK)
    rc = motcl_request_alone(&alone, &t.job.request, last_output(&t.job.request), err);
  if (rc == MOTCL_OK)
    rc = mcl_output_describe(line, lines, alone, c->width, c->height, c->worker,
                             motcl_worker_fingerprint(c->worker), err);
  motcl_free(alone);
  talk_finish(&t);
  return rc;
}

/* The picture's bytes as a file, copied so that they last. */
static int encode(mcl_chat *c, mcl_chat_picture *p, motcl_err *err) {
  motcl_picture picture = {.rgb = c->rgb, .width = c->width, .height = c->height};
  motcl_line *line = NULL;
  int rc = MOTCL_OK;
  if (!c->drawing->no_metadata)
    rc = describe(c, &line, &picture.lines, err);
  picture.line = line;
  if (rc == MOTCL_OK)
    rc = motcl_picture_encode(&p->file, &p->size, &picture, MOTCL_PNG, err);
  motcl_free(line);
  return rc;
}

/* The first name that is free. */
static int write_file(const mcl_chat_picture *p, char name[NAME_SIZE], size_t number, uint64_t seed,
                      motcl_err *err) {
  int rc = MOTCL_EEXIST;
  for (; rc == MOTCL_EEXIST; number++) {
    snprintf(name, NAME_SIZE, "motcl-%" PRIu64 "-%zu.png", seed, number);
    rc = motcl_file_write(name, p->file, p->size, false, err);
  }
  return rc;
}

int mcl_chat_write_picture(mcl_chat *c, uint64_t seed, motcl_err *err) {
  mcl_chat_picture made = {.part = c->parts - 1};
  char name[NAME_SIZE];
  void *p = c->picture;
  int rc = mcl_one_more(&p, &c->picture_cap, c->pictures, sizeof *c->picture, err);
  if (rc != MOTCL_OK)
    return rc;
  c->picture = p;
  rc = encode(c, &made, err);
  if (rc == MOTCL_OK)
    rc = write_file(&made, name, c->pictures + 1, seed, err);
  if (rc != MOTCL_OK) {
    motcl_free(made.file);
    return rc;
  }
  c->picture[c->pictures++] = made;
  if (mcl_lines_typed(c->lines))
    mcl_terminal_finished(&c->terminal, c->rgb, c->width, c->height);
  if (c->outcome)
    mcl_answer_picture(&c->answer, name, c->width, c->height);
  else
    printf("%s\n", name);
  return MOTCL_OK;
}

void mcl_chat_drop_pictures(mcl_chat *c) {
  while (c->pictures && c->picture[c->pictures - 1].part >= c->parts)
    motcl_free(c->picture[--c->pictures].file);
}

int mcl_chat_save(mcl_chat *c, const char *file, motcl_err *err) {
  talk t;
  uint8_t *bytes = NULL;
  size_t n = 0;
  *motcl_session_settings(c->session) = c->drawing->request.settings;
  int rc = talk_init(&t, c, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_pack(&t.job, &bytes, &n, err);
  if (rc == MOTCL_OK)
    rc = mcl_target_write(file, bytes, n, c->drawing->force, err);
  if (rc == MOTCL_OK && !c->outcome)
    printf("%s\n", file);
  else if (rc == MOTCL_OK)
    mcl_outcome_put(c->outcome, "job", mcl_json_text(file));
  motcl_free(bytes);
  talk_finish(&t);
  return rc;
}

static bool same_guidance(const motcl_guidance *a, const motcl_guidance *b) {
  return a->text_scale == b->text_scale && a->image_scale == b->image_scale && a->lo == b->lo &&
         a->hi == b->hi && a->renorm == b->renorm && a->renorm_min == b->renorm_min;
}

/* A job has one guidance. If it is what drawings or edits have anyway, both have their own. */
static int take_settings(mcl_chat *c, const motcl_request *r, uint64_t seed, motcl_err *err) {
  motcl_settings drawing = r->settings, editing = r->settings;
  motcl_guidance usual[2] = {motcl_request_default(false).settings.guidance,
                             motcl_request_default(true).settings.guidance};
  if (same_guidance(&r->settings.guidance, &usual[0]) ||
      same_guidance(&r->settings.guidance, &usual[1])) {
    drawing.guidance = usual[0];
    editing.guidance = usual[1];
  }
  int rc = mcl_options_over(c->drawing, &drawing, seed, err);
  if (rc == MOTCL_OK)
    rc = mcl_options_over(&c->editing, &editing, seed, err);
  if (rc == MOTCL_OK)
    rc = mcl_protocol_take(c->drawing, err);
  return rc == MOTCL_OK ? mcl_protocol_take(&c->editing, err) : rc;
}

int mcl_chat_load(mcl_chat *c, motcl_job *job, motcl_err *err) {
  const char *file = c->drawing->job;
  char *bytes = NULL;
  size_t n = 0;
  if (!strcmp(file, "-"))
    return motcl_fail(err, MOTCL_EINVAL, "stdin is where commands come from; name the job's file");
  int rc = mcl_read(&bytes, &n, file, MOTCL_MAX_MESSAGE, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = motcl_job_unpack(job, (const uint8_t *)bytes, n, err);
  if (rc != MOTCL_OK)
    rc = mcl_fail_about(err, rc, file);
  free(bytes);
  if (rc != MOTCL_OK)
    return rc;
  uint64_t seed = job->unseeded ? c->drawing->request.seed : job->request.seed;
  return take_settings(c, &job->request, seed, err);
}

/* Outputs before the first that nothing came of yet; `more` is said after that one. */
static size_t answered(const motcl_request *r, bool *more) {
  size_t i = 0, outputs = 0;
  for (; i < r->items; i++) {
    if (r->item[i].kind != MOTCL_ITEM_OUTPUT)
      continue;
    if (!r->item[i].mades)
      break;
    outputs++;
  }
  *more = i + 1 < r->items;
  return outputs;
}

int mcl_chat_replay(mcl_chat *c, const motcl_job *job, motcl_err *err) {
  motcl_request *said;
  bool more;
  size_t outputs = answered(&job->request, &more);
  if (more)
    return motcl_fail(err, MOTCL_EINVAL,
                      "%s asks for something that nothing came of yet, and says more after it; "
                      "run it with 'motcl run --job'",
                      c->drawing->job);
  int rc = motcl_request_alone(&said, &job->request, outputs, err);
  if (rc != MOTCL_OK)
    return rc;
  for (; rc == MOTCL_OK && c->parts < said->parts; c->parts++)
    rc = motcl_session_add(c->session, &said->part[c->parts], err);
  motcl_free(said);
  return rc;
}
