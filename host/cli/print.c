/* print.c - numbers for people, JSON for programs. */
#include "cli/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *scaled(char out[16], double n, double step, const char *const *unit, int units) {
  int u = 0;
  while (n >= step && u + 1 < units) {
    n /= step;
    u++;
  }
  if (u && n < 99.95)
    snprintf(out, 16, "%.1f %s", n, unit[u]);
  else
    snprintf(out, 16, "%.0f%s%s", n, *unit[u] ? " " : "", unit[u]);
  return out;
}

const char *mcl_bytes_text(char out[16], uint64_t bytes) {
  static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  return scaled(out, (double)bytes, 1024, unit, 5);
}

const char *mcl_count_text(char out[16], double n) {
  static const char *const unit[] = {"", "k", "M", "G", "T", "P"};
  return scaled(out, n, 1000, unit, 6);
}

const char *mcl_time_text(char out[16], double seconds) {
  if (seconds < 100)
    snprintf(out, 16, "%.*f s", seconds < 1 ? 2 : seconds < 10 ? 1 : 0, seconds);
  else if (seconds < 6000)
    snprintf(out, 16, "%.0f min", seconds / 60);
  else
    snprintf(out, 16, "%.1f h", seconds < 1e9 ? seconds / 3600 : 1e9 / 3600);
  return out;
}

/* PoCL puts its way of running and LLVM's name of the processor in front of the processor's own. */
static const char *short_name(const char *name) {
  static const char *const ways[] = {"pthread-", "cpu-", "basic-"};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
    if (!strncmp(name, ways[i], strlen(ways[i])))
      for (const char *p = name; (p = strchr(p, '-')); p++)
        if (p[1] >= 'A' && p[1] <= 'Z')
          return p + 1;
  return name;
}

/* Of a platform its name, which a comma ends; PoCL is better known by its short one, and the version with
 * it. What is no device has none. */
const char *mcl_device_text(char out[160], const char *name, const char *platform) {
  const char *pocl = strstr(platform, "PoCL "), *from = pocl ? pocl : platform;
  size_t n = pocl ? 5 + strcspn(pocl + 5, " ,") : strcspn(from, ",");
  bool none = !strcmp(platform, "none");
  snprintf(out, 160, "%.110s%s%.*s", short_name(name), none ? "" : ", ",
           none ? 0 : (int)(n < 40 ? n : 40), from);
  return out;
}

/* A character, or a question mark for one that would steer a terminal; returns its last byte. */
static const unsigned char *put_clean(FILE *f, const unsigned char *s, const unsigned char *end) {
  bool upper = s[0] == 0xC2 && s + 1 < end && s[1] >= 0x80 && s[1] < 0xA0;
  putc((*s < 32 && *s != '\t' && *s != '\n') || *s == 127 || upper ? '?' : *s, f);
  return s + upper;
}

int mcl_print_clean(const char *text, int column) {
  const unsigned char *s = (const unsigned char *)text, *end = s + strlen(text);
  for (; s < end; s++) {
    s = put_clean(stdout, s, end);
    if (*s == '\n')
      printf("%*s", column, "");
  }
  return (int)strlen(text);
}

bool mcl_write_clean(FILE *f, const char *text, size_t n) {
  const unsigned char *s = (const unsigned char *)text, *end = s + n;
  for (; s < end; s++)
    s = put_clean(f, s, end);
  return !ferror(f);
}

json_t *mcl_json_bytes(const char *s, size_t n) {
  json_t *value = json_stringn(s, n);
  char *plain = value ? NULL : malloc(n + 1);
  if (!plain)
    return value;
  for (size_t i = 0; i < n; i++)
    plain[i] = (unsigned char)s[i] < 128 ? s[i] : '?';
  value = json_stringn(plain, n);
  free(plain);
  return value;
}

json_t *mcl_json_text(const char *s) {
  size_t size = 4 * strlen(s) + 4;
  json_t *value = json_string(s);
  char *plain = value ? NULL : malloc(size);
  if (!plain)
    return value;
  motcl_name_text(plain, size, s, false);
  value = json_string(plain);
  free(plain);
  return value;
}

json_t *mcl_json_u64(uint64_t n) {
  char text[24];
  snprintf(text, sizeof text, "%" PRIu64, n);
  return json_string(text);
}
