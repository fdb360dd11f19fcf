/* config.c - reading the configuration, and what of it holds for a command. */
#include "cli/options/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/jobs/read.h"
#include "cli/memory.h"
#include "cli/options/options.h"
#include "cli/word.h"

enum { MOST = 1 << 20 }; /* bytes */

static const char blanks[] = " \t";

/* Whether there is a file that can be ours: one in somebody's folder that we cannot look into is not. */
static bool is_there(const char *file) {
  struct stat st;
  return stat(file, &st) == 0 || (errno != ENOENT && errno != ENOTDIR && errno != EACCES);
}

/* The file that is read unasked. Its group may write to it where that is the user's own. */
static int check_owner(const char *file, const struct stat *st, motcl_err *err) {
  if (st->st_uid != geteuid() && st->st_uid != 0)
    return motcl_fail(err, MOTCL_EINVAL,
                      "'%.300s' belongs to somebody else; name it with --config if you trust it, "
                      "or pass it over with --no-config",
                      file);
  if (st->st_mode & S_IWOTH || (st->st_mode & S_IWGRP && st->st_gid != getegid()))
    return motcl_fail(err, MOTCL_EINVAL,
                      "others can write to '%.300s'; forbid that with chmod go-w, or pass it over "
                      "with --no-config",
                      file);
  return MOTCL_OK;
}

/* Why an option cannot stand in the file, or NULL. */
static const char *refusal(const mcl_option *row) {
  static const char *const single[] = {
      "help", "help-all", "version", "json",  "check", "decode",     "count",        "dump-layers",
      "id",   "deadline", "open",    "watch", "hold",  "build-only", "store-kernels"};
  if (row->section == MCL_SECTION_PARTS)
    return "what is said and asked for is typed each time";
  if (!strcmp(row->name, "dump") ||
      (row->argument && !strncmp(row->argument, "FILE", strlen("FILE"))))
    return "a file of one run is named where that is typed";
  if (row->kind == MCL_OPT_PRESET || !strcmp(row->name, "no-config"))
    return "it says what of this file is wanted";
  for (size_t i = 0; i < sizeof single / sizeof *single; i++)
    if (!strcmp(row->name, single[i]))
      return "it is about one run";
  return NULL;
}

static int find(const mcl_option **out, const char *name, motcl_err *err) {
  char typed[80];
  *out = mcl_option_find(name);
  const char *why = *out ? refusal(*out) : NULL;
  if (why)
    return motcl_fail(err, MOTCL_EINVAL, "'%s' cannot stand here: %s", name, why);
  if (*out)
    return MOTCL_OK;
  snprintf(typed, sizeof typed, "--%s", name);
  return mcl_option_unknown(typed, MCL_CMD_ALL, "COMMAND", err);
}

/* The argument of `l`, from what stands behind its name, and behind an equals sign if there is one. */
static int read_argument(const mcl_config *c, mcl_config_line *l, char *value, bool equals,
                         motcl_err *err) {
  const char *a = l->row->argument;
  bool path = a && (!strcmp(a, "DIR") || !strcmp(a, "MODEL"));
  bool home = path && mcl_begins_at_home(value);
  bool quoted = *value == '\'' || *value == '"' || *value == '$';
  int rc = mcl_unquote_line(value, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!*value && !quoted && (a || equals))
    return a ? motcl_fail(err, MOTCL_EINVAL, "'%s' needs its %s (%s)", l->row->name, a,
                          l->row->about)
             : motcl_fail(err, MOTCL_EINVAL, "'%s' is on, off, or stands alone", l->row->name);
  l->argument = *value || quoted ? value : NULL;
  if (home && (rc = mcl_home_name(&l->path, value, c->env->home, err)) == MOTCL_OK)
    l->argument = l->path;
  return rc;
}

/* NAME, NAME VALUE or NAME = VALUE; it is tried, so that what is wrong is told with its line. */
static int read_option(mcl_config *c, mcl_options *trial, char *text, const char *preset,
                       motcl_err *err) {
  mcl_config_line l = {.preset = preset};
  char *value = text + strcspn(text, " \t="), *name = text;
  size_t n = (size_t)(value - text);
  bool equals;
  void *p = c->line;
  int rc = mcl_one_more(&p, &c->line_cap, c->lines, sizeof *c->line, err);
  if (rc != MOTCL_OK)
    return rc;
  c->line = p;
  value += strspn(value, blanks);
  equals = *value == '=';
  value += equals;
  value += strspn(value, blanks);
  name[n] = 0;
  if (!strncmp(name, "--", 2))
    name += 2;
  rc = find(&l.row, name, err);
  if (rc == MOTCL_OK)
    rc = read_argument(c, &l, value, equals, err);
  c->line[c->lines++] = l;
  return rc == MOTCL_OK ? mcl_option_set(trial, l.row, l.argument, err) : rc;
}

/* [preset NAME], whose options follow. */
static int read_section(mcl_config *c, char *text, motcl_err *err) {
  static const char word[] = "preset";
  char *name = text + 1 + strspn(text + 1, blanks), *end;
  void *p = (void *)c->preset;
  bool ok = !strncmp(name, word, strlen(word));
  name += ok ? strlen(word) : 0;
  ok = ok && strspn(name, blanks);
  name += strspn(name, blanks);
  end = name + strcspn(name, " \t]#");
  text = end + strspn(end, blanks);
  ok = ok && end > name && *text == ']';
  text += ok;
  text += strspn(text, blanks);
  if (!ok || (*text && *text != '#'))
    return motcl_fail(err, MOTCL_EINVAL,
                      "a group of options begins with [preset NAME], the name one word");
  int rc = mcl_one_more(&p, &c->preset_cap, c->presets + 1, sizeof(char *), err);
  if (rc != MOTCL_OK)
    return rc;
  *end = 0;
  c->preset = (const char **)p;
  c->preset[c->presets++] = name;
  c->preset[c->presets] = NULL;
  return MOTCL_OK;
}

static int read_line(mcl_config *c, mcl_options *trial, char *text, motcl_err *err) {
  text += strspn(text, blanks);
  if (!*text || *text == '#')
    return MOTCL_OK;
  if (*text == '[') {
    trial->request.settings.stops = 0;
    return read_section(c, text, err);
  }
  return read_option(c, trial, text, c->presets ? c->preset[c->presets - 1] : NULL, err);
}

static int read_lines(mcl_config *c, motcl_err *err) {
  mcl_options trial = {0};
  char *text = c->text, name[400];
  int rc = MOTCL_OK;
  for (size_t line = 1; *text && rc == MOTCL_OK; line++) {
    char *next = text + strcspn(text, "\n");
    if (*next)
      *next++ = 0;
    rc = read_line(c, &trial, text, err);
    if (rc != MOTCL_OK) {
      snprintf(name, sizeof name, "%.300s, line %zu", c->file, line);
      mcl_fail_about(err, rc, name);
    }
    text = next;
  }
  mcl_options_finish(&trial);
  return rc;
}

/* The file that is named, or else that of the environment, if it is there. */
static int read_file(mcl_config *c, const char *named, motcl_err *err) {
  const char *file = named ? named : c->env->config;
  struct stat st;
  size_t n;
  int rc = MOTCL_OK;
  if (!named && (!*file || !is_there(file)))
    return MOTCL_OK;
  if (named && !strcmp(named, "-"))
    return motcl_fail(err, MOTCL_EINVAL, "the configuration is not read from stdin; name a file");
  if (!named && stat(file, &st) == 0)
    rc = check_owner(file, &st, err);
  if (rc == MOTCL_OK)
    rc = mcl_read(&c->text, &n, file, MOST, err);
  if (rc != MOTCL_OK)
    return rc;
  c->file = file;
  rc = motcl_text_plain(c->text, &n, file, 1, err);
  return rc == MOTCL_OK ? read_lines(c, err) : rc;
}

void mcl_config_finish(mcl_config *c) {
  for (size_t i = 0; i < c->lines; i++)
    free(c->line[i].path);
  free(c->line);
  free((void *)c->preset);
  free(c->text);
  *c = (mcl_config){.env = c->env};
}

static int no_preset(const mcl_config *c, const char *name, motcl_err *err) {
  static const char *const none[] = {NULL};
  const char *close = mcl_closest(name, c->presets ? c->preset : none);
  char all[200] = "";
  size_t n = 0;
  if (!c->presets)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "there is no preset '%.80s': %s%.300s%s; [preset %.80s] in it would begin one", name,
        c->file ? "'" : "the configuration '", c->file ? c->file : c->env->config,
        c->file ? "' has none" : "' is not there", name);
  if (close)
    return motcl_fail(err, MOTCL_EINVAL, "there is no preset '%.80s'; did you mean '%.80s'?", name,
                      close);
  for (size_t i = 0; i < c->presets && n < sizeof all; i++)
    n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i ? ", " : "", c->preset[i]);
  return motcl_fail(err, MOTCL_EINVAL, "there is no preset '%.80s' in '%.300s'; there is %s", name,
                    c->file, all);
}

/* Options of a preset, or with NULL those outside of any. */
static int apply_lines(mcl_options *o, unsigned commands, const char *preset, motcl_err *err) {
  const mcl_config *c = o->settings;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < c->lines && rc == MOTCL_OK; i++) {
    const mcl_config_line *l = &c->line[i];
    bool same = preset ? l->preset && !strcmp(l->preset, preset) : !l->preset;
    if (!same || !(l->row->commands & commands) ||
        (!preset && c->env->model && !strcmp(l->row->name, "model")))
      continue;
    rc = mcl_option_take(o, l->row, l->argument, preset ? MCL_GIVEN_PRESET : MCL_GIVEN_CONFIG, err);
  }
  return rc;
}

static bool has_preset(const mcl_config *c, const char *name) {
  for (size_t i = 0; i < c->presets; i++)
    if (!strcmp(c->preset[i], name))
      return true;
  return false;
}

/* Where both are on, quiet is what holds, but for a verbose that goes over it. */
static void settle_volume(mcl_options *o) {
  if (o->verbose && mcl_option_from(o, "verbose") > mcl_option_from(o, "quiet"))
    o->quiet = false;
}

int mcl_config_apply(mcl_options *o, unsigned commands, bool over, motcl_err *err) {
  mcl_config *c = o->settings;
  int rc = MOTCL_OK;
  if (!c || o->help || o->help_all || o->version)
    return MOTCL_OK;
  if (o->no_config && (o->config || o->presets))
    return motcl_fail(err, MOTCL_EINVAL,
                      "--%s does not go with --no-config, without which it is read",
                      o->config ? "config" : "preset");
  if (!c->settled && !o->no_config)
    rc = read_file(c, o->config, err);
  c->settled = rc == MOTCL_OK;
  if (rc == MOTCL_OK && !over)
    rc = apply_lines(o, commands, NULL, err);
  for (size_t i = 0; i < o->presets && rc == MOTCL_OK; i++)
    rc = has_preset(c, o->preset[i]) ? apply_lines(o, commands, o->preset[i], err)
                                     : no_preset(c, o->preset[i], err);
  settle_volume(o);
  return rc;
}
