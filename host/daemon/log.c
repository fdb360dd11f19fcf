/* log.c - facts as text or as JSON. */
#include "daemon/log.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void stamp(char out[32]) {
  const time_t now = time(NULL);
  struct tm t;
  if (!gmtime_r(&now, &t) || !strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &t))
    *out = 0;
}

static void tell_json(const char *time, const char *what, va_list pairs) {
  json_t *o = json_object();
  const char *key;
  json_object_set_new(o, "time", json_string(time));
  json_object_set_new(o, "what", json_string(what));
  while ((key = va_arg(pairs, const char *))) {
    const char *value = va_arg(pairs, const char *);
    if (value)
      json_object_set_new(o, key, json_string(value));
  }
  char *text = json_dumps(o, JSON_COMPACT);
  if (text)
    fprintf(stderr, "%s\n", text);
  free(text);
  json_decref(o);
}

static bool is_plain(const char *value) {
  for (const char *c = value; *c; c++)
    if ((unsigned char)*c <= ' ' || strchr("\"=\\", *c))
      return false;
  return *value != 0;
}

/* Values with blanks or quotes in quotes, so that a line can be taken apart. */
static void put_value(FILE *f, const char *value) {
  if (is_plain(value)) {
    fputs(value, f);
    return;
  }
  fputc('"', f);
  for (; *value; value++) {
    if (strchr("\"\\", *value))
      fputc('\\', f);
    fputc((unsigned char)*value < ' ' ? ' ' : *value, f);
  }
  fputc('"', f);
}

static void tell_text(const char *time, const char *what, va_list pairs) {
  char line[4096];
  const char *key;
  FILE *f = fmemopen(line, sizeof line - 1, "w");
  if (!f)
    return;
  fprintf(f, "%s %s", time, what);
  while ((key = va_arg(pairs, const char *))) {
    const char *value = va_arg(pairs, const char *);
    if (!value)
      continue;
    fprintf(f, " %s=", key);
    put_value(f, value);
  }
  fputc(0, f);
  fclose(f);
  line[sizeof line - 1] = 0;
  fprintf(stderr, "%s\n", line); /* one write, so that lines of several processes do not mix */
}

static void tell(const mcl_daemon_log *log, const char *what, va_list pairs) {
  char time[32];
  stamp(time);
  if (log->json)
    tell_json(time, what, pairs);
  else
    tell_text(time, what, pairs);
}

void mcl_daemon_tell(const mcl_daemon_log *log, const char *what, ...) {
  va_list pairs;
  va_start(pairs, what);
  tell(log, what, pairs);
  va_end(pairs);
}

void mcl_daemon_detail(const mcl_daemon_log *log, const char *what, ...) {
  va_list pairs;
  va_start(pairs, what);
  if (log->verbose)
    tell(log, what, pairs);
  va_end(pairs);
}
