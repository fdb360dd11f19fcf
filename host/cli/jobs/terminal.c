/* terminal.c - lines, streamed text and a progress bar on stderr. */
#include "cli/jobs/terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/jobs/blocks.h"
#include "cli/jobs/pixels.h"
#include "cli/print.h"

enum { LEAST_BAR = 8, MOST_BAR = 30, MOST_COLUMNS = 80, MOST_ROWS = 40 };
static const double often = 0.1, brief = 2; /* seconds */

double mcl_seconds(void) {
  struct timespec t = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool is_shared(void) {
  struct stat out, err;
  return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
         out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

void mcl_terminal_init(mcl_terminal *s, const mcl_env *env, const mcl_options *o) {
  bool is_terminal = isatty(STDERR_FILENO) == 1;
  memset(s, 0, sizeof *s);
  s->quiet = o->quiet;
  s->verbose = o->verbose && !o->quiet;
  s->shared = is_shared();
  s->clean_err = is_terminal;
  s->clean_out = isatty(STDOUT_FILENO) == 1;
  s->bar = is_terminal && !env->dumb && !o->quiet;
  s->pixels = s->bar && !env->no_color;
  s->colours = s->bar && env->utf8 ? env->colours : 0;
}

/* A picture above stays in its place. The cursor stands where the bar begins, also if the window has
 * become narrower and the bar now takes two lines. */
static void clear_line(mcl_terminal *s) {
  fflush(stdout); /* both streams may end in one file */
  if (s->drawn)
    fputs("\r\033[J", stderr);
  if (s->midline) {
    fputc('\n', stderr);
    s->above = 0;
  }
  s->drawn = false;
  s->midline = MCL_MIDLINE_NO;
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
  mcl_terminal_clear(s);
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  motcl_fail(&said, MOTCL_EIO, "%s", text); /* names in it as in errors */
  fprintf(stderr, "%s\n", said.text);
}

/* A model writes what it likes: files and pipes get it as it is, terminals nothing that steers them. */
static bool put_text(FILE *f, bool clean, const char *text, size_t n) {
  return clean ? mcl_write_clean(f, text, n) : fwrite(text, 1, n, f) == n;
}

void mcl_terminal_text(mcl_terminal *s, const char *text, size_t n) {
  if (s->quiet || !n)
    return;
  if (s->midline != MCL_MIDLINE_ERR)
    clear_line(s);
  s->above = 0;
  (void)put_text(stderr, s->clean_err, text, n);
  s->midline = text[n - 1] == '\n' ? MCL_MIDLINE_NO : MCL_MIDLINE_ERR;
}

int mcl_terminal_answer(mcl_terminal *s, const char *text, size_t n, motcl_err *err) {
  if (s->midline != MCL_MIDLINE_OUT)
    mcl_terminal_clear(s);
  if (!put_text(stdout, s->clean_out, text, n) || fflush(stdout) != 0)
    return motcl_fail(err, MOTCL_EIO, "the answer cannot be written to stdout: %s",
                      strerror(errno));
  s->midline = s->shared && text[n - 1] != '\n' ? MCL_MIDLINE_OUT : MCL_MIDLINE_NO;
  return MOTCL_OK;
}

/* What the terminal has at this moment, less the line of the bar and one to spare, and the last
 * column: what is written there may take a line more. */
static mcl_terminal_area find_area(void) {
  mcl_terminal_area r = {79, 22, 8, 16};
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) {
    r.columns = size.ws_col - 1u;
    r.rows = size.ws_row > 2 ? size.ws_row - 2u : 1;
    if (size.ws_xpixel >= size.ws_col && size.ws_ypixel >= size.ws_row) {
      r.wide = (uint32_t)size.ws_xpixel / size.ws_col;
      r.high = (uint32_t)size.ws_ypixel / size.ws_row;
    }
  }
  return r;
}

static mcl_terminal_area find_picture_area(void) {
  mcl_terminal_area r = find_area();
  r.columns = r.columns < MOST_COLUMNS ? r.columns : MOST_COLUMNS;
  r.rows = r.rows < MOST_ROWS ? r.rows : MOST_ROWS;
  return r;
}

/* To where the picture above began. In a window that has become narrower than it nobody knows where
 * that is, as only some terminals wrap what they show: it stays. */
static void go_above(mcl_terminal *s) {
  clear_line(s);
  if (s->above && s->wide <= find_area().columns)
    fprintf(stderr, "\r\033[%uA\033[J", s->above);
  s->above = 0;
}

void mcl_terminal_picture(mcl_terminal *s, const uint8_t *rgb, uint32_t width, uint32_t height) {
  uint32_t lines;
  if (!s->colours)
    return;
  mcl_terminal_area area = find_picture_area();
  char *text = mcl_blocks(rgb, width, height, area.columns, area.rows, s->colours > 256, &lines);
  if (!text)
    return;
  go_above(s);
  fputs(text, stderr);
  fflush(stderr);
  free(text);
  s->above = lines;
  s->wide = width < area.columns ? width : area.columns;
  s->shown = 0;
}

void mcl_terminal_finished(mcl_terminal *s, const uint8_t *rgb, uint32_t width, uint32_t height) {
  mcl_terminal_area area = find_picture_area();
  go_above(s);
  if (!s->pixels || !mcl_pixels(stderr, rgb, width, height, &area))
    mcl_terminal_picture(s, rgb, width, height);
  s->above = 0;
}

/* Parts of the last seconds would only flicker. */
static void put_left(char *out, size_t size, mcl_left left) {
  static const char *const before[] = {
      [MCL_LEFT_ABOUT] = "", [MCL_LEFT_OVER] = "over ", [MCL_LEFT_MOST] = "at most "};
  char time[16];
  out[0] = 0;
  if (left.is == MCL_LEFT_UNKNOWN || left.seconds < 0.5)
    return;
  if (left.seconds < 10)
    snprintf(time, sizeof time, "%.0f s", left.seconds);
  else
    mcl_time_text(time, left.seconds);
  snprintf(out, size, "%s%s left", before[left.is], time);
}

/* What there is room for, the time before the bar. Phases change, and the bar stays in its place. */
static void draw_bar(mcl_terminal *s, uint32_t step, uint32_t of, const char *left) {
  enum { PHASE = 22, COUNT = 11, LEFT = 20 };
  char bar[MOST_BAR + 1], count[32] = "", line[160];
  int columns = (int)find_area().columns, wide = columns - PHASE - COUNT - LEFT - 3;
  wide = wide < MOST_BAR ? wide : MOST_BAR;
  if (of)
    snprintf(count, sizeof count, "%u/%u", step, of);
  for (int i = 0; i < wide; i++)
    bar[i] = of && (uint64_t)(i + 1) * of <= (uint64_t)wide * step ? '#' : '.';
  if (wide >= LEAST_BAR)
    snprintf(line, sizeof line, "%-*s %.*s %-*s %s", PHASE, s->phase, wide, bar, COUNT, count,
             left);
  else if (snprintf(line, sizeof line, "%s %s  %s", s->phase, count, left) > columns &&
           snprintf(line, sizeof line, "%s  %s", s->phase, left) > columns)
    snprintf(line, sizeof line, "%s", *left ? left : s->phase);
  fflush(stdout);
  fprintf(stderr, "\r%.*s\033[J\r", columns, line);
  fflush(stderr);
  s->drawn = true;
}

void mcl_terminal_step(mcl_terminal *s, const char *phase, uint32_t step, uint32_t of,
                       mcl_left left) {
  double now = mcl_seconds();
  char rest[40];
  if (!s->phase || strcmp(s->phase, phase) != 0 || step <= 1)
    s->shown = 0;
  s->phase = phase;
  if ((!s->bar && !s->verbose) || s->midline)
    return;
  put_left(rest, sizeof rest, left);
  if (s->verbose && of)
    mcl_terminal_say(s, true, "%s %u/%u%s%s", phase, step, of, *rest ? ", " : "", rest);
  bool soon = (left.is == MCL_LEFT_ABOUT || left.is == MCL_LEFT_MOST) && left.seconds < brief;
  if (!s->bar || (step < of && now - s->shown < often && !s->verbose) || (soon && !s->drawn))
    return;
  s->shown = now;
  draw_bar(s, step, of, rest);
}

void mcl_terminal_complain(const mcl_env *env, const motcl_err *err) {
  bool red = isatty(STDERR_FILENO) == 1 && !env->no_color && !env->dumb;
  fflush(stdout);
  fprintf(stderr, "%smotcl:%s %s\n", red ? "\033[31m" : "", red ? "\033[0m" : "", err->text);
}
