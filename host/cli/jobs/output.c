/* output.c - naming and writing picture files. */
#include "cli/jobs/output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/jobs/items.h"
#include "cli/jobs/pattern.h"
#include "cli/jobs/target.h"

enum { OWN_SIZE = 48 };

static bool is_stdout(const mcl_options *o) {
  return o->output && !strcmp(o->output, "-");
}

static size_t pictures(const mcl_options *o) {
  return mcl_outputs_drawn(&o->request);
}

/* Pictures that come before output k; `twins`: those of its seed, which alone does not tell them apart. */
static unsigned drawn_before(const mcl_options *o, size_t k, bool twins) {
  const motcl_request *r = &o->request;
  unsigned n = 0;
  for (size_t i = 0; i < k; i++)
    n += mcl_output_at(r, i)->output != MOTCL_OUTPUT_TEXT &&
         (!twins || mcl_output_seed(r, i) == mcl_output_seed(r, k));
  return n;
}

static int too_long(motcl_err *err) {
  return motcl_fail(err, MOTCL_EINVAL, "the name of the picture file is too long");
}

/* What tells a picture from others where the name that was given does not: SEED, or SEED-2. */
static void put_own(char own[OWN_SIZE], const mcl_options *o, size_t k, uint64_t seed) {
  unsigned twins = drawn_before(o, k, true);
  int n = snprintf(own, OWN_SIZE, "%" PRIu64, seed);
  if (twins)
    snprintf(own + n, OWN_SIZE - (size_t)n, "-%u", twins + 1);
}

static int default_name(char name[MCL_NAME_SIZE], const mcl_options *o, const char *own,
                        motcl_err *err) {
  const char *folder = o->output ? o->output : "";
  size_t length = strlen(folder);
  const char *slash = length && folder[length - 1] != '/' ? "/" : "";
  int n = snprintf(name, MCL_NAME_SIZE, "%s%smotcl-%s.png", folder, slash, own);
  return n < 0 || n >= MCL_NAME_SIZE ? too_long(err) : MOTCL_OK;
}

/* Put "-OWN" before the ending of a name. */
static int put_before_ending(char name[MCL_NAME_SIZE], const char *own, motcl_err *err) {
  char ending[16];
  char *dot = strrchr(name, '.');
  size_t room = MCL_NAME_SIZE - (size_t)(dot - name);
  snprintf(ending, sizeof ending, "%s", dot);
  int n = snprintf(dot, room, "-%s%s", own, ending);
  return n < 0 || (size_t)n >= room ? too_long(err) : MOTCL_OK;
}

int mcl_output_name(char name[MCL_NAME_SIZE], const mcl_options *o, size_t k, uint64_t seed,
                    motcl_err *err) {
  uint64_t number =
      1 + o->number + drawn_before(o, k, false) + (seed - mcl_output_seed(&o->request, k));
  bool several = o->several || o->count > 1 || pictures(o) > 1;
  char own[OWN_SIZE];
  put_own(own, o, k, seed);
  if (!o->output || o->output_is_folder)
    return default_name(name, o, own, err);
  if (!mcl_pattern_fill(name, MCL_NAME_SIZE, o->output, seed, number))
    return too_long(err);
  return several && !mcl_pattern_varies(o->output) ? put_before_ending(name, own, err) : MOTCL_OK;
}

static bool is_folder(const char *name) {
  struct stat st;
  size_t n = strlen(name);
  return n && (name[n - 1] == '/' || (stat(name, &st) == 0 && S_ISDIR(st.st_mode)));
}

static int check_stdout(const mcl_options *o, motcl_err *err) {
  if (o->outcome)
    return motcl_fail(err, MOTCL_EINVAL, "-o - and --json both want stdout; name a file");
  if (o->count * pictures(o) > 1)
    return motcl_fail(err, MOTCL_EINVAL, "-o - takes one picture, not %zu; name a file",
                      o->count * pictures(o));
  return MOTCL_OK;
}

static int check_pattern(const mcl_options *o, motcl_err *err) {
  motcl_format format;
  if (!o->output || o->output_is_folder)
    return MOTCL_OK;
  if (motcl_format_of_name(o->output, &format))
    return mcl_pattern_check(o->output, err);
  return motcl_fail(
      err, MOTCL_EINVAL,
      "-o '%.200s': the name must end in .png, .jpg or .webp, which says what is written, or "
      "be that of a folder",
      o->output);
}

/* Pictures of -n differ in seed and number alike; those of one request can be of one seed. */
static int check_twins(const mcl_options *o, size_t k, const char *name, motcl_err *err) {
  const motcl_request *r = &o->request;
  char other[MCL_NAME_SIZE];
  int rc = MOTCL_OK;
  for (size_t i = 0; i < k && rc == MOTCL_OK; i++) {
    if (mcl_output_at(r, i)->output == MOTCL_OUTPUT_TEXT)
      continue;
    rc = mcl_output_name(other, o, i, mcl_output_seed(r, i), err);
    if (rc == MOTCL_OK && !strcmp(name, other))
      rc = motcl_fail(err, MOTCL_EINVAL,
                      "-o '%.200s': two pictures would both go to '%.200s'; tell them apart by "
                      "their numbers, %%n",
                      o->output, name);
  }
  return rc;
}

/* Of many files the first is tried, and of the others whether they are there. */
static int check_file(const mcl_options *o, size_t k, uint64_t seed, bool first, motcl_err *err) {
  char name[MCL_NAME_SIZE];
  struct stat st;
  int rc = mcl_output_name(name, o, k, seed, err);
  if (rc == MOTCL_OK)
    rc = check_twins(o, k, name, err);
  if (rc == MOTCL_OK)
    rc = mcl_target_distinct(name, "the picture", o->preview_file, "preview-file", err);
  if (rc == MOTCL_OK)
    rc = mcl_target_distinct(name, "the picture", o->trace, "trace", err);
  bool there = rc == MOTCL_OK && lstat(name, &st) == 0;
  if (rc != MOTCL_OK || !(first || there) || (there && o->skip_existing))
    return rc;
  return mcl_target_check(name, o->force, err);
}

int mcl_output_check(mcl_options *o, motcl_err *err) {
  const motcl_request *r = &o->request;
  size_t outputs = mcl_outputs(r);
  bool first = true;
  if (is_stdout(o))
    return check_stdout(o, err);
  o->output_is_folder = o->output && is_folder(o->output);
  int rc = check_pattern(o, err);
  for (size_t k = 0; k < outputs && rc == MOTCL_OK; k++) {
    if (mcl_output_at(r, k)->output == MOTCL_OUTPUT_TEXT)
      continue;
    for (uint64_t i = 0; i < o->count && rc == MOTCL_OK; i++, first = false)
      rc = check_file(o, k, mcl_output_seed(r, k) + i, first, err);
  }
  return rc;
}

motcl_format mcl_output_format(const mcl_options *o) {
  motcl_format format = MOTCL_PNG;
  if (o->output && !o->output_is_folder)
    motcl_format_of_name(o->output, &format);
  return format;
}

static int put_stdout(const uint8_t *bytes, size_t n, motcl_err *err) {
  if (fwrite(bytes, 1, n, stdout) == n && fflush(stdout) == 0)
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EIO, "the picture cannot be written to stdout: %s", strerror(errno));
}

int mcl_output_put(const mcl_options *o, const char *name, const uint8_t *bytes, size_t n,
                   motcl_err *err) {
  if (is_stdout(o))
    return put_stdout(bytes, n, err);
  int rc = mcl_target_write(name, bytes, n, o->force, err);
  if (rc == MOTCL_OK && !o->outcome && (printf("%s\n", name) < 0 || fflush(stdout) != 0))
    rc = motcl_fail(err, MOTCL_EIO, "the name of the picture cannot be written to stdout: %s",
                    strerror(errno));
  return rc;
}

int mcl_output_describe(motcl_line **line, size_t *lines, const motcl_request *r, uint32_t width,
                        uint32_t height, motcl_worker *w, const char *fingerprint, motcl_err *err) {
  motcl_request made = *r;
  motcl_recipe_source of = {.size = sizeof of,
                            .request = &made,
                            .width = width,
                            .height = height,
                            .fingerprint = fingerprint};
  int rc = motcl_worker_model(w, &of.model, &of.digest, err);
  if (!made.settings.protocol)
    made.settings.protocol = motcl_worker_protocol(w);
  return rc == MOTCL_OK ? motcl_recipe_write(line, lines, &of, err) : rc;
}

int mcl_output_write(const mcl_options *o, size_t k, const motcl_request *r, const uint8_t *rgb,
                     uint32_t width, uint32_t height, motcl_worker *w, const char *fingerprint,
                     uint8_t **file, size_t *size, motcl_err *err) {
  char name[MCL_NAME_SIZE];
  motcl_picture picture = {
      .rgb = rgb, .width = width, .height = height, .quality = (int)o->quality};
  motcl_line *line = NULL;
  uint8_t *bytes = NULL;
  size_t n = 0;
  int rc = mcl_output_name(name, o, k, r->seed, err);
  if (rc == MOTCL_OK && !o->no_metadata)
    rc = mcl_output_describe(&line, &picture.lines, r, width, height, w, fingerprint, err);
  picture.line = line;
  if (rc == MOTCL_OK)
    rc = motcl_picture_encode(&bytes, &n, &picture, mcl_output_format(o), err);
  if (rc == MOTCL_OK)
    rc = mcl_output_put(o, name, bytes, n, err);
  motcl_free(line);
  if (rc == MOTCL_OK && file) {
    *file = bytes;
    *size = n;
  } else {
    motcl_free(bytes);
  }
  return rc;
}
