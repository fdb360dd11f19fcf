/* inputs.c - reading what a job takes in. */
#include "cli/jobs/inputs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/jobs/interrupt.h"
#include "io/file.h"
#include "io/npy.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

#define MOST_PICTURE ((size_t)1 << 30)
#define MOST_NOISE ((size_t)1 << 28)

/* Room for at least one more byte and a NUL. */
static int make_room(char **p, size_t *room, size_t have, motcl_err *err) {
  if (have + 1 < *room)
    return MOTCL_OK;
  char *q = mcl_realloc(*p, *room, 2);
  if (!q)
    return mcl_fail_nomem(err, *room);
  *p = q;
  *room *= 2;
  return MOTCL_OK;
}

int mcl_stdin_read(char **data, size_t *n, size_t max_bytes, motcl_err *err) {
  size_t room = 1 << 16, have = 0;
  char *p = mcl_alloc(room, 1);
  ssize_t got = 1;
  int rc = p ? MOTCL_OK : mcl_fail_nomem(err, room);
  while (rc == MOTCL_OK && got != 0) {
    rc = make_room(&p, &room, have, err);
    got = rc == MOTCL_OK ? read(STDIN_FILENO, p + have, room - 1 - have) : 0;
    if (got < 0 && mcl_interrupted())
      rc = mcl_fail(err, MOTCL_ECANCELLED, "cancelled");
    else if (got < 0 && errno != EINTR)
      rc = mcl_fail(err, MOTCL_EIO, "stdin cannot be read: %s", strerror(errno));
    have += got > 0 ? (size_t)got : 0;
    if (rc == MOTCL_OK && have > max_bytes)
      rc =
          mcl_fail(err, MOTCL_EFORMAT, "what comes from stdin is longer than %zu bytes", max_bytes);
  }
  if (rc != MOTCL_OK) {
    mcl_free(p);
    return rc;
  }
  p[have] = 0;
  *data = p;
  *n = have;
  return MOTCL_OK;
}

int mcl_check_utf8(const char *text, size_t n, const char *what, motcl_err *err) {
  size_t bad;
  if (mcl_utf8_valid(text, n, &bad))
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFORMAT, "%s is no UTF-8 (byte %zu); convert it first", what, bad + 1);
}

/* A text's last newline is the terminal's or the editor's, not part of what is said. */
static int read_text(mcl_inputs *in, size_t i, const char *word, motcl_err *err) {
  motcl_part *part = &in->part[i];
  *part = (motcl_part){.kind = MOTCL_PART_TEXT, .data = word, .size = strlen(word)};
  if (!strcmp(word, "-")) {
    int rc = mcl_stdin_read(&in->owned[i], &part->size, MCL_TOK_TEXT_MAX, err);
    if (rc != MOTCL_OK)
      return rc;
    part->data = in->owned[i];
    if (part->size && in->owned[i][part->size - 1] == '\n')
      part->size--;
  }
  if (!part->size)
    return mcl_fail(err, MOTCL_EINVAL, "the text is empty; say what is wanted");
  return mcl_check_utf8(part->data, part->size, "the text", err);
}

static int read_picture(mcl_inputs *in, size_t i, const char *word, motcl_err *err) {
  motcl_part *part = &in->part[i];
  *part = (motcl_part){.kind = MOTCL_PART_PICTURE, .name = strcmp(word, "-") ? word : "stdin"};
  int rc = strcmp(word, "-") ? mcl_file_read(&in->owned[i], &part->size, word, MOST_PICTURE, err)
                             : mcl_stdin_read(&in->owned[i], &part->size, MOST_PICTURE, err);
  part->data = in->owned[i];
  return rc;
}

static int check_stdin(const mcl_options *o, motcl_err *err) {
  size_t uses = 0;
  for (size_t i = 0; i < o->typed_count; i++)
    uses += !strcmp(o->typed[i].word, "-");
  if (uses > 1)
    return mcl_fail(err, MOTCL_EINVAL, "only one part can be -, stdin can be read only once");
  return MOTCL_OK;
}

static int read_noise(mcl_inputs *in, mcl_options *o, motcl_err *err) {
  size_t dim[MCL_NPY_MAX_RANK], count = 1;
  int rank;
  int rc = mcl_npy_read_f32(&in->noise, &rank, dim, o->noise, MOST_NOISE, err);
  if (rc != MOTCL_OK)
    return rc;
  for (int i = 0; i < rank; i++)
    count *= dim[i];
  o->request.settings.noise = in->noise;
  o->request.settings.noise_count = count;
  return MOTCL_OK;
}

int mcl_inputs_read(mcl_inputs *in, mcl_options *o, motcl_err *err) {
  in->part = mcl_zalloc(o->typed_count, sizeof *in->part);
  in->owned = (char **)mcl_zalloc(o->typed_count, sizeof(char *));
  if (!in->part || !in->owned)
    return mcl_fail_nomem(err, o->typed_count * sizeof *in->part);
  in->count = o->typed_count;
  int rc = check_stdin(o, err);
  for (size_t i = 0; i < in->count && rc == MOTCL_OK; i++)
    rc = o->typed[i].kind == MOTCL_PART_TEXT ? read_text(in, i, o->typed[i].word, err)
                                             : read_picture(in, i, o->typed[i].word, err);
  if (rc == MOTCL_OK && o->request.settings.negative)
    rc = mcl_check_utf8(o->request.settings.negative, strlen(o->request.settings.negative),
                        "the negative text", err);
  if (rc == MOTCL_OK && o->noise)
    rc = read_noise(in, o, err);
  o->request.part = in->part;
  o->request.parts = in->count;
  return rc;
}

void mcl_inputs_finish(mcl_inputs *in) {
  for (size_t i = 0; i < in->count; i++)
    mcl_free(in->owned[i]);
  mcl_free((void *)in->owned);
  mcl_free(in->part);
  mcl_free(in->noise);
  motcl_recipe_close(in->recipe);
  memset(in, 0, sizeof *in);
}
