/* output.c - naming and writing picture files. */
#include "cli/jobs/output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/jobs/items.h"
#include "cli/jobs/target.h"

static bool is_stdout(const mcl_options *o) {
  return o->output && !strcmp(o->output, "-");
}

static size_t pictures(const mcl_options *o) {
  return mcl_outputs_drawn(&o->request);
}

/* How many pictures before output k have its seed: that alone does not tell them apart. */
static unsigned twins(const mcl_options *o, size_t k) {
  const motcl_request *r = &o->request;
  unsigned n = 0;
  for (size_t i = 0; i < k; i++)
    n += mcl_output_at(r, i)->output == MOTCL_OUTPUT_PICTURE &&
         mcl_output_seed(r, i) == mcl_output_seed(r, k);
  return n;
}

int mcl_output_name(char name[MCL_NAME_SIZE], const mcl_options *o, size_t k, uint64_t seed,
                    motcl_err *err) {
  const char *dot = o->output ? strrchr(o->output, '.') : NULL;
  unsigned before = twins(o, k);
  char own[48];
  int n = snprintf(own, sizeof own, "%" PRIu64, seed);
  if (before)
    snprintf(own + n, sizeof own - (size_t)n, "-%u", before + 1);
  if (!o->output)
    n = snprintf(name, MCL_NAME_SIZE, "motcl-%s.png", own);
  else if ((o->count < 2 && pictures(o) < 2) || !dot)
    n = snprintf(name, MCL_NAME_SIZE, "%s", o->output);
  else
    n = snprintf(name, MCL_NAME_SIZE, "%.*s-%s%s", (int)(dot - o->output), o->output, own, dot);
  if (n < 0 || n >= MCL_NAME_SIZE)
    return motcl_fail(err, MOTCL_EINVAL, "the name of the picture file is too long");
  return MOTCL_OK;
}

static int check_ending(const mcl_options *o, motcl_err *err) {
  motcl_format format;
  if (is_stdout(o) && o->outcome)
    return motcl_fail(err, MOTCL_EINVAL, "-o - and --json both want stdout; name a file");
  if (is_stdout(o) && o->count * pictures(o) > 1)
    return motcl_fail(err, MOTCL_EINVAL, "-o - takes one picture, not %zu; name a file",
                      o->count * pictures(o));
  if (!o->output || is_stdout(o) || motcl_format_of_name(o->output, &format))
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EINVAL,
                    "-o '%.200s': the name must end in .png or .jpg, which says what is written",
                    o->output);
}

/* Of many files the first is tried, and of the others whether they are there. */
static int check_file(const mcl_options *o, size_t k, uint64_t seed, bool first, motcl_err *err) {
  char name[MCL_NAME_SIZE];
  struct stat st;
  int rc = mcl_output_name(name, o, k, seed, err);
  if (rc == MOTCL_OK)
    rc = mcl_target_distinct(name, "the picture", o->preview_file, "preview-file", err);
  if (rc == MOTCL_OK)
    rc = mcl_target_distinct(name, "the picture", o->trace, "trace", err);
  if (rc != MOTCL_OK || !(first || lstat(name, &st) == 0))
    return rc;
  return mcl_target_check(name, o->force, err);
}

int mcl_output_check(const mcl_options *o, motcl_err *err) {
  const motcl_request *r = &o->request;
  size_t outputs = mcl_outputs(r);
  bool first = true;
  int rc = check_ending(o, err);
  if (rc != MOTCL_OK || is_stdout(o))
    return rc;
  for (size_t k = 0; k < outputs && rc == MOTCL_OK; k++) {
    if (mcl_output_at(r, k)->output != MOTCL_OUTPUT_PICTURE)
      continue;
    for (uint64_t i = 0; i < o->count && rc == MOTCL_OK; i++, first = false)
      rc = check_file(o, k, mcl_output_seed(r, k) + i, first, err);
  }
  return rc;
}

static int put_stdout(const uint8_t *bytes, size_t n, motcl_err *err) {
  if (fwrite(bytes, 1, n, stdout) == n && fflush(stdout) == 0)
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EIO, "the picture cannot be written to stdout: %s", strerror(errno));
}

int mcl_output_describe(motcl_line **line, size_t *lines, const motcl_request *r, uint32_t width,
                        uint32_t height, motcl_worker *w, motcl_err *err) {
  motcl_recipe_source of = {.size = sizeof of,
                            .request = r,
                            .width = width,
                            .height = height,
                            .fingerprint = motcl_worker_fingerprint(w)};
  int rc = motcl_worker_model(w, &of.model, &of.digest, err);
  return rc == MOTCL_OK ? motcl_recipe_write(line, lines, &of, err) : rc;
}

int mcl_output_write(const mcl_options *o, size_t k, const motcl_request *r, const uint8_t *rgb,
                     uint32_t width, uint32_t height, motcl_worker *w, uint8_t **file, size_t *size,
                     motcl_err *err) {
  char name[MCL_NAME_SIZE];
  motcl_picture picture = {.rgb = rgb, .width = width, .height = height};
  motcl_format format = MOTCL_PNG;
  motcl_line *line = NULL;
  uint8_t *bytes = NULL;
  size_t n = 0;
  int rc = mcl_output_name(name, o, k, r->seed, err);
  if (rc == MOTCL_OK && !o->no_metadata)
    rc = mcl_output_describe(&line, &picture.lines, r, width, height, w, err);
  picture.line = line;
  if (rc == MOTCL_OK && !is_stdout(o))
    motcl_format_of_name(name, &format);
  if (rc == MOTCL_OK)
    rc = motcl_picture_encode(&bytes, &n, &picture, format, err);
  if (rc == MOTCL_OK)
    rc = is_stdout(o) ? put_stdout(bytes, n, err) : mcl_target_write(name, bytes, n, o->force, err);
  if (rc == MOTCL_OK && !is_stdout(o) && !o->outcome &&
      (printf("%s\n", name) < 0 || fflush(stdout) != 0))
    rc = motcl_fail(err, MOTCL_EIO, "the name of the picture cannot be written to stdout: %s",
                    strerror(errno));
  motcl_free(line);
  if (rc == MOTCL_OK && file) {
    *file = bytes;
    *size = n;
  } else {
    motcl_free(bytes);
  }
  return rc;
}
