/* trace.c - the Chrome trace format: one array of events, each added as a line of text. */
#include "base/trace.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#define HEAD "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
#define TAIL_ROOM 160 /* what mcl_trace_text puts behind the events */

/* `whole` bytes are whole events; what is behind is one that is being put together. */
struct mcl_trace {
  char *text;
  size_t whole, n, cap, limit;
  bool full; /* the event being put together does not fit */
  uint64_t left_out;
  uint32_t tracks;
  unsigned owners;
  double began;
};

static bool make_room(mcl_trace *t, size_t more) {
  size_t want = t->n + more + TAIL_ROOM, cap = t->cap;
  if (want > t->limit)
    return false;
  while (cap < want)
    cap = cap < 4096 ? 4096 : 2 * cap;
  if (cap == t->cap)
    return true;
  char *p = mcl_realloc(t->text, cap, 1);
  if (!p)
    return false;
  t->text = p;
  t->cap = cap;
  return true;
}

static void put(mcl_trace *t, const char *text, size_t n) {
  if (t->full || !make_room(t, n)) {
    t->full = true;
    return;
  }
  memcpy(t->text + t->n, text, n);
  t->n += n;
}

static void put_text(mcl_trace *t, const char *text) {
  put(t, text, strlen(text));
}

static void put_character(mcl_trace *t, char c) {
  char code[8];
  if (c == '"' || c == '\\') {
    put(t, (char[]){'\\', c}, 2);
  } else if ((unsigned char)c < 0x20 || c == 0x7F) {
    snprintf(code, sizeof code, "\\u%04x", (unsigned)c);
    put_text(t, code);
  } else {
    put(t, &c, 1);
  }
}

/* A JSON string. What is no UTF-8 becomes a question mark. */
static void put_string(mcl_trace *t, const char *s) {
  size_t left = strlen(s), bad;
  put_text(t, "\"");
  while (left > 0) {
    bool good = mcl_utf8_valid(s, left, &bad);
    size_t n = good ? left : bad;
    for (size_t i = 0; i < n; i++)
      put_character(t, s[i]);
    if (!good)
      put_text(t, "?");
    s += good ? n : n + 1;
    left -= good ? n : n + 1;
  }
  put_text(t, "\"");
}

/* JSON has no infinities. Counts stay whole numbers. */
static void put_number(mcl_trace *t, double x) {
  char text[40];
  if (!isfinite(x))
    x = 0;
  snprintf(text, sizeof text, fabs(x) < 9e15 && floor(x) == x ? "%.0f" : "%.9g", x);
  put_text(t, text);
}

static void put_args(mcl_trace *t, const mcl_trace_arg *arg, size_t args) {
  put_text(t, ",\"args\":{");
  for (size_t i = 0; i < args; i++) {
    put_text(t, i ? "," : "");
    put_string(t, arg[i].name);
    put_text(t, ":");
    if (arg[i].text)
      put_string(t, arg[i].text);
    else
      put_number(t, arg[i].number);
  }
  put_text(t, "}}");
}

static void begin(mcl_trace *t) {
  t->n = t->whole;
  t->full = false;
  if (t->whole > strlen(HEAD))
    put_text(t, ",\n");
}

static void end(mcl_trace *t) {
  if (t->full)
    t->left_out++;
  else
    t->whole = t->n;
  t->n = t->whole;
}

static void name_track(mcl_trace *t, uint32_t track, const char *name) {
  char head[80];
  snprintf(head, sizeof head, "{\"ph\":\"M\",\"pid\":1,\"tid\":%" PRIu32 ",\"name\":", track);
  begin(t);
  put_text(t, head);
  put_string(t, "thread_name");
  put_args(t, &(mcl_trace_arg){.name = "name", .text = name}, 1);
  end(t);
}

mcl_trace *mcl_trace_create(size_t limit) {
  mcl_trace *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return NULL;
  t->owners = 1;
  t->limit = limit > 4096 ? limit : 4096;
  t->began = mcl_clock();
  put_text(t, HEAD);
  if (t->full) {
    mcl_trace_destroy(t);
    return NULL;
  }
  t->whole = t->n;
  name_track(t, MCL_TRACE_HOST, "host");
  return t;
}

mcl_trace *mcl_trace_ref(mcl_trace *t) {
  t->owners++;
  return t;
}

void mcl_trace_destroy(mcl_trace *t) {
  if (!t || --t->owners)
    return;
  mcl_free(t->text);
  mcl_free(t);
}

void mcl_trace_stop(mcl_trace *t) {
  mcl_free(t->text);
  t->text = NULL;
  t->whole = t->n = t->cap = t->limit = 0;
}

uint32_t mcl_trace_track(mcl_trace *t, const char *name) {
  if (!t)
    return MCL_TRACE_NO_TRACK;
  name_track(t, ++t->tracks, name);
  return t->tracks;
}

void mcl_trace_span(mcl_trace *t, uint32_t track, const char *cat, const char *name, double began,
                    double ended, const mcl_trace_arg *arg, size_t args) {
  char head[160];
  if (!t)
    return;
  double took = ended > began ? ended - began : 0;
  snprintf(head, sizeof head,
           "{\"ph\":\"X\",\"pid\":1,\"tid\":%" PRIu32 ",\"ts\":%.3f,\"dur\":%.3f,\"cat\":", track,
           1e6 * (began - t->began), 1e6 * took);
  begin(t);
  put_text(t, head);
  put_string(t, cat);
  put_text(t, ",\"name\":");
  put_string(t, name);
  put_args(t, arg, args);
  end(t);
}

void mcl_trace_since(mcl_trace *t, uint32_t track, const char *cat, const char *name, double began,
                     const mcl_trace_arg *arg, size_t args) {
  if (t)
    mcl_trace_span(t, track, cat, name, began, mcl_clock(), arg, args);
}

const char *mcl_trace_text(mcl_trace *t, size_t *n) {
  int tail = snprintf(t->text + t->whole, TAIL_ROOM,
                      "\n],\"otherData\":{\"left_out\":%" PRIu64 "}}\n", t->left_out);
  *n = t->whole + (tail > 0 ? (size_t)tail : 0);
  return t->text;
}
