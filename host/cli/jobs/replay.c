/* replay.c - the metadata of a picture become a job again. */
#include "cli/jobs/replay.h"

#include <stdlib.h>
#include <string.h>

#include "cli/jobs/protocol.h"
#include "cli/jobs/read.h"
#include "cli/memory.h"

static bool is_stdin(const char *name) {
  return !strcmp(name, "-");
}

int mcl_replay_lines(motcl_line **line, size_t *lines, char **bytes, size_t *n, const char *name,
                     motcl_err *err) {
  char *data = NULL;
  size_t size = 0;
  int rc = mcl_read(&data, &size, name, MCL_MOST_PICTURE, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = motcl_picture_lines(line, lines, data, size, err);
  if (rc != MOTCL_OK)
    mcl_fail_about(err, rc, mcl_read_name(name));
  if (rc == MOTCL_OK && bytes) {
    *bytes = data;
    *n = size;
  } else {
    free(data);
  }
  return rc;
}

static int check_line(const mcl_options *o, motcl_err *err) {
  static const char *const others[] = {"text", "system", "write", "until-done", "job"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (mcl_option_given(o, others[i]))
      return motcl_fail(
          err, MOTCL_EINVAL,
          "--%s does not go with --like: the picture says what is drawn; leave it out", others[i]);
  for (size_t i = 0; i < o->typed_count; i++)
    if (is_stdin(o->like) && o->typed[i].kind == MOTCL_ITEM_INPUT && is_stdin(o->typed[i].word))
      return motcl_fail(err, MOTCL_EINVAL,
                        "--like and -i cannot both be -, stdin can be read only once");
  return MOTCL_OK;
}

static int read_recipe(motcl_recipe **r, const char *name, motcl_err *err) {
  motcl_line *line;
  size_t lines;
  int rc = mcl_replay_lines(&line, &lines, NULL, NULL, name, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = motcl_recipe_read(r, line, lines, err);
  if (rc != MOTCL_OK)
    mcl_fail_about(err, rc, mcl_read_name(name));
  motcl_free(line);
  return rc;
}

/* The pictures of the line in the places of those the recipe lacks. */
static int give_pictures(mcl_inputs *in, motcl_err *err) {
  size_t missing = motcl_recipe_missing(in->recipe), given = 0;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < in->count; i++)
    given += in->item[i].kind == MOTCL_ITEM_INPUT;
  if (given < missing)
    return motcl_fail(err, MOTCL_EINVAL,
                      "the picture was drawn from %zu picture%s, which it does not carry; give %s "
                      "with -i, in the order they had",
                      missing, missing == 1 ? "" : "s", missing == 1 ? "it" : "all of them");
  for (size_t i = 0; i < in->count && rc == MOTCL_OK; i++)
    if (in->item[i].kind == MOTCL_ITEM_INPUT)
      rc = motcl_recipe_picture(in->recipe, &in->item[i].part, err);
  return rc;
}

static int check_noise(mcl_inputs *in, const mcl_options *o, motcl_err *err) {
  const motcl_settings *s = &o->request.settings;
  if (!motcl_recipe_lacks_noise(in->recipe))
    return MOTCL_OK;
  if (!s->noise)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "the picture was drawn from noise of a file, which it does not carry; give it "
        "with --noise");
  return motcl_recipe_noise(in->recipe, s->noise, s->noise_count, err);
}

/* The request of the picture, and what the line says over it. */
static int take_recipe(mcl_inputs *in, mcl_options *o, motcl_err *err) {
  int rc = read_recipe(&in->recipe, o->like, err);
  if (rc != MOTCL_OK)
    return rc;
  const motcl_request *r = motcl_recipe_request(in->recipe);
  rc = mcl_options_over(o, &r->settings, r->seed, err);
  if (rc == MOTCL_OK)
    rc = mcl_protocol_take(o, err);
  if (rc == MOTCL_OK)
    rc = mcl_inputs_read(in, o, err);
  o->request.part = r->part;
  o->request.parts = r->parts;
  o->request.output = r->output;
  o->request.outputs = r->outputs;
  o->request.items = 0;
  return rc;
}

int mcl_replay_read(mcl_inputs *in, mcl_options *o, motcl_err *err) {
  int rc = check_line(o, err);
  if (rc == MOTCL_OK)
    rc = take_recipe(in, o, err);
  if (rc == MOTCL_OK)
    rc = give_pictures(in, err);
  return rc == MOTCL_OK ? check_noise(in, o, err) : rc;
}
