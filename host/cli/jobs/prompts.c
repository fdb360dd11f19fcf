/* prompts.c - lines of prompts: a text each, or a JSON object whose keys are options. */
#include "cli/jobs/prompts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/jobs/read.h"
#include "cli/memory.h"

static int fail_at(const mcl_prompts *p, size_t line, size_t column, int code, motcl_err *err) {
  char where[MOTCL_MAX_STOP_TEXT];
  int n = snprintf(where, sizeof where, "%.200s, line %zu", p->name, line);
  if (column)
    snprintf(where + n, sizeof where - (size_t)n, ", column %zu", column);
  return mcl_fail_about(err, code, where);
}

int mcl_prompts_fail(const mcl_prompts *p, const mcl_prompt *prompt, int code, motcl_err *err) {
  return fail_at(p, prompt->line, 0, code, err);
}

/* From a quote to the one that ends its string. */
static const char *pass_string(const char *c) {
  for (c++; *c != '"'; c++)
    c += *c == '\\';
  return c;
}

/* The column, from 1, of key n of an object. */
static size_t column_of_key(const char *line, size_t n) {
  size_t depth = 0, column = 1;
  bool key = false; /* the next string is one */
  const char *c = line;
  for (; !(*c == '"' && key && !n); c++) {
    n -= *c == '"' && key;
    if (*c == '{' || *c == '[')
      depth++;
    else if (*c == '}' || *c == ']')
      depth--;
    key = depth == 1 && (*c == '{' || *c == ',' || (key && *c != '"'));
    if (*c == '"')
      c = pass_string(c);
  }
  for (; line < c; line++)
    column += ((unsigned char)*line & 0xC0) != 0x80;
  return column;
}

/* What a line can say besides its text and pictures: how, and where to. */
static bool can_say(const mcl_option *row) {
  return row->section == MCL_SECTION_PICTURE || row->section == MCL_SECTION_TEXT ||
         !strcmp(row->name, "seed") || !strcmp(row->name, "output");
}

static int takes(const char *key, const char *what, motcl_err *err) {
  return motcl_fail(err, MOTCL_EINVAL, "\"%.80s\" takes %s", key, what);
}

/* A number as it is typed. A double is told whole by 17 digits. */
static int set_number(mcl_options *o, const mcl_option *row, const json_t *value, motcl_err *err) {
  char typed[64];
  if (json_is_integer(value))
    snprintf(typed, sizeof typed, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
  else
    snprintf(typed, sizeof typed, "%.17g", json_real_value(value));
  return mcl_option_take(o, row, typed, MCL_GIVEN_TYPED, err);
}

static int set_stops(mcl_options *o, const mcl_option *row, const json_t *value, motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < json_array_size(value) && rc == MOTCL_OK; i++) {
    const char *text = json_string_value(json_array_get(value, i));
    rc =
        text ? mcl_option_take(o, row, text, MCL_GIVEN_TYPED, err) : takes(row->name, "texts", err);
  }
  return rc;
}

static int set_option(mcl_options *o, const mcl_option *row, const json_t *value, motcl_err *err) {
  bool text = row->kind == MCL_OPT_TEXT || row->kind == MCL_OPT_STOP;
  const char *typed = json_string_value(value);
  if (row->kind == MCL_OPT_FLAG)
    typed = json_is_true(value) ? "on" : json_is_false(value) ? "off" : NULL;
  if (row->kind == MCL_OPT_FLAG && !typed)
    return takes(row->name, "true or false", err);
  if (typed)
    return mcl_option_take(o, row, typed, MCL_GIVEN_TYPED, err);
  if (row->kind == MCL_OPT_STOP && json_is_array(value))
    return set_stops(o, row, value, err);
  if (!text && json_is_number(value))
    return set_number(o, row, value, err);
  return takes(row->name, text ? "a text" : "a number or a text", err);
}

/* The first picture of a line takes the place of all that the command names. */
static int set_pictures(mcl_options *o, const json_t *value, motcl_err *err) {
  bool list = json_is_array(value);
  size_t n = list ? json_array_size(value) : 1;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    const char *name = json_string_value(list ? json_array_get(value, i) : value);
    rc = name ? mcl_options_add(o, &(mcl_typed_item){.part = MOTCL_PART_PICTURE, .word = name}, err)
              : takes("picture", "a file's name, or a list of them", err);
  }
  return rc;
}

static int unknown(const char *key, const mcl_options *o, unsigned commands, motcl_err *err) {
  char word[96];
  const mcl_option *row = mcl_option_find(key);
  if (row && (row->commands & commands))
    return motcl_fail(err, MOTCL_EINVAL,
                      "\"%s\" is one thing for all lines; give --%s behind the command", key, key);
  snprintf(word, sizeof word, "--%.80s", key);
  return mcl_option_unknown(word, commands, o->command, err);
}

static unsigned commands_of(const mcl_options *o) {
  return mcl_command_find(o->command)->bit;
}

/* What a key says, but for the pictures, which have been seen to. */
static int set_key(mcl_prompt *q, const char **text, const char *key, const json_t *value,
                   motcl_err *err) {
  unsigned commands = commands_of(&q->o);
  const mcl_option *row = mcl_option_find(key);
  if (!strcmp(key, "prompt")) {
    *text = json_string_value(value);
    return *text ? MOTCL_OK : takes(key, "a text", err);
  }
  if (!strcmp(key, "picture") && !(commands & MCL_CMD_DRAW))
    return set_pictures(&q->o, value, err);
  q->seeded = q->seeded || !strcmp(key, "seed");
  q->named = q->named || !strcmp(key, "output");
  return row && (row->commands & commands) && can_say(row) ? set_option(&q->o, row, value, err)
                                                           : unknown(key, &q->o, commands, err);
}

static int read_object(mcl_prompts *p, mcl_prompt *q, const char *line, const char **text,
                       motcl_err *err) {
  json_error_t why;
  const char *key;
  json_t *value;
  size_t n = 0;
  q->object = json_loads(line, JSON_REJECT_DUPLICATES, &why);
  if (!q->object)
    return fail_at(
        p, q->line, why.column > 0 ? (size_t)why.column : 1,
        motcl_fail(err, MOTCL_EFORMAT, "a line that begins with { is JSON: %s", why.text), err);
  json_object_foreach(q->object, key, value) {
    int rc = set_key(q, text, key, value, err);
    if (rc != MOTCL_OK)
      return fail_at(p, q->line, column_of_key(line, n), rc, err);
    n++;
  }
  if (*text)
    return MOTCL_OK;
  return mcl_prompts_fail(p, q, motcl_fail(err, MOTCL_EINVAL, "\"prompt\", the text, is missing"),
                          err);
}

/* The command's items of that kind. */
static int add_typed(mcl_options *to, const mcl_options *from, motcl_item_kind kind, bool picture,
                     motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < from->typed_count && rc == MOTCL_OK; i++) {
    const mcl_typed_item *t = &from->typed[i];
    if (t->kind == kind &&
        (kind == MOTCL_ITEM_OUTPUT || (t->part == MOTCL_PART_PICTURE) == picture))
      rc = mcl_options_add(to, t, err);
  }
  return rc;
}

static bool has_picture(const mcl_options *o) {
  for (size_t i = 0; i < o->typed_count; i++)
    if (o->typed[i].kind == MOTCL_ITEM_INPUT && o->typed[i].part == MOTCL_PART_PICTURE)
      return true;
  return false;
}

static int check_items(const mcl_options *o, motcl_err *err) {
  if (commands_of(o) == MCL_CMD_EDIT && !has_picture(o))
    return motcl_fail(err, MOTCL_EINVAL,
                      "the picture is missing; name it behind the command for all lines, or as "
                      "\"picture\" in a line that is JSON");
  for (size_t i = 0; i < o->typed_count; i++)
    if (o->typed[i].kind == MOTCL_ITEM_INPUT && !strcmp(o->typed[i].word, "-"))
      return motcl_fail(err, MOTCL_EINVAL,
                        "'-' is stdin, which can be read once and not for each "
                        "line; write the text or name the file");
  if (o->output && !strcmp(o->output, "-"))
    return motcl_fail(err, MOTCL_EINVAL, "--prompts draws to files, not to stdout; name them");
  return MOTCL_OK;
}

/* System texts, pictures, the text of the line, and the output. */
static int read_prompt(mcl_prompts *p, mcl_prompt *q, const char *line, const mcl_options *o,
                       motcl_err *err) {
  const char *begin = line + strspn(line, " \t"), *text = *begin == '{' ? NULL : line;
  int rc = add_typed(&q->o, o, MOTCL_ITEM_INPUT, false, err);
  if (rc == MOTCL_OK && *begin == '{')
    rc = read_object(p, q, line, &text, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!has_picture(&q->o))
    rc = add_typed(&q->o, o, MOTCL_ITEM_INPUT, true, err);
  if (rc == MOTCL_OK)
    rc = mcl_options_add(&q->o, &(mcl_typed_item){.part = MOTCL_PART_TEXT, .word = text}, err);
  if (rc == MOTCL_OK)
    rc = add_typed(&q->o, o, MOTCL_ITEM_OUTPUT, false, err);
  if (rc == MOTCL_OK)
    rc = check_items(&q->o, err);
  return rc == MOTCL_OK ? rc : mcl_prompts_fail(p, q, rc, err);
}

static int add_prompt(mcl_prompts *p, const char *line, size_t number, const mcl_options *o,
                      motcl_err *err) {
  void *list = p->prompt;
  int rc = mcl_one_more(&list, &p->cap, p->count, sizeof *p->prompt, err);
  if (rc != MOTCL_OK)
    return rc;
  p->prompt = list;
  mcl_prompt *q = &p->prompt[p->count++];
  *q = (mcl_prompt){.line = number};
  mcl_options_copy(&q->o, o);
  return read_prompt(p, q, line, o, err);
}

int mcl_prompts_read(mcl_prompts *p, const mcl_options *o, motcl_err *err) {
  size_t n = 0, number = 1;
  p->name = mcl_read_name(o->prompts);
  int rc = mcl_read(&p->text, &n, o->prompts, MOTCL_MAX_MESSAGE, err);
  if (rc == MOTCL_OK)
    rc = motcl_text_plain(p->text, &n, p->name, 1, err);
  for (char *line = p->text, *end; rc == MOTCL_OK && line; line = end, number++) {
    end = strchr(line, '\n');
    if (end)
      *end++ = 0;
    if (line[strspn(line, " \t")])
      rc = add_prompt(p, line, number, o, err);
  }
  if (rc == MOTCL_OK && !p->count)
    rc = motcl_fail(err, MOTCL_EINVAL, "%s holds no prompt; each of its lines is one", p->name);
  return rc;
}

void mcl_prompts_finish(mcl_prompts *p) {
  for (size_t i = 0; i < p->count; i++) {
    mcl_options_finish(&p->prompt[i].o);
    json_decref(p->prompt[i].object);
  }
  free(p->prompt);
  free(p->text);
  memset(p, 0, sizeof *p);
}
