/* keep.c - picture files of a conversation, and the conversation as a job. */
#include "cli/chat/keep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/read.h"
#include "cli/memory.h"

enum { NAME_ROOM = 64 };

/* The conversation as a job; pictures drawn in it are the files they went to. `part` is the
 * caller's to free. */
static int as_job(mcl_chat *c, motcl_job *job, motcl_part **part, motcl_err *err) {
  int rc = motcl_session_job(c->session, job, err);
  if (rc != MOTCL_OK)
    return rc;
  size_t n = job->request.parts;
  *part = malloc(n * sizeof **part);
  if (!*part)
    return mcl_no_memory(err);
  memcpy(*part, job->request.part, n * sizeof **part);
  for (size_t i = 0; i < c->pictures; i++) {
    const mcl_chat_picture *p = &c->picture[i];
    (*part)[p->part].data = p->file;
    (*part)[p->part].size = p->size;
  }
  job->request.part = *part;
  return MOTCL_OK;
}

/* The picture's bytes as a file, copied so that they last. */
static int encode(mcl_chat *c, mcl_chat_picture *p, size_t before, uint64_t seed, motcl_err *err) {
  motcl_picture picture = {.rgb = c->rgb, .width = c->width, .height = c->height};
  const motcl_output drawn = MOTCL_OUTPUT_PICTURE;
  motcl_part *part = NULL;
  motcl_line *line = NULL;
  motcl_job job;
  int rc = MOTCL_OK;
  if (!c->drawing->no_metadata) {
    rc = as_job(c, &job, &part, err);
    if (rc == MOTCL_OK) {
      job.request.parts = before;
      job.request.output = &drawn;
      job.request.seed = seed;
      rc = motcl_recipe_lines(&line, &picture.lines, &job.request, c->width, c->height,
                              motcl_worker_fingerprint(c->worker), err);
    }
  }
  picture.line = line;
  if (rc == MOTCL_OK)
    rc = motcl_picture_encode(&p->file, &p->size, &picture, MOTCL_PNG, err);
  motcl_free(line);
  free(part);
  return rc;
}

/* The first name that is free. */
static int write_file(const mcl_chat_picture *p, char name[NAME_ROOM], size_t number, uint64_t seed,
                      motcl_err *err) {
  int rc = MOTCL_EEXIST;
  for (; rc == MOTCL_EEXIST; number++) {
    snprintf(name, NAME_ROOM, "motcl-%" PRIu64 "-%zu.png", seed, number);
    rc = motcl_file_write(name, p->file, p->size, false, err);
  }
  return rc;
}

int mcl_chat_keep(mcl_chat *c, size_t before, uint64_t seed, motcl_err *err) {
  mcl_chat_picture made = {.part = c->parts - 1};
  char name[NAME_ROOM];
  void *p = c->picture;
  int rc = mcl_one_more(&p, &c->picture_cap, c->pictures, sizeof *c->picture, err);
  if (rc != MOTCL_OK)
    return rc;
  c->picture = p;
  rc = encode(c, &made, before, seed, err);
  if (rc == MOTCL_OK)
    rc = write_file(&made, name, c->pictures + 1, seed, err);
  if (rc != MOTCL_OK) {
    motcl_free(made.file);
    return rc;
  }
  c->picture[c->pictures++] = made;
  if (mcl_lines_typed(c->lines))
    mcl_screen_finished(&c->screen, c->rgb, c->width, c->height);
  printf("%s\n", name);
  return MOTCL_OK;
}

void mcl_chat_unkeep(mcl_chat *c) {
  while (c->pictures && c->picture[c->pictures - 1].part >= c->parts)
    motcl_free(c->picture[--c->pictures].file);
}

int mcl_chat_save(mcl_chat *c, const char *file, motcl_err *err) {
  motcl_part *part = NULL;
  uint8_t *bytes = NULL;
  motcl_job job;
  size_t n = 0;
  *motcl_session_settings(c->session) = c->drawing->request.settings;
  int rc = as_job(c, &job, &part, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_pack(&job, &bytes, &n, err);
  if (rc == MOTCL_OK)
    rc = motcl_file_write(file, bytes, n, false, err);
  if (rc == MOTCL_OK)
    printf("%s\n", file);
  motcl_free(bytes);
  free(part);
  return rc;
}

static bool same_guidance(const motcl_guidance *a, const motcl_guidance *b) {
  return a->text_scale == b->text_scale && a->image_scale == b->image_scale && a->lo == b->lo &&
         a->hi == b->hi && a->renorm == b->renorm && a->renorm_min == b->renorm_min;
}

/* A job has one guidance. If it is what drawings or edits have anyway, both have their own. */
static int take_settings(mcl_chat *c, const motcl_request *r, motcl_err *err) {
  motcl_settings drawing = r->settings, editing = r->settings;
  motcl_guidance usual[2] = {motcl_request_default(false).settings.guidance,
                             motcl_request_default(true).settings.guidance};
  if (same_guidance(&r->settings.guidance, &usual[0]) ||
      same_guidance(&r->settings.guidance, &usual[1])) {
    drawing.guidance = usual[0];
    editing.guidance = usual[1];
  }
  int rc = mcl_options_over(c->drawing, &drawing, r->seed, err);
  return rc == MOTCL_OK ? mcl_options_over(&c->editing, &editing, r->seed, err) : rc;
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
  return rc == MOTCL_OK ? take_settings(c, &job->request, err) : rc;
}

int mcl_chat_tell(mcl_chat *c, const motcl_job *job, motcl_err *err) {
  const motcl_request *r = &job->request;
  int rc = MOTCL_OK;
  for (; rc == MOTCL_OK && c->parts < r->parts; c->parts++)
    rc = motcl_session_add(c->session, &r->part[c->parts], err);
  return rc;
}
