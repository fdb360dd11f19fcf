/* protocol.c - finding a protocol, and its settings under those of the line. */
#include "cli/jobs/protocol.h"

#include <jansson.h>
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
    draws = draws ||
            (t->kind == MOTCL_ITEM_OUTPUT && (t->output != MOTCL_OUTPUT_TEXT || t->until_done));
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

/* ---- answers with pictures ---- */

static mcl_typed_item *until_done_of(const mcl_options *o, size_t *at) {
  for (*at = 0; *at < o->typed_count; ++*at)
    if (o->typed[*at].until_done)
      return &o->typed[*at];
  return NULL;
}

static int check_until_done(const mcl_options *o, size_t at, motcl_err *err) {
  const motcl_settings *s = o->typed[at].own ? &o->typed[at].settings : &o->request.settings;
  if (at + 1 != o->typed_count)
    return motcl_fail(err, MOTCL_EINVAL,
                      "--until-done stands last: what comes behind it is said after an end that "
                      "nobody knows");
  if (s->think)
    return motcl_fail(err, MOTCL_EINVAL,
                      "--think does not go with --until-done, which thinks by itself");
  return MOTCL_OK;
}

/* Each as the first: a picture that is asked for and a text, by turns. */
static int add_turns(mcl_options *o, size_t at, motcl_err *err) {
  uint32_t pictures = o->max_pictures ? o->max_pictures : 3;
  int rc = MOTCL_OK;
  for (uint32_t i = 1; i <= 2 * pictures && rc == MOTCL_OK; i++) {
    mcl_typed_item next = o->typed[at];
    next.output = i % 2 ? MOTCL_OUTPUT_PICTURE_IF_ASKED : MOTCL_OUTPUT_TEXT;
    next.until_done = false;
    next.stop = NULL; /* the list is the first one's */
    next.seed += i;
    rc = mcl_options_add(o, &next, err);
  }
  return rc;
}

/* The text that the protocol says first. */
static int add_system(mcl_options *o, motcl_err *err) {
  const char *protocol = o->request.settings.protocol;
  char *json = NULL;
  for (size_t i = 0; i < o->typed_count; i++)
    if (o->typed[i].kind == MOTCL_ITEM_INPUT && o->typed[i].part == MOTCL_PART_SYSTEM)
      return MOTCL_OK;
  int rc = motcl_protocol_json(&json, protocol ? protocol : "bagel", err);
  if (rc != MOTCL_OK)
    return rc;
  json_t *j = json_loads(json, 0, NULL);
  const json_t *until_done = json_object_get(j, "until_done"), *think = json_object_get(j, "think");
  const char *text = json_string_value(json_object_get(until_done, "system"));
  if (!text)
    text = json_string_value(json_is_string(think) ? think : json_object_get(think, "text"));
  free(o->system_text);
  o->system_text = NULL;
  if (until_done && text)
    rc = mcl_copy_text(&o->system_text, text, err);
  json_decref(j);
  motcl_free(json);
  if (rc == MOTCL_OK && o->system_text)
    rc = mcl_options_add(o, &(mcl_typed_item){.part = MOTCL_PART_SYSTEM, .word = o->system_text},
                         err);
  if (rc != MOTCL_OK || !o->system_text)
    return rc;
  mcl_typed_item first = o->typed[o->typed_count - 1];
  memmove(o->typed + 1, o->typed, (o->typed_count - 1) * sizeof *o->typed);
  o->typed[0] = first;
  return MOTCL_OK;
}

int mcl_until_done(mcl_options *o, motcl_err *err) {
  size_t at;
  if (!until_done_of(o, &at)) {
    if (mcl_option_given(o, "max-pictures"))
      return motcl_fail(err, MOTCL_EINVAL, "--max-pictures goes with --until-done");
    return MOTCL_OK;
  }
  int rc = check_until_done(o, at, err);
  if (rc == MOTCL_OK)
    rc = add_turns(o, at, err);
  return rc == MOTCL_OK ? add_system(o, err) : rc;
}

static void take_word(char *to, size_t size, const json_t *word) {
  const char *text = json_string_value(word);
  if (text && strlen(text) < size)
    memcpy(to, text, strlen(text) + 1);
}

void mcl_protocol_words(mcl_thought_words *words, const char *protocol) {
  char *text = NULL;
  *words = mcl_thought_usual;
  if (!protocol || motcl_protocol_json(&text, protocol, NULL) != MOTCL_OK)
    return;
  json_t *file = json_loads(text, 0, NULL);
  const json_t *list = json_object_get(file, "thought");
  take_word(words->begin, sizeof words->begin, json_array_get(list, 0));
  take_word(words->end, sizeof words->end, json_array_get(list, 1));
  json_decref(file);
  motcl_free(text);
}
