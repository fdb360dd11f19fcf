/* value.c - the argument of an option, read by its kind into mcl_options. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/memory.h"
#include "cli/options/options.h"

/* Digits only: strtoull takes blanks and signs, which no option means. */
static bool read_u64(const char *s, char **end, uint64_t *out) {
  if (*s < '0' || *s > '9')
    return false;
  errno = 0;
  unsigned long long v = strtoull(s, end, 10);
  *out = v;
  return errno == 0;
}

/* "inf", "nan" and blanks are no numbers here. */
static bool read_f64(const char *s, char **end, double *out) {
  const char *digit = s + (*s == '-' || *s == '+');
  if ((*digit < '0' || *digit > '9') && *digit != '.')
    return false;
  *out = strtod(s, end);
  return *end != s;
}

static int refuse(const mcl_option *row, const char *argument, const char *takes, motcl_err *err) {
  return motcl_fail(err, MOTCL_EINVAL, "--%s takes %s, not '%.80s'", row->name, takes, argument);
}

/* Without an argument it is on. */
static int set_flag(bool *to, const mcl_option *row, const char *s, motcl_err *err) {
  *to = !s || !strcmp(s, "on");
  return *to || !strcmp(s, "off") ? MOTCL_OK : refuse(row, s, "on, off or nothing", err);
}

static int set_u32(uint32_t *to, const mcl_option *row, const char *s, motcl_err *err) {
  uint64_t v;
  char *end;
  if (!read_u64(s, &end, &v) || *end || (double)v < row->min || (double)v > row->max)
    return motcl_fail(err, MOTCL_EINVAL, "--%s takes a whole number from %.0f to %.0f, not '%.80s'",
                      row->name, row->min, row->max, s);
  *to = (uint32_t)v;
  return MOTCL_OK;
}

static int set_i32(int32_t *to, const mcl_option *row, const char *s, motcl_err *err) {
  const bool below = *s == '-';
  uint64_t v;
  char *end;
  if (!read_u64(s + below, &end, &v) || *end || (double)v > (below ? -row->min : row->max))
    return motcl_fail(err, MOTCL_EINVAL, "--%s takes a whole number from %.0f to %.0f, not '%.80s'",
                      row->name, row->min, row->max, s);
  *to = below ? -(int32_t)v : (int32_t)v;
  return MOTCL_OK;
}

static int set_f64(double *to, const mcl_option *row, const char *s, motcl_err *err) {
  double v;
  char *end;
  if (!read_f64(s, &end, &v) || *end || !(v >= row->min && v <= row->max))
    return motcl_fail(err, MOTCL_EINVAL, "--%s takes a number from %g to %g, not '%.80s'",
                      row->name, row->min, row->max, s);
  *to = v;
  return MOTCL_OK;
}

static int set_u64(uint64_t *to, const mcl_option *row, const char *s, motcl_err *err) {
  uint64_t v;
  char *end;
  if (!read_u64(s, &end, &v) || *end)
    return refuse(row, s, "a whole number from 0 to 18446744073709551615", err);
  *to = v;
  return MOTCL_OK;
}

/* "G", "GB", "Gi" and "GiB" are one unit, in capitals or not; "B" alone is a byte. */
static bool read_unit(const char *s, unsigned *shift) {
  static const char units[] = "KMGT";
  const char *unit = *s ? strchr(units, toupper((unsigned char)*s)) : NULL;
  if (unit) {
    *shift = 10 * (unsigned)(unit - units + 1);
    s++;
    s += *s == 'i' || *s == 'I';
  }
  s += *s == 'b' || *s == 'B';
  return !*s;
}

/* Sizes as people write them, and as messages do: "8G", "8 GiB", "1.5g", "512 B". */
static bool read_bytes(const char *s, uint64_t *out) {
  uint64_t whole;
  double part = 0;
  char *end;
  unsigned shift = 0;
  if (!read_u64(s, &end, &whole))
    return false;
  if (*end == '.' && !(read_f64(end, &end, &part) && part < 1))
    return false;
  if (!read_unit(end + (*end == ' ' && end[1]), &shift) || (part != 0 && !shift) ||
      whole > UINT64_MAX >> shift)
    return false;
  *out = (whole << shift) + (uint64_t)(part * (double)(UINT64_C(1) << shift));
  return *out >= whole && *out;
}

static int set_bytes(uint64_t *to, const mcl_option *row, const char *s, motcl_err *err) {
  if (read_bytes(s, to))
    return MOTCL_OK;
  return refuse(row, s, "a number of bytes, as 512M, 4G or 1.5GiB", err);
}

/* Past an x, a capital one, or the sign for times; NULL if none is there. */
static const char *pass_times(const char *s) {
  static const char times[] = "\303\227";
  if (*s == 'x' || *s == 'X')
    return s + 1;
  return strncmp(s, times, 2) ? NULL : s + 2;
}

static int set_size(motcl_request *r, const mcl_option *row, const char *s, motcl_err *err) {
  uint64_t w, h;
  char *end;
  const char *second = read_u64(s, &end, &w) ? pass_times(end) : NULL;
  if (!second || !read_u64(second, &end, &h) || *end || !w || !h || (double)w > row->max ||
      (double)h > row->max)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "--%s takes width and height in pixels, as 1024x768, each up to %.0f, not '%.80s'",
        row->name, row->max, s);
  r->settings.width = (uint32_t)w;
  r->settings.height = (uint32_t)h;
  return MOTCL_OK;
}

static int set_interval(motcl_guidance *g, const mcl_option *row, const char *s, motcl_err *err) {
  double lo, hi;
  char *end;
  if (!read_f64(s, &end, &lo) || *end != ':' || !read_f64(end + 1, &end, &hi) || *end ||
      !(lo >= row->min && lo <= hi && hi <= row->max))
    return refuse(row, s, "two times from 0 to 1 in order, as 0.4:1", err);
  g->lo = lo;
  g->hi = hi;
  return MOTCL_OK;
}

/* The first takes the place of what stood there before the line was read. */
static int add_stop(mcl_options *o, const char *s, motcl_err *err) {
  motcl_settings *to = &o->request.settings;
  if (!o->stop)
    o->stop = (const char **)calloc(MOTCL_MAX_STOPS, sizeof *o->stop);
  if (!o->stop)
    return mcl_no_memory(err);
  if (to->stop != o->stop)
    to->stops = 0;
  to->stop = o->stop;
  if (to->stops == MOTCL_MAX_STOPS)
    return motcl_fail(err, MOTCL_EINVAL, "--stop can be given %d times at most", MOTCL_MAX_STOPS);
  o->stop[to->stops++] = s;
  return MOTCL_OK;
}

static int add_preset(mcl_options *o, const char *name, motcl_err *err) {
  void *p = (void *)o->preset;
  int rc = mcl_one_more(&p, &o->preset_cap, o->presets, sizeof(char *), err);
  if (rc != MOTCL_OK)
    return rc;
  o->preset = (const char **)p;
  o->preset[o->presets++] = name;
  return MOTCL_OK;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar: years begin in March, so that a leap day is the last. */
static uint64_t days_to(uint64_t year, uint64_t month, uint64_t day) {
  const uint64_t y = year - (month <= 2), m = (month + 9) % 12;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* A number of so many digits and the sign behind it, or the text's end for a NUL; where it goes on, or NULL. */
static const char *read_digits(const char *s, int digits, char sign, uint64_t *out) {
  for (*out = 0; digits; digits--, s++) {
    if (*s < '0' || *s > '9')
      return NULL;
    *out = 10 * *out + (uint64_t)(*s - '0');
  }
  return *s == sign ? s + (sign != 0) : NULL;
}

/* "2030-12-24T18:00" and "2030-12-24T18:00:30Z". */
static bool read_date(const char *s, uint64_t *ms) {
  uint64_t year, month, day, hour, minute, second = 0;
  char plain[24];
  size_t n = strlen(s);
  n -= n && s[n - 1] == 'Z';
  if (n != 16 && n != 19)
    return false;
  snprintf(plain, sizeof plain, "%.*s", (int)n, s);
  const char *at = read_digits(plain, 4, '-', &year);
  at = at ? read_digits(at, 2, '-', &month) : NULL;
  at = at ? read_digits(at, 2, at[2] == ' ' ? ' ' : 'T', &day) : NULL;
  at = at ? read_digits(at, 2, ':', &hour) : NULL;
  at = at ? read_digits(at, 2, n == 19 ? ':' : 0, &minute) : NULL;
  if (at && n == 19)
    at = read_digits(at, 2, 0, &second);
  if (!at || year < 1970 || !month || month > 12 || !day || day > 31 || hour > 23 || minute > 59 ||
      second > 60)
    return false;
  *ms = 1000 * (86400 * days_to(year, month, day) + 3600 * hour + 60 * minute + second);
  return true;
}

static bool read_wait(const char *s, uint64_t *ms) {
  static const struct {
    const char *unit;
    uint64_t seconds;
  } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  struct timespec now;
  uint64_t n;
  char *end;
  if (!read_u64(s, &end, &n) || n > 1000000000 || clock_gettime(CLOCK_REALTIME, &now) != 0)
    return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (!strcmp(end, units[i].unit)) {
      *ms = 1000 * ((uint64_t)now.tv_sec + n * units[i].seconds);
      return true;
    }
  return false;
}

static int set_moment(uint64_t *to, const mcl_option *row, const char *s, motcl_err *err) {
  if (read_wait(s, to) || read_date(s, to))
    return MOTCL_OK;
  return refuse(row, s, "a time from now, as 90s, 10m or 2h, or one of UTC, as 2030-12-24T18:00",
                err);
}

static int add_label(mcl_options *o, const char *s, motcl_err *err) {
  void *p = (void *)o->label;
  const char *equals = strchr(s, '=');
  if (!equals || equals == s)
    return motcl_fail(err, MOTCL_EINVAL, "--label takes a key and a value, KEY=VALUE, not '%.80s'",
                      s);
  int rc = mcl_one_more(&p, &o->label_cap, o->labels, sizeof(char *), err);
  if (rc != MOTCL_OK)
    return rc;
  o->label = (const char **)p;
  o->label[o->labels++] = s;
  return MOTCL_OK;
}

int mcl_options_add(mcl_options *o, const mcl_typed_item *item, motcl_err *err) {
  bool output = item->kind == MOTCL_ITEM_OUTPUT;
  void *p = o->typed;
  if (output && o->wants == MOTCL_MAX_OUTPUTS)
    return motcl_fail(err, MOTCL_EINVAL, "--draw and --write can stand %d times at most",
                      MOTCL_MAX_OUTPUTS);
  int rc = mcl_one_more(&p, &o->typed_cap, o->typed_count, sizeof *o->typed, err);
  if (rc != MOTCL_OK)
    return rc;
  o->typed = p;
  o->typed[o->typed_count++] = *item;
  o->wants += output;
  return MOTCL_OK;
}

static int add_part(mcl_options *o, motcl_part_kind kind, const char *s, motcl_err *err) {
  return mcl_options_add(o, &(mcl_typed_item){.part = kind, .word = s}, err);
}

static int add_output(mcl_options *o, motcl_output output, bool until_done, motcl_err *err) {
  return mcl_options_add(
      o, &(mcl_typed_item){.kind = MOTCL_ITEM_OUTPUT, .output = output, .until_done = until_done},
      err);
}

int mcl_option_set(mcl_options *o, const mcl_option *row, const char *argument, motcl_err *err) {
  void *to = (char *)o + row->offset;
  switch (row->kind) {
  case MCL_OPT_FLAG:
    return set_flag(to, row, argument, err);
  case MCL_OPT_TEXT:
    *(const char **)to = argument;
    return MOTCL_OK;
  case MCL_OPT_U32:
    return set_u32(to, row, argument, err);
  case MCL_OPT_I32:
    return set_i32(to, row, argument, err);
  case MCL_OPT_U64:
    return set_u64(to, row, argument, err);
  case MCL_OPT_F64:
    return set_f64(to, row, argument, err);
  case MCL_OPT_BYTES:
    return set_bytes(to, row, argument, err);
  case MCL_OPT_SIZE:
    return set_size(&o->request, row, argument, err);
  case MCL_OPT_INTERVAL:
    return set_interval(&o->request.settings.guidance, row, argument, err);
  case MCL_OPT_RENORM:
    if (motcl_renorm_parse(argument, &o->request.settings.guidance.renorm))
      return MOTCL_OK;
    return refuse(row, argument, "global, channel, text-channel or none", err);
  case MCL_OPT_STOP:
    return add_stop(o, argument, err);
  case MCL_OPT_PRESET:
    return add_preset(o, argument, err);
  case MCL_OPT_LABEL:
    return add_label(o, argument, err);
  case MCL_OPT_MOMENT:
    return set_moment(to, row, argument, err);
  case MCL_OPT_PART_TEXT:
    return add_part(o, MOTCL_PART_TEXT, argument, err);
  case MCL_OPT_PART_PICTURE:
    return add_part(o, MOTCL_PART_PICTURE, argument, err);
  case MCL_OPT_PART_SYSTEM:
    return add_part(o, MOTCL_PART_SYSTEM, argument, err);
  case MCL_OPT_DRAW:
    return add_output(o, MOTCL_OUTPUT_PICTURE, false, err);
  case MCL_OPT_WRITE:
    return add_output(o, MOTCL_OUTPUT_TEXT, false, err);
  case MCL_OPT_UNTIL_DONE:
    return add_output(o, MOTCL_OUTPUT_TEXT, true, err);
  }
  return motcl_fail(err, MOTCL_EINTERNAL, "option --%s has no kind", row->name);
}

static const char *text_of_settings(char out[80], const motcl_settings *s, mcl_option_kind kind) {
  *out = 0;
  if (kind == MCL_OPT_SIZE && s->width)
    snprintf(out, 80, "%ux%u", s->width, s->height);
  else if (kind == MCL_OPT_INTERVAL)
    snprintf(out, 80, "%g:%g", s->guidance.lo, s->guidance.hi);
  else if (kind == MCL_OPT_RENORM)
    snprintf(out, 80, "%s", motcl_renorm_name(s->guidance.renorm));
  return out;
}

static const char *text_of_stops(char out[80], const motcl_settings *s) {
  size_t n = 0;
  *out = 0;
  for (uint32_t i = 0; i < s->stops && n < 79; i++)
    n += (size_t)snprintf(out + n, 80 - n, "%s%s", i ? ", " : "", s->stop[i]);
  return out;
}

const char *mcl_option_text(char out[80], const mcl_options *o, const mcl_option *row) {
  const void *at = (const char *)o + row->offset;
  switch (row->kind) {
  case MCL_OPT_FLAG:
    snprintf(out, 80, "%s", *(const bool *)at ? "on" : "off");
    return out;
  case MCL_OPT_U32:
    snprintf(out, 80, "%" PRIu32, *(const uint32_t *)at);
    return out;
  case MCL_OPT_F64:
    snprintf(out, 80, "%g", *(const double *)at);
    return out;
  case MCL_OPT_TEXT: {
    const char *text = *(const char *const *)at;
    snprintf(out, 80, "%s", !text ? "" : *text ? text : "\"\"");
    return out;
  }
  case MCL_OPT_STOP:
    return text_of_stops(out, &o->request.settings);
  default:
    return text_of_settings(out, &o->request.settings, row->kind);
  }
}
