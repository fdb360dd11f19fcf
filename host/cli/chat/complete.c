/* complete.c - see complete.h. Only ever adds: what was typed stays as it is, its quotes too. */
#include "cli/chat/complete.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/chat/chat.h"
#include "cli/chat/set.h"
#include "cli/memory.h"
#include "cli/word.h"

static const char blanks[] = " \t";

/* A name of n bytes, if it begins as what was typed. */
static int offer_n(mcl_completion *c, const char *typed, const char *name, size_t n,
                   motcl_err *err) {
  size_t have = strlen(typed);
  void *p = (void *)c->name;
  if (n < have || strncmp(name, typed, have) != 0)
    return MOTCL_OK;
  int rc = mcl_one_more(&p, &c->cap, c->names, sizeof(char *), err);
  if (rc != MOTCL_OK)
    return rc;
  c->name = (char **)p;
  char *copy = malloc(n + 1);
  if (!copy)
    return mcl_no_memory(err);
  memcpy(copy, name, n);
  copy[n] = 0;
  c->name[c->names++] = copy;
  return MOTCL_OK;
}

static int offer(mcl_completion *c, const char *typed, const char *name, motcl_err *err) {
  return offer_n(c, typed, name, strlen(name), err);
}

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Bytes that all names begin with, whole characters. */
static size_t common(const mcl_completion *c) {
  size_t n = strlen(c->name[0]);
  for (size_t i = 1; i < c->names; i++)
    for (size_t k = 0; k < n; k++)
      if (c->name[i][k] != c->name[0][k])
        n = k;
  while (n && ((unsigned char)c->name[0][n] & 0xC0) == 0x80)
    n--;
  return n;
}

/* Text behind what was typed, as it is written inside of that quote, 0 for none. */
static char *put_quoted(char *to, const char *text, size_t n, char quote, bool first) {
  for (size_t i = 0; i < n; i++) {
    bool begins = first && !i && strchr(" \t~", text[i]);
    const char *special = quote == '"' ? "\"\\$`" : quote == '$' ? "\\'" : "'\"\\$";
    if (quote == '\'' && text[i] == '\'')
      to += sprintf(to, "'\\'");
    else if (quote != '\'' && (strchr(special, text[i]) || (!quote && begins)))
      *to++ = '\\';
    *to++ = text[i];
  }
  return to;
}

/*
 * What belongs behind what was typed, `have` bytes of each name, in any case.
 *
 * quote  that is open there, or 0
 * end    what follows a name that is the only one; a folder goes on
 */
static int settle(mcl_completion *c, size_t have, char quote, const char *end, motcl_err *err) {
  if (c->names)
    qsort((void *)c->name, c->names, sizeof(char *), compare);
  size_t n = c->names ? common(c) - have : 0;
  char *to = malloc(4 * n + strlen(end) + 2);
  if (!to)
    return mcl_no_memory(err);
  c->add = to;
  if (n)
    to = put_quoted(to, c->name[0] + have, n, quote, !have);
  if (c->names == 1 && c->name[0][have + n - 1] != '/') {
    if (quote)
      *to++ = quote == '$' ? '\'' : quote;
    to += sprintf(to, "%s", end);
  }
  *to = 0;
  return MOTCL_OK;
}

static bool has_ending(const char *name, const char *takes) {
  motcl_format format;
  size_t n = strlen(name), end = strlen(takes);
  if (!strcmp(takes, "FILE"))
    return motcl_format_of_name(name, &format);
  takes += strlen("FILE");
  end -= strlen("FILE");
  return n > end && !strcmp(name + n - end, takes);
}

/* A file of a folder, if it can be meant: hidden ones only where they are begun, and none that cannot be
 * typed. A blank at the end of a line is none of the name. */
static int offer_file(mcl_completion *c, const char *dir, const char *name, const char *typed,
                      const char *takes, motcl_err *err) {
  char path[4096], shown[300];
  struct stat st;
  size_t n = strlen(name);
  motcl_name_text(shown, sizeof shown, name, false);
  if (!strcmp(name, ".") || !strcmp(name, "..") || (*name == '.' && *typed != '.') ||
      strcmp(shown, name) != 0 || strchr(blanks, name[n - 1]) ||
      snprintf(path, sizeof path, "%s%s", dir, name) >= (int)sizeof path || stat(path, &st) != 0)
    return MOTCL_OK;
  if (S_ISDIR(st.st_mode)) {
    snprintf(shown, sizeof shown, "%s/", name);
    return offer(c, typed, shown, err);
  }
  return S_ISREG(st.st_mode) && has_ending(name, takes) ? offer(c, typed, name, err) : MOTCL_OK;
}

/* Files of a folder whose name ends in a slash; "" is the one we are in. */
static int offer_files(mcl_completion *c, const char *dir, const char *typed, const char *takes,
                       motcl_err *err) {
  DIR *d = opendir(*dir ? dir : ".");
  int rc = MOTCL_OK;
  for (struct dirent *e; d && rc == MOTCL_OK && (e = readdir(d));)
    rc = offer_file(c, dir, e->d_name, typed, takes, err);
  if (d)
    closedir(d);
  return rc;
}

/* The name of a file is the whole rest of its line. */
static int complete_file(mcl_completion *c, char *word, const char *takes, const char *home,
                         motcl_err *err) {
  bool at_home = mcl_begins_at_home(word);
  char quote, *path = NULL;
  if (!strcmp(word, "~")) {
    int rc = offer(c, word, "~/", err);
    return rc == MOTCL_OK ? settle(c, 1, 0, "", err) : rc;
  }
  if (!mcl_unquote_begun(word, &quote) || (at_home && !home))
    return settle(c, 0, 0, "", err);
  int rc = at_home ? mcl_home_name(&path, word, home, err) : mcl_copy_text(&path, word, err);
  if (rc != MOTCL_OK)
    return rc;
  char *slash = strrchr(word, '/'), *typed = slash ? slash + 1 : word;
  path[strlen(path) - strlen(typed)] = 0;
  rc = offer_files(c, path, typed, takes, err);
  free(path);
  return rc == MOTCL_OK ? settle(c, strlen(typed), quote, "", err) : rc;
}

/* One of a|b|c. */
static int offer_words(mcl_completion *c, const char *typed, const char *words, motcl_err *err) {
  int rc = MOTCL_OK;
  while (*words && rc == MOTCL_OK) {
    size_t n = strcspn(words, "|");
    rc = offer_n(c, typed, words, n, err);
    words += n + (words[n] == '|');
  }
  return rc;
}

static int complete_words(mcl_completion *c, const char *typed, const char *words, motcl_err *err) {
  int rc = offer_words(c, typed, words, err);
  return rc == MOTCL_OK ? settle(c, strlen(typed), 0, "", err) : rc;
}

/* An option's name, or behind it what it takes where that is one of some words. */
static int complete_set(mcl_completion *c, char *typed, motcl_err *err) {
  int rc = MOTCL_OK;
  typed += strspn(typed, "-");
  char *value = typed + strcspn(typed, blanks);
  if (!*value) {
    for (size_t i = 0; i < mcl_option_count && rc == MOTCL_OK; i++)
      if (mcl_chat_can_set(&mcl_option_table[i]))
        rc = offer(c, typed, mcl_option_table[i].name, err);
    return rc == MOTCL_OK ? settle(c, strlen(typed), 0, " ", err) : rc;
  }
  *value++ = 0;
  value += strspn(value, blanks);
  const mcl_option *row = mcl_chat_find_option(typed);
  const char *words = !row ? "" : row->argument ? row->argument : "on|off";
  if (row)
    rc = offer(c, value, "default", err);
  if (rc == MOTCL_OK && strchr(words, '|'))
    rc = offer_words(c, value, words, err);
  return rc == MOTCL_OK ? settle(c, strlen(value), 0, "", err) : rc;
}

static int complete_command(mcl_completion *c, const char *typed, motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < mcl_chat_commands && rc == MOTCL_OK; i++)
    rc = offer(c, typed, mcl_chat_command(i), err);
  if (rc != MOTCL_OK)
    return rc;
  bool goes_on = c->names == 1 && *mcl_chat_takes(c->name[0]);
  return settle(c, strlen(typed), 0, goes_on ? " " : "", err);
}

int mcl_chat_complete(mcl_completion *c, char *line, const char *home, motcl_err *err) {
  char *rest = line + strcspn(line, blanks);
  if (*line != '/')
    return settle(c, 0, 0, "", err);
  if (!*rest)
    return complete_command(c, line, err);
  *rest++ = 0;
  rest += strspn(rest, blanks);
  const char *takes = mcl_chat_takes(line);
  if (!strncmp(takes, "FILE", strlen("FILE")))
    return complete_file(c, rest, takes, home, err);
  if (!strncmp(takes, "[OPTION", strlen("[OPTION")))
    return complete_set(c, rest, err);
  return complete_words(c, rest, strchr(takes, '|') ? takes : "", err);
}

void mcl_completion_finish(mcl_completion *c) {
  for (size_t i = 0; i < c->names; i++)
    free(c->name[i]);
  free((void *)c->name);
  free(c->add);
  *c = (mcl_completion){0};
}
