/* terminal.c - lines, streamed text and a progress bar on stderr. */
#include "cli/jobs/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/jobs/blocks.h"
#include "cli/jobs/pixels.h"
#include "cli/print.h"

enum { BAR = 30, MOST_COLUMNS = 80, MOST_ROWS = 40 };
static const double often = 0.1; /* seconds */

double mcl_seconds(void) {
  struct timespec t = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void mcl_terminal_init(mcl_terminal *s, const mcl_env *env, const mcl_options *o) {
  bool is_terminal = isatty(STDERR_FILENO) == 1;
  memset(s, 0, sizeof *s);
  s->quiet = o->quiet;
  s->verbose = o->verbose && !o->quiet;
  s->bar = is_terminal && !env->dumb && !o->quiet;
  s->pixels = s->bar && !env->no_color;
  s->colours = s->bar && env->utf8 ? env->colours : 0;
}

/* A picture above stays in its place. */
static void clear_line(mcl_terminal *s) {
  if (s->drawn)
    fprintf(stderr, "\r%*s\r", 78, "");
  if (s->midline) {
    fputc('\n', stderr);
    s->above = 0;
  }
  s->drawn = s->midline = false;
}

void mcl_terminal_clear(mcl_terminal *s) {
  clear_line(s);
  s->above = 0;
}

void mcl_terminal_say(mcl_terminal *s, bool extra, const char *fmt, ...) {
  motcl_err said;
  char text[sizeof said.text];
  va_list ap;
  if (s->quiet || (extra && !s->verbose))
    return;
  fflush(stdout); /* both streams may end in one file */
  mcl_terminal_clear(s);
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  motcl_fail(&said, MOTCL_EIO, "%s", text); /* names in it as in errors */
  fprintf(stderr, "%s\n", said.text);
}

void mcl_terminal_text(mcl_terminal *s, const char *text, size_t n) {
  if (s->quiet || !n)
    return;
  fflush(stdout);
  if (s->drawn)
    clear_line(s);
  s->above = 0;
  fwrite(text, 1, n, stderr);
  s->midline = text[n - 1] != '\n';
}

/* What the terminal has, less the line of the bar and one to spare. */
static mcl_terminal_area find_area(void) {
  mcl_terminal_area r = {79, 22, 8, 16};
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 && size.ws_row > 2) {
    r.columns = size.ws_col - 1u;
    r.rows = size.ws_row - 2u;
    if (size.ws_xpixel >= size.ws_col && size.ws_ypixel >= size.ws_row) {
      r.wide = (uint32_t)size.ws_xpixel / size.ws_col;
      r.high = (uint32_t)size.ws_ypixel / size.ws_row;
    }
  }
  r.columns = r.columns < MOST_COLUMNS ? r.columns : MOST_COLUMNS;
  r.rows = r.rows < MOST_ROWS ? r.rows : MOST_ROWS;
  return r;
}

void mcl_terminal_picture(mcl_terminal *s, const uint8_t *rgb, uint32_t width, uint32_t height) {
  uint32_t lines;
  if (!s->colours)
    return;
  mcl_terminal_area area = find_area();
  char *text = mcl_blocks(rgb, width, height, area.columns, area.rows, s->colours > 256, &lines);
  if (!text)
    return;
  clear_line(s);
  if (s->above)
    fprintf(stderr, "\r\033[%uA\033[J", s->above);
  fputs(text, stderr);
  fflush(stderr);
  free(text);
  s->above = lines;
  s->shown = 0;
}

void mcl_terminal_finished(mcl_terminal *s, const uint8_t *rgb, uint32_t width, uint32_t height) {
  mcl_terminal_area area = find_area();
  mcl_terminal_clear(s);
  if (!s->pixels || !mcl_pixels(stderr, rgb, width, height, &area))
    mcl_terminal_picture(s, rgb, width, height);
  s->above = 0;
}

const char *mcl_progress_word(motcl_phase phase) {
  static const char *const words[MOTCL_PHASE_COUNT] = {
      [MOTCL_PHASE_PREFILL] = "reading",       [MOTCL_PHASE_IMAGE_PREFILL] = "looking",
      [MOTCL_PHASE_THINK] = "thinking",        [MOTCL_PHASE_DECODE] = "writing",
      [MOTCL_PHASE_DENOISE] = "drawing",       [MOTCL_PHASE_VAE_DECODE] = "developing",
      [MOTCL_PHASE_BUILD] = "building kernels"};
  return (unsigned)phase < MOTCL_PHASE_COUNT ? words[phase] : "?";
}

/* Parts of the last seconds would only flicker. */
static void put_left(char *out, size_t size, double left) {
  char time[16];
  out[0] = 0;
  if (left <= 0)
    return;
  if (left < 10)
    snprintf(out, size, "%.0f s left", left);
  else
    snprintf(out, size, "%s left", mcl_time_text(time, left));
}

static void draw_bar(mcl_terminal *s, uint32_t step, uint32_t of, const char *left) {
  char bar[BAR + 1], count[32];
  int full = of ? (int)((uint64_t)BAR * step / of) : 0;
  for (int i = 0; i < BAR; i++)
    bar[i] = i < full ? '#' : '.';
  bar[BAR] = 0;
  snprintf(count, sizeof count, "%u/%u", step, of);
  fprintf(stderr, "\r%-16.16s %s %-11s %-14s", s->phase, bar, count, left);
  fflush(stderr);
  s->drawn = true;
}

void mcl_terminal_step(mcl_terminal *s, const char *phase, uint32_t step, uint32_t of,
                       double left) {
  double now = mcl_seconds();
  char rest[40];
  if (!s->phase || strcmp(s->phase, phase) != 0 || step <= 1)
    s->shown = 0;
  s->phase = phase;
  if ((!s->bar && !s->verbose) || s->midline)
    return;
  put_left(rest, sizeof rest, left);
  if (s->verbose)
    mcl_terminal_say(s, true, "%s %u/%u%s%s", phase, step, of, *rest ? ", " : "", rest);
  if (!s->bar || (step < of && now - s->shown < often && !s->verbose))
    return;
  s->shown = now;
  draw_bar(s, step, of, rest);
}

void mcl_terminal_complain(const mcl_env *env, const motcl_err *err) {
  bool red = isatty(STDERR_FILENO) == 1 && !env->no_color && !env->dumb;
  fflush(stdout);
  fprintf(stderr, "%smotcl:%s %s\n", red ? "\033[31m" : "", red ? "\033[0m" : "", err->text);
}
