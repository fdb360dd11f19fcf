/* config.c - one table of settings, from which lines, files and help are read and made. */
#include "daemon/config.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/plain_text.h"
#include "base/utf8.h"
#include "job/message/field_limits.h"

#define MOST_FILE ((size_t)1 << 20)
#define AT(member) offsetof(mcl_daemon_config, member)
#define NO_LIMIT ((uint64_t)1 << 53)

typedef enum kind { FLAG, TEXT, NUMBER, BYTES, SECONDS, MODEL, DEVICE, OPERATOR, CONFIG } kind;

typedef struct row {
  const char *name, *argument, *about;
  kind kind;
  size_t at;
  uint64_t usual, least, most;
} row;

static const row table[] = {
    {"config", "FILE", "read settings there: a line for each, 'word = value', without hyphens",
     CONFIG, 0, 0, 0, 0},
    {"state", "DIR", "folder of the queue and its results, which is made; only one daemon has it",
     TEXT, AT(state), 0, 0, 0},
    {"model", "NAME=DIR",
     "a model, by the name that jobs give; the first is taken where a job names none", MODEL, 0, 0,
     0, 0},
    {"device", "DEVICE", "a device to run on, as 'motcl devices' names them; a process for each",
     DEVICE, 0, 0, 0, 0},
    {"memory", "SIZE", "most memory to take of each device, as 4G [all that may be taken]", BYTES,
     AT(memory), 0, 1, NO_LIMIT},
    {"allow-slow", NULL, "let a driver run that is a definition and no runtime", FLAG,
     AT(allow_slow), 0, 0, 0},
    {"cache", "DIR", "folder for built kernels and rates [cache, in the state's]", TEXT, AT(cache),
     0, 0, 0},
    {"backup", "DIR",
     "copy the queue of --state there, as it is at one moment, and end; a daemon may have it open",
     TEXT, AT(backup), 0, 0, 0},
    {"socket", "PATH",
     "where clients find it [$MOTCL_SOCKET, $XDG_RUNTIME_DIR/motcl/socket or /run/motcl/socket]",
     TEXT, AT(socket), 0, 0, 0},
    {"group", "NAME", "users of this group may connect too", TEXT, AT(group), 0, 0, 0},
    {"operator", "USER", "may see and change everybody's jobs, as root may", OPERATOR, 0, 0, 0, 0},
    {"share", "N", "most jobs side by side on a device [4]", NUMBER, AT(share), 4, 1, 256},
    {"queue", "N", "most jobs that have not ended [20000]", NUMBER, AT(queue), 20000, 1, 1000000},
    {"user-queue", "N", "most of them of one user [10000]", NUMBER, AT(user_queue), 10000, 1,
     1000000},
    {"clients", "N", "most connections [2000]", NUMBER, AT(clients), 2000, 1, 60000},
    {"message", "SIZE", "largest message of a client [64M]", BYTES, AT(message), (uint64_t)64 << 20,
     1024, (uint64_t)1 << 30},
    {"idle", "SECONDS", "time for a client's message to come whole [30]", SECONDS, AT(idle), 30, 1,
     86400},
    {"aging", "SECONDS", "waiting that is worth a step of priority [600]", SECONDS, AT(aging), 600,
     1, NO_LIMIT},
    {"tries", "N", "times that a job is tried where devices fail [3]", NUMBER, AT(tries), 3, 1,
     100},
    {"save", "SECONDS", "time between two savings of a running job [15]", SECONDS, AT(save), 15, 1,
     86400},
    {"grace", "SECONDS", "time for saving running jobs when it ends [20]", SECONDS, AT(grace), 20,
     1, 86400},
    {"stall", "SECONDS", "time after which a device that does not answer is taken to hang [900]",
     SECONDS, AT(stall), 900, 1, 86400},
    {"keep", "SECONDS", "time that ended jobs are kept, as 7d; 0 is for ever [7d]", SECONDS,
     AT(keep), (uint64_t)7 * 86400, 0, NO_LIMIT},
    {"keep-jobs", "N", "most ended jobs that are kept; 0 is all [100000]", NUMBER, AT(keep_jobs),
     100000, 0, NO_LIMIT},
    {"keep-bytes", "SIZE", "most bytes of results that are kept; 0 is all [10G]", BYTES,
     AT(keep_bytes), (uint64_t)10 << 30, 0, NO_LIMIT},
    {"log-json", NULL, "log in JSON, an object a line", FLAG, AT(json), 0, 0, 0},
    {"verbose", NULL, "log savings and what is refused too", FLAG, AT(verbose), 0, 0, 0},
    {"help", NULL, "print this text", FLAG, AT(help), 0, 0, 0},
    {"version", NULL, "print the version", FLAG, AT(version), 0, 0, 0},
};
enum { ROWS = sizeof table / sizeof *table };

/* Reading: the values, which rows were given, where words stand for sentences, and the file that is named. */
typedef struct reading {
  mcl_daemon_config *c;
  bool given[ROWS], fixed[ROWS]; /* fixed: by the line, so that a file's does not hold */
  const char *where;
  const char *file;
  motcl_err *err;
} reading;

static const row *find(const char *word, size_t n) {
  for (size_t i = 0; i < ROWS; i++)
    if (strlen(table[i].name) == n && !strncmp(table[i].name, word, n))
      return &table[i];
  return NULL;
}

static int bad(const reading *r, const row *o, const char *value, const char *why) {
  return mcl_fail(r->err, MOTCL_EINVAL, "%s%s is '%.100s', %s", r->where, o->name, value, why);
}

static int grow(void **list, size_t count, size_t size, motcl_err *err) {
  void *p = mcl_realloc(*list, count + 1, size);
  if (!p)
    return mcl_fail_nomem(err, size);
  *list = p;
  return MOTCL_OK;
}

static bool is_text(const char *s) {
  const size_t n = strlen(s);
  size_t bad;
  return n < 4096 && mcl_utf8_valid(s, n, &bad);
}

static int add_model(const reading *r, const row *o, const char *value) {
  mcl_daemon_config *c = r->c;
  const char *equal = strchr(value, '=');
  void *list = c->model;
  if (!equal || equal == value || !equal[1])
    return bad(r, o, value, "not NAME=DIR");
  if (equal - value > MCL_JOB_MAX_MODEL || !is_text(value))
    return bad(r, o, value, "and names are UTF-8, a model's of at most 256 bytes");
  int rc = grow(&list, c->models, sizeof *c->model, r->err);
  if (rc != MOTCL_OK)
    return rc;
  c->model = list;
  mcl_daemon_config_model *m = &c->model[c->models];
  *m =
      (mcl_daemon_config_model){mcl_strndup(value, (size_t)(equal - value)), mcl_strdup(equal + 1)};
  c->models++;
  if (!m->name || !m->dir)
    return mcl_fail_nomem(r->err, strlen(value));
  for (size_t i = 0; i + 1 < c->models; i++)
    if (!strcmp(c->model[i].name, m->name))
      return bad(r, o, value, "and there is a model of that name before it");
  return MOTCL_OK;
}

static int add_device(const reading *r, const char *value) {
  mcl_daemon_config *c = r->c;
  void *list = c->device;
  int rc = grow(&list, c->devices, sizeof *c->device, r->err);
  if (rc != MOTCL_OK)
    return rc;
  c->device = list;
  c->device[c->devices] = mcl_strdup(value);
  return c->device[c->devices++] ? MOTCL_OK : mcl_fail_nomem(r->err, strlen(value));
}

static int add_operator(const reading *r, const row *o, const char *value) {
  mcl_daemon_config *c = r->c;
  const struct passwd *p = getpwnam(value);
  void *list = c->operator_id;
  if (!p)
    return bad(r, o, value, "which is no user here");
  int rc = grow(&list, c->operators, sizeof *c->operator_id, r->err);
  if (rc != MOTCL_OK)
    return rc;
  c->operator_id = list;
  c->operator_id[c->operators++] = p->pw_uid;
  return MOTCL_OK;
}

/* A number with, perhaps, a letter of `letters` behind it, which stands for so many. */
static int set_number(const reading *r, const row *o, const char *value, const char *letters,
                      const uint64_t *worth) {
  char *end;
  errno = 0;
  uint64_t n = strtoull(value, &end, 10);
  if (*value < '0' || *value > '9' || errno)
    return bad(r, o, value, "not a number in range");
  const char *letter = *end ? strchr(letters, *end) : NULL;
  if (letter) {
    const uint64_t each = worth[letter - letters];
    n = n > UINT64_MAX / each ? UINT64_MAX : n * each;
    end++;
  }
  if (*end)
    return bad(r, o, value,
               *letters ? "a number with an unknown letter behind it" : "not a number");
  if (n < o->least || n > o->most)
    return bad(r, o, value, "out of range");
  memcpy((char *)r->c + o->at, &n, sizeof n);
  return MOTCL_OK;
}

static int set_text(const reading *r, const row *o, const char *value) {
  char **at = (char **)(void *)((char *)r->c + o->at);
  char *copy = mcl_strdup(value);
  if (!copy)
    return mcl_fail_nomem(r->err, strlen(value));
  mcl_free(*at);
  *at = copy;
  return *value ? MOTCL_OK : bad(r, o, value, "which says nothing");
}

static int set(reading *r, const row *o, const char *value) {
  static const uint64_t sizes[] = {1 << 10, 1 << 20, 1 << 30, (uint64_t)1 << 40};
  static const uint64_t times[] = {1, 60, 3600, 86400};
  const bool on = true;
  if (r->fixed[o - table])
    return MOTCL_OK;
  r->given[o - table] = true;
  switch (o->kind) {
  case FLAG:
    memcpy((char *)r->c + o->at, &on, sizeof on);
    return MOTCL_OK;
  case TEXT:
    return set_text(r, o, value);
  case NUMBER:
    return set_number(r, o, value, "", NULL);
  case BYTES:
    return set_number(r, o, value, "KMGT", sizes);
  case SECONDS:
    return set_number(r, o, value, "smhd", times);
  case MODEL:
    return add_model(r, o, value);
  case DEVICE:
    return add_device(r, value);
  case OPERATOR:
    return add_operator(r, o, value);
  case CONFIG:
    r->file = value;
    return MOTCL_OK;
  }
  return MOTCL_OK;
}

static int read_line(reading *r, int argc, char *const *argv) {
  int rc = MOTCL_OK;
  for (int i = 1; i < argc && rc == MOTCL_OK; i++) {
    const char *word = argv[i];
    const size_t n = strcspn(word, "=");
    const row *o = !strcmp(word, "-h")   ? find("help", 4)
                   : !strcmp(word, "-v") ? find("verbose", 7)
                                         : NULL;
    if (!o && !strncmp(word, "--", 2))
      o = find(word + 2, n - 2);
    if (!o)
      return mcl_fail(r->err, MOTCL_EINVAL, "'%.100s' is no option of motcld; see motcld --help",
                      word);
    const char *value = word[n] ? word + n + 1 : NULL;
    if (o->kind == FLAG && value)
      return mcl_fail(r->err, MOTCL_EINVAL, "--%s takes no value", o->name);
    if (o->kind != FLAG && !value && !(value = ++i < argc ? argv[i] : NULL))
      return mcl_fail(r->err, MOTCL_EINVAL, "--%s wants %s", o->name, o->argument);
    rc = set(r, o, value);
  }
  return rc;
}

static char *trim(char *s) {
  s += strspn(s, " \t");
  size_t n = strlen(s);
  while (n && strchr(" \t", s[n - 1]))
    s[--n] = 0;
  return s;
}

/* 'word = value', or nothing. */
static int read_setting(reading *r, char *line) {
  char *equal;
  line = trim(line);
  if (!*line || *line == '#')
    return MOTCL_OK;
  equal = strchr(line, '=');
  if (equal)
    *equal = 0;
  const char *word = trim(line), *value = equal ? trim(equal + 1) : NULL;
  const row *o = find(word, strlen(word));
  if (!o || o->kind == CONFIG || !strcmp(o->name, "help") || !strcmp(o->name, "version"))
    return mcl_fail(r->err, MOTCL_EINVAL,
                    "%s'%.100s' is no setting; they are the options of motcld "
                    "without their hyphens",
                    r->where, word);
  if (o->kind == FLAG && value && strcmp(value, "yes") != 0)
    return !strcmp(value, "no") ? MOTCL_OK : bad(r, o, value, "neither yes nor no");
  if (o->kind != FLAG && !value)
    return mcl_fail(r->err, MOTCL_EINVAL, "%s%s wants %s", r->where, o->name, o->argument);
  return set(r, o, value);
}

static int read_file(reading *r, const char *path) {
  char *text = NULL, where[400], *next = NULL;
  size_t n, number = 0;
  int rc = mcl_file_read(&text, &n, path, MOST_FILE, r->err);
  if (rc == MOTCL_OK)
    rc = motcl_text_plain(text, &n, path, 1, r->err);
  memcpy(r->fixed, r->given, sizeof r->fixed);
  r->where = where;
  for (char *line = text; rc == MOTCL_OK && line; line = next) {
    next = strchr(line, '\n');
    if (next)
      *next++ = 0;
    snprintf(where, sizeof where, "%.300s:%zu: ", path, ++number);
    rc = read_setting(r, line);
  }
  r->where = "--";
  mcl_free(text);
  return rc;
}

int mcl_daemon_config_read(mcl_daemon_config *c, int argc, char *const *argv, motcl_err *err) {
  reading r = {.c = c, .where = "--", .err = err};
  memset(c, 0, sizeof *c);
  for (size_t i = 0; i < ROWS; i++)
    if (table[i].usual)
      memcpy((char *)c + table[i].at, &table[i].usual, sizeof table[i].usual);
  int rc = read_line(&r, argc, argv);
  if (rc == MOTCL_OK && r.file)
    rc = read_file(&r, r.file);
  if (rc != MOTCL_OK || c->help || c->version)
    return rc;
  if (!c->state)
    return mcl_fail(err, MOTCL_EINVAL, "say where the queue is kept, with --state DIR");
  if (!c->models && !c->backup)
    return mcl_fail(err, MOTCL_EINVAL, "there is no model to run; give one with --model NAME=DIR");
  return MOTCL_OK;
}

void mcl_daemon_config_finish(mcl_daemon_config *c) {
  for (size_t i = 0; i < c->models; i++) {
    mcl_free(c->model[i].name);
    mcl_free(c->model[i].dir);
  }
  for (size_t i = 0; i < c->devices; i++)
    mcl_free(c->device[i]);
  mcl_free(c->model);
  mcl_free((void *)c->device);
  mcl_free(c->operator_id);
  mcl_free(c->socket);
  mcl_free(c->state);
  mcl_free(c->cache);
  mcl_free(c->group);
  mcl_free(c->backup);
  memset(c, 0, sizeof *c);
}

const char *mcl_daemon_config_model_dir(const mcl_daemon_config *c, const char *name) {
  for (size_t i = 0; i < c->models; i++)
    if (!name || !strcmp(c->model[i].name, name))
      return c->model[i].dir;
  return NULL;
}

void mcl_daemon_config_help(FILE *f) {
  for (size_t i = 0; i < ROWS; i++)
    fprintf(f, "  --%s%s%-*s %s\n", table[i].name, table[i].argument ? " " : "",
            (int)(22 - strlen(table[i].name) - (table[i].argument != NULL)),
            table[i].argument ? table[i].argument : "", table[i].about);
}
