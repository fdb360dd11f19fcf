/* inputs.c - reading what a job takes in. */
#include "cli/jobs/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "cli/jobs/read.h"
#include "cli/memory.h"

#define MOST_NOISE ((size_t)1 << 28)

/* Of a text that is read, the last newline is the terminal's or the editor's, not part of what is
 * said. */
static int read_text(mcl_inputs *in, size_t i, const mcl_typed_item *typed, motcl_err *err) {
  motcl_part *part = &in->item[i].part;
  bool read = !strcmp(typed->word, "-");
  *part = (motcl_part){.kind = typed->part, .size = strlen(typed->word)};
  int rc = read ? mcl_read(&in->owned[i], &part->size, typed->word, MOTCL_MAX_TEXT, err)
                : mcl_copy_text(&in->owned[i], typed->word, err);
  part->data = in->owned[i];
  if (rc == MOTCL_OK)
    rc = motcl_text_plain(in->owned[i], &part->size, read ? "stdin" : "the text", 1, err);
  if (rc == MOTCL_OK && read && part->size && in->owned[i][part->size - 1] == '\n')
    part->size--;
  return rc;
}

/* The negative text of settings that was typed, through the same door; `owned` keeps it. */
static int read_negative(char **owned, motcl_settings *s, motcl_err *err) {
  if (!s->negative)
    return MOTCL_OK;
  size_t n = strlen(s->negative);
  int rc = mcl_copy_text(owned, s->negative, err);
  if (rc == MOTCL_OK)
    rc = motcl_text_plain(*owned, &n, "the negative text", 1, err);
  if (rc == MOTCL_OK)
    s->negative = *owned;
  return rc;
}

static int read_picture(mcl_inputs *in, size_t i, const char *word, motcl_err *err) {
  motcl_part *part = &in->item[i].part;
  *part = (motcl_part){.kind = MOTCL_PART_PICTURE, .name = mcl_read_name(word)};
  int rc = mcl_read(&in->owned[i], &part->size, word, MCL_MOST_PICTURE, err);
  part->data = in->owned[i];
  return rc;
}

static int check_stdin(const mcl_options *o, motcl_err *err) {
  size_t uses = 0;
  for (size_t i = 0; i < o->typed_count; i++)
    uses += o->typed[i].kind == MOTCL_ITEM_INPUT && !strcmp(o->typed[i].word, "-");
  if (uses > 1)
    return motcl_fail(err, MOTCL_EINVAL, "only one part can be -, stdin can be read only once");
  return MOTCL_OK;
}

static int read_noise(float **noise, motcl_settings *s, const char *name, motcl_err *err) {
  int rc = motcl_npy_read_f32(noise, &s->noise_count, name, MOST_NOISE, err);
  s->noise = *noise;
  return rc;
}

/* Settings of its own have the job's noise, if they name none. */
static int read_output(mcl_inputs *in, size_t i, const mcl_options *o, motcl_err *err) {
  mcl_typed_item *typed = &o->typed[i];
  in->item[i] = (motcl_item){.kind = MOTCL_ITEM_OUTPUT,
                             .output = typed->output,
                             .settings = typed->own ? &typed->settings : NULL,
                             .seeded = typed->seeded,
                             .seed = typed->seed};
  typed->settings.noise = o->request.settings.noise;
  typed->settings.noise_count = o->request.settings.noise_count;
  int rc = read_negative(&in->owned[i], &typed->settings, err);
  if (rc == MOTCL_OK && typed->noise)
    rc = read_noise(&in->noise[i], &typed->settings, typed->noise, err);
  return rc;
}

static int read_item(mcl_inputs *in, size_t i, const mcl_options *o, motcl_err *err) {
  const mcl_typed_item *typed = &o->typed[i];
  if (typed->kind == MOTCL_ITEM_OUTPUT)
    return read_output(in, i, o, err);
  return typed->part == MOTCL_PART_PICTURE ? read_picture(in, i, typed->word, err)
                                           : read_text(in, i, typed, err);
}

int mcl_inputs_read(mcl_inputs *in, mcl_options *o, motcl_err *err) {
  in->item = calloc(o->typed_count + 1, sizeof *in->item);
  in->owned = (char **)calloc(o->typed_count + 1, sizeof(char *));
  in->noise = (float **)calloc(o->typed_count + 1, sizeof(float *));
  if (!in->item || !in->owned || !in->noise)
    return mcl_no_memory(err);
  in->count = o->typed_count;
  int rc = check_stdin(o, err);
  if (rc == MOTCL_OK && mcl_option_given(o, "negative")) /* else it is a recipe's, to the byte */
    rc = read_negative(&in->owned[in->count], &o->request.settings, err);
  if (rc == MOTCL_OK && o->noise)
    rc = read_noise(&in->noise[in->count], &o->request.settings, o->noise, err);
  for (size_t i = 0; i < in->count && rc == MOTCL_OK; i++)
    rc = read_item(in, i, o, err);
  o->request.item = in->item;
  o->request.items = in->count;
  return rc;
}

void mcl_inputs_finish(mcl_inputs *in) {
  for (size_t i = 0; in->owned && i <= in->count; i++)
    free(in->owned[i]);
  for (size_t i = 0; in->noise && i <= in->count; i++)
    motcl_free(in->noise[i]);
  free((void *)in->owned);
  free((void *)in->noise);
  free(in->item);
  free(in->changed);
  free(in->settings);
  motcl_recipe_close(in->recipe);
  memset(in, 0, sizeof *in);
}
