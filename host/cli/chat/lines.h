/* lines.h - the lines that somebody types or a script says: edited on a terminal, with a history
 * that is kept; plain from anything else. */
#ifndef MCL_CLI_CHAT_LINES_H
#define MCL_CLI_CHAT_LINES_H

#include "cli/env.h"
#include "motcl.h"

typedef struct mcl_lines mcl_lines;

typedef enum mcl_line_end {
  MCL_LINE_WHOLE,  /* a line came */
  MCL_LINE_BROKEN, /* a signal came instead */
  MCL_LINE_LAST    /* nothing will come any more */
} mcl_line_end;

/**
 * Begin to read stdin.
 *
 * history  keep what is typed on a terminal for the next time, if that can be
 * bare     nothing of ours goes to stdout, no prompt either
 */
int mcl_lines_open(mcl_lines **out, const mcl_env *env, bool history, bool bare, motcl_err *err);

/** Ends it, and stores the history; NULL is fine. */
void mcl_lines_close(mcl_lines *l);

/** Whether somebody sits there. */
bool mcl_lines_typed(const mcl_lines *l);

/** The next line: n bytes without their end, and a NUL; the lines' until the next. */
mcl_line_end mcl_lines_next(mcl_lines *l, char **text, size_t *n);

#endif
