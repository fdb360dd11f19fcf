/* set.c - /set, by the one table of options. */
#include "cli/chat/set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/memory.h"
#include "cli/options/help.h"

/* Those that say how to draw and write; the others were settled when the conversation began. */
bool mcl_chat_can_set(const mcl_option *row) {
  return (row->commands & MCL_CMD_CHAT) &&
         (row->section == MCL_SECTION_PICTURE || row->section == MCL_SECTION_TEXT);
}

const mcl_option *mcl_chat_find_option(const char *name) {
  name += strspn(name, "-");
  for (size_t i = 0; i < mcl_option_count; i++)
    if (mcl_chat_can_set(&mcl_option_table[i]) && !strcmp(mcl_option_table[i].name, name))
      return &mcl_option_table[i];
  return NULL;
}

static int unknown(const char *name, motcl_err *err) {
  const char *names[MCL_MOST_OPTIONS + 1] = {NULL};
  size_t n = 0;
  for (size_t i = 0; i < mcl_option_count; i++)
    if (mcl_chat_can_set(&mcl_option_table[i]))
      names[n++] = mcl_option_table[i].name;
  const char *close = mcl_closest(name, names);
  if (close)
    return motcl_fail(err, MOTCL_EINVAL, "there is no option '%.80s'; did you mean '%s'?", name,
                      close);
  return motcl_fail(err, MOTCL_EINVAL, "there is no option '%.80s' to set; '/set' lists them",
                    name);
}

/* What an option sets, taken over from `from`. */
static void copy(mcl_options *to, const mcl_options *from, const mcl_option *row) {
  static const size_t bytes[] = {[MCL_OPT_FLAG] = sizeof(bool),
                                 [MCL_OPT_TEXT] = sizeof(char *),
                                 [MCL_OPT_U32] = sizeof(uint32_t),
                                 [MCL_OPT_U64] = sizeof(uint64_t),
                                 [MCL_OPT_F64] = sizeof(double)};
  motcl_settings *a = &to->request.settings;
  const motcl_settings *b = &from->request.settings;
  switch (row->kind) {
  case MCL_OPT_SIZE:
    a->width = b->width;
    a->height = b->height;
    break;
  case MCL_OPT_INTERVAL:
    a->guidance.lo = b->guidance.lo;
    a->guidance.hi = b->guidance.hi;
    break;
  case MCL_OPT_RENORM:
    a->guidance.renorm = b->guidance.renorm;
    break;
  case MCL_OPT_STOP:
    a->stop = b->stop;
    a->stops = b->stops;
    break;
  default:
    if ((size_t)row->kind < sizeof bytes / sizeof *bytes)
      memcpy((char *)to + row->offset, (const char *)from + row->offset, bytes[row->kind]);
  }
}

static void set_default(mcl_chat *c, const mcl_option *row) {
  mcl_options usual = {.request = motcl_request_default(false)};
  copy(c->drawing, &usual, row);
  usual.request = motcl_request_default(true);
  copy(&c->editing, &usual, row);
}

int mcl_chat_keep(mcl_chat *c, const char **value, bool typed, motcl_err *err) {
  void *p = (void *)c->kept;
  int rc = mcl_one_more(&p, &c->kept_cap, c->keeps, sizeof(char *), err);
  if (rc != MOTCL_OK)
    return rc;
  c->kept = (char **)p;
  rc = mcl_copy_text(&c->kept[c->keeps], *value, err);
  if (rc != MOTCL_OK)
    return rc;
  char *text = c->kept[c->keeps++];
  size_t n = strlen(text);
  *value = text;
  return typed ? motcl_text_plain(text, &n, "the text", 1, err) : MOTCL_OK;
}

/* For pictures as /draw makes them, and as /edit does where that differs. */
static const char *value_of(char out[200], const mcl_chat *c, const mcl_option *row) {
  char drawn[80], edited[80];
  mcl_option_text(drawn, c->drawing, row);
  mcl_option_text(edited, &c->editing, row);
  const char *both = *drawn ? drawn : row->other;
  if (strcmp(drawn, edited) != 0)
    snprintf(out, 200, "%s; /edit: %s", drawn, edited);
  else
    snprintf(out, 200, "%s", both ? both : "none");
  return out;
}

static int set_one(mcl_chat *c, const mcl_option *row, const char *value, motcl_err *err) {
  int rc = MOTCL_OK;
  if (!strcmp(value, "default")) {
    set_default(c, row);
    return MOTCL_OK;
  }
  if (row->kind == MCL_OPT_TEXT && !strcmp(value, "\"\""))
    value = "";
  if (row->kind == MCL_OPT_TEXT || row->kind == MCL_OPT_STOP)
    rc = mcl_chat_keep(c, &value, true, err);
  if (rc == MOTCL_OK)
    rc = mcl_option_set(c->drawing, row, value, err);
  return rc == MOTCL_OK ? mcl_option_set(&c->editing, row, value, err) : rc;
}

static void list_one(mcl_chat_list *list, const mcl_chat *c, const mcl_option *row) {
  char value[200];
  mcl_chat_list_add(list, row->name, row->argument ? row->argument : "on|off",
                    value_of(value, c, row), row->about);
}

int mcl_chat_set(mcl_chat *c, const char *name, const char *value, motcl_err *err) {
  const mcl_option *row = mcl_chat_find_option(name);
  char now[200];
  if (!row)
    return unknown(name, err);
  if (!*value) {
    mcl_chat_list list = {.outcome = c->outcome};
    list_one(&list, c, row);
    mcl_chat_list_end(&list, "options");
    return MOTCL_OK;
  }
  int rc = set_one(c, row, value, err);
  if (rc == MOTCL_OK)
    mcl_terminal_say(&c->terminal, false, "%s %s", row->name, value_of(now, c, row));
  return rc;
}

int mcl_chat_settings(mcl_chat *c) {
  mcl_chat_list list = {.outcome = c->outcome};
  for (size_t i = 0; i < mcl_option_count; i++)
    if (mcl_chat_can_set(&mcl_option_table[i]))
      list_one(&list, c, &mcl_option_table[i]);
  mcl_chat_list_end(&list, "options");
  return MOTCL_OK;
}
