/* inspect_picture.c - motcl inspect, of a picture file: what it says of its making. What it says
 * may be anybody's words: nothing of it reaches a terminal as a command to it. */
#include "cli/inspect_picture.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cli/jobs/replay.h"
#include "cli/jobs/read.h"
#include "cli/memory.h"
#include "cli/print.h"

enum { COLUMN = 17 };

/* A file looked at. `whole` tells that a request could be read out of its lines; else `why`. */
typedef struct look {
  const char *name, *format;
  uint32_t width, height;
  motcl_line *line;
  size_t lines, pictures;
  bool whole;
  motcl_err why;
} look;

bool mcl_is_picture(const char *name) {
  static const char *const weights[] = {".safetensors", ".sft", ".json", ".gguf",      ".bin",
                                        ".pt",          ".pth", ".ckpt", ".incomplete"};
  struct stat st;
  const char *ending = strrchr(name, '.');
  for (size_t i = 0; ending && i < sizeof weights / sizeof *weights; i++)
    if (!strcasecmp(ending, weights[i]))
      return false;
  return !strcmp(name, "-") || (stat(name, &st) == 0 && !S_ISDIR(st.st_mode));
}

static int read_pixels(look *l, const char *bytes, size_t n, motcl_err *err) {
#define WORD(name, word) word,
  static const char *const words[] = {MOTCL_FORMAT_LIST(WORD)};
#undef WORD
  motcl_format format;
  uint8_t *rgb;
  int rc = motcl_picture_decode(&rgb, &l->width, &l->height, &format, bytes, n, true, err);
  if (rc != MOTCL_OK)
    return mcl_fail_about(err, rc, l->name);
  l->format = words[format];
  motcl_free(rgb);
  return MOTCL_OK;
}

static int read_recipe(look *l, motcl_err *err) {
  motcl_recipe *r;
  int rc = motcl_recipe_read(&r, l->line, l->lines, &l->why);
  l->whole = rc == MOTCL_OK;
  if (rc == MOTCL_ENOMEM && err)
    *err = l->why;
  if (!l->whole)
    return rc == MOTCL_ENOMEM ? rc : MOTCL_OK;
  l->pictures = motcl_recipe_missing(r);
  motcl_recipe_close(r);
  return MOTCL_OK;
}

/* ---- text ---- */

static void print_line(const char *key, const char *value) {
  int width = mcl_print_clean(key, COLUMN);
  printf("%*s", width < COLUMN ? COLUMN - width : 1, "");
  mcl_print_clean(value, COLUMN);
  putchar('\n');
}

/* A setting a line, or the text as it is if it is no object. */
static void print_settings(const char *text) {
  json_t *all, *value;
  const char *key;
  if (!(all = json_loads(text, JSON_REJECT_DUPLICATES, NULL))) {
    print_line("settings", text);
    return;
  }
  json_object_foreach(all, key, value) {
    char *shown = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    print_line(key, json_string_length(value) ? json_string_value(value) : shown ? shown : "?");
    free(shown);
  }
  json_decref(all);
}

static void print_text(const look *l) {
  char name[MCL_NAME_TEXT];
  motcl_name_text(name, sizeof name, l->name, false);
  printf("%s\n%s of %ux%u\n", name, l->format, l->width, l->height);
  motcl_name_text(name, sizeof name, l->name, true);
  if (l->lines)
    putchar('\n');
  for (size_t i = 0; i < l->lines; i++) {
    if (!strcmp(l->line[i].key, "settings"))
      print_settings(l->line[i].value);
    else
      print_line(l->line[i].key, l->line[i].value);
  }
  putchar('\n');
  if (!l->whole)
    printf("It cannot be made again: %s.\n", l->why.text);
  else if (!l->pictures)
    printf("To make it again: motcl run --like %s\n", name);
  else
    printf("To make it again: motcl run --like %s, with -i for each of the %zu picture%s it was "
           "drawn from\n",
           name, l->pictures, l->pictures == 1 ? "" : "s");
}

/* ---- JSON ---- */

/* Values as they stand in the file, JSON unpacked where they are that; of one key the first. */
static json_t *lines_json(const look *l) {
  json_t *all = json_object();
  for (size_t i = 0; i < l->lines; i++) {
    const motcl_line *line = &l->line[i];
    json_t *value = NULL;
    if (json_object_get(all, line->key))
      continue;
    if ((strcmp(line->key, "settings") != 0 && strcmp(line->key, "parts") != 0) ||
        !(value = json_loads(line->value, JSON_REJECT_DUPLICATES, NULL)))
      value = json_string(line->value);
    json_object_set_new(all, line->key, value);
  }
  return all;
}

static json_t *to_json(const look *l) {
  return json_pack("{s:o, s:s, s:I, s:I, s:o, s:b, s:I, s:s?}", "file", mcl_json_text(l->name),
                   "format", l->format, "width", (json_int_t)l->width, "height",
                   (json_int_t)l->height, "metadata", lines_json(l), "repeatable", l->whole,
                   "pictures", (json_int_t)l->pictures, "why", l->whole ? NULL : l->why.text);
}

int mcl_inspect_picture(const char *name, mcl_outcome *outcome, motcl_err *err) {
  look l = {.name = strcmp(name, "-") ? name : "stdin"};
  char *bytes = NULL;
  size_t n = 0;
  int rc = mcl_replay_lines(&l.line, &l.lines, &bytes, &n, name, err);
  if (rc == MOTCL_OK)
    rc = read_pixels(&l, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = read_recipe(&l, err);
  if (rc == MOTCL_OK && outcome)
    mcl_outcome_update(outcome, to_json(&l));
  else if (rc == MOTCL_OK)
    print_text(&l);
  motcl_free(l.line);
  free(bytes);
  return rc;
}
