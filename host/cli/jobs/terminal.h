/* terminal.h - stderr: messages, and how far the work is. */
#ifndef MCL_CLI_JOBS_TERMINAL_H
#define MCL_CLI_JOBS_TERMINAL_H

#include "cli/env.h"
#include "cli/options/options.h"

/** A time that is left, in seconds: not known, about so long, longer, or so long at most. */
typedef struct mcl_left {
  enum { MCL_LEFT_UNKNOWN, MCL_LEFT_ABOUT, MCL_LEFT_OVER, MCL_LEFT_MOST } is;
  double seconds;
} mcl_left;

/**
 * What is on stderr. Whatever goes there comes after all that went to stdout before. Nothing of it
 * is shown in quiet mode.
 *
 * bar      a line that is drawn anew shows progress: stderr is a terminal
 * colours  of the terminal, where it can show pictures of characters; else 0
 * pixels   the terminal may be asked whether it can show pixels
 * shared   stdout goes to the same place
 * clean_out, clean_err  it is a terminal, which what a model writes must not steer
 * above    lines of a picture that stand right above the bar, of `wide` columns
 * drawn    the bar stands on the current line
 * midline  text was written, and its line has not ended: to stderr, or to a stdout that is shared
 * phase    that the bar shows; `shown` is when it last was drawn, in seconds
 */
typedef struct mcl_terminal {
  bool quiet, verbose, bar, pixels, shared, clean_out, clean_err, drawn;
  enum { MCL_MIDLINE_NO, MCL_MIDLINE_ERR, MCL_MIDLINE_OUT } midline;
  uint32_t colours, above, wide;
  const char *phase;
  double shown;
} mcl_terminal;

void mcl_terminal_init(mcl_terminal *s, const mcl_env *env, const mcl_options *o);

/** A line of its own; with `extra` in verbose mode only. */
void mcl_terminal_say(mcl_terminal *s, bool extra, const char *fmt, ...) MOTCL_PRINTF(3, 4);

/** `phase` has done `step` of `of` (0: that is not counted): show it, and the time that all the work
 * still takes. For less than two seconds no bar is begun. */
void mcl_terminal_step(mcl_terminal *s, const char *phase, uint32_t step, uint32_t of,
                       mcl_left left);

/** A piece of text that streams to stderr. */
void mcl_terminal_text(mcl_terminal *s, const char *text, size_t n);

/** A piece of an answer, not empty, to stdout at once; MOTCL_EIO. */
int mcl_terminal_answer(mcl_terminal *s, const char *text, size_t n, motcl_err *err);

/** Draw a picture above the bar, where the one before it stood if nothing came between. Nothing
 * happens where the terminal cannot. */
void mcl_terminal_picture(mcl_terminal *s, const uint8_t *rgb, uint32_t width, uint32_t height);

/** A picture that is there to stay, where the one above stood: in pixels where the terminal has them
 * and libchafa is there, else as that one. */
void mcl_terminal_finished(mcl_terminal *s, const uint8_t *rgb, uint32_t width, uint32_t height);

/** Take the bar away and end a line of text, so that something else can be printed. */
void mcl_terminal_clear(mcl_terminal *s);

/** The sentence of an error, as the command's. */
void mcl_terminal_complain(const mcl_env *env, const motcl_err *err);

/** Seconds from some fixed moment. */
double mcl_seconds(void);

#endif
