/* inputs.c - reading what a job takes in. */
#include "cli/jobs/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "cli/jobs/read.h"
#include "cli/memory.h"

#define MOST_NOISE ((size_t)1 << 28)

/* A text's last newline is the terminal's or the editor's, not part of what is said. */
static int read_text(mcl_inputs *in, size_t i, const char *word, motcl_err *err) {
  motcl_part *part = &in->part[i];
  *part = (motcl_part){.kind = MOTCL_PART_TEXT, .data = word, .size = strlen(word)};
  if (strcmp(word, "-") != 0)
    return MOTCL_OK;
  int rc = mcl_read(&in->owned[i], &part->size, word, MOTCL_MAX_TEXT, err);
  part->data = in->owned[i];
  if (rc == MOTCL_OK && part->size && in->owned[i][part->size - 1] == '\n')
    part->size--;
  return rc;
}

static int read_picture(mcl_inputs *in, size_t i, const char *word, motcl_err *err) {
  motcl_part *part = &in->part[i];
  *part = (motcl_part){.kind = MOTCL_PART_PICTURE, .name = mcl_read_name(word)};
  int rc = mcl_read(&in->owned[i], &part->size, word, MCL_MOST_PICTURE, err);
  part->data = in->owned[i];
  return rc;
}

static int check_stdin(const mcl_options *o, motcl_err *err) {
  size_t uses = 0;
  for (size_t i = 0; i < o->typed_count; i++)
    uses += !strcmp(o->typed[i].word, "-");
  if (uses > 1)
    return motcl_fail(err, MOTCL_EINVAL, "only one part can be -, stdin can be read only once");
  return MOTCL_OK;
}

static int read_noise(mcl_inputs *in, mcl_options *o, motcl_err *err) {
  int rc =
      motcl_npy_read_f32(&in->noise, &o->request.settings.noise_count, o->noise, MOST_NOISE, err);
  o->request.settings.noise = in->noise;
  return rc;
}

int mcl_inputs_read(mcl_inputs *in, mcl_options *o, motcl_err *err) {
  in->part = calloc(o->typed_count + 1, sizeof *in->part);
  in->owned = (char **)calloc(o->typed_count + 1, sizeof(char *));
  if (!in->part || !in->owned)
    return mcl_no_memory(err);
  in->count = o->typed_count;
  int rc = check_stdin(o, err);
  for (size_t i = 0; i < in->count && rc == MOTCL_OK; i++)
    rc = o->typed[i].kind == MOTCL_PART_TEXT ? read_text(in, i, o->typed[i].word, err)
                                             : read_picture(in, i, o->typed[i].word, err);
  if (rc == MOTCL_OK && o->noise)
    rc = read_noise(in, o, err);
  o->request.part = in->part;
  o->request.parts = in->count;
  return rc;
}

void mcl_inputs_finish(mcl_inputs *in) {
  for (size_t i = 0; i < in->count; i++)
    free(in->owned[i]);
  free((void *)in->owned);
  free(in->part);
  motcl_free(in->noise);
  motcl_recipe_close(in->recipe);
  memset(in, 0, sizeof *in);
}
