/* protocol.c - finding a protocol, and its settings under those of the line. */
#include "cli/jobs/protocol.h"

#include <stdlib.h>
#include <string.h>

#include "cli/jobs/read.h"
#include "cli/jobs/run.h"
#include "cli/memory.h"

bool mcl_job_edits(const mcl_options *o) {
  bool shows = !strcmp(o->command, "edit"), draws = shows;
  for (size_t i = 0; i < o->typed_count; i++) {
    const mcl_typed_item *t = &o->typed[i];
    shows = shows || (t->kind == MOTCL_ITEM_INPUT && t->part == MOTCL_PART_PICTURE);
    draws = draws || (t->kind == MOTCL_ITEM_OUTPUT && t->output != MOTCL_OUTPUT_TEXT);
  }
  return shows && draws;
}

static bool ships(const char *name) {
  for (size_t i = 0; motcl_protocol_at(i); i++)
    if (!strcmp(motcl_protocol_at(i), name))
      return true;
  return false;
}

/* A name without a dot or a slash is no file's: who mistypes one hears which there are. */
static int read_named(mcl_options *o, const char **text, motcl_err *err) {
  size_t n;
  *text = o->protocol;
  if (ships(o->protocol) || !strpbrk(o->protocol, "./"))
    return MOTCL_OK;
  free(o->protocol_text);
  o->protocol_text = NULL;
  int rc = mcl_read(&o->protocol_text, &n, o->protocol, MOTCL_MAX_PROTOCOL, err);
  *text = o->protocol_text;
  if (rc == MOTCL_OK && strlen(*text) != n)
    rc = motcl_fail(err, MOTCL_EFORMAT, "'%.300s' holds a NUL, and is no protocol", o->protocol);
  return rc;
}

static int find(mcl_options *o, const mcl_env *env, const char **text, motcl_err *err) {
  const char *dir;
  char *own = NULL;
  *text = NULL;
  if (o->protocol)
    return read_named(o, text, err);
  if (mcl_model_folder(&dir, env, o, NULL) != MOTCL_OK)
    return MOTCL_OK;
  int rc = motcl_protocol_find(&own, dir, NULL); /* opening the model says what is wrong with it */
  if (rc != MOTCL_OK || !own)
    return MOTCL_OK;
  free(o->protocol_text);
  rc = mcl_copy_text(&o->protocol_text, own, err);
  motcl_free(own);
  *text = o->protocol_text;
  return rc;
}

int mcl_protocol_take(mcl_options *o, motcl_err *err) {
  return o->protocol ? read_named(o, &o->request.settings.protocol, err) : MOTCL_OK;
}

int mcl_protocol_settle(mcl_options *o, const mcl_env *env, bool edit, motcl_err *err) {
  const char *text;
  motcl_request usual;
  int rc = find(o, env, &text, err);
  if (rc != MOTCL_OK || !text)
    return rc;
  rc = motcl_request_usual(&usual, text, edit, err);
  if (rc != MOTCL_OK && o->protocol_text)
    return mcl_fail_about(err, rc, o->protocol ? o->protocol : "the model's protocol");
  return rc == MOTCL_OK ? mcl_options_default(o, &usual.settings, err) : rc;
}
