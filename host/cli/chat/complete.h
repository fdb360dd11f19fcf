/* complete.h - what the Tab key adds to a line of a conversation: commands, options and what they take,
 * and files. */
#ifndef MCL_CLI_CHAT_COMPLETE_H
#define MCL_CLI_CHAT_COMPLETE_H

#include "motcl.h"

/**
 * How a line may go on.
 *
 * name  [names] words that could stand where it ends, sorted; folders end in a slash
 * add   what belongs behind it in any case, with backslashes and the end of a quote where they are
 *       needed; "" if that is nothing
 */
typedef struct mcl_completion {
  char **name, *add;
  size_t names, cap;
} mcl_completion;

/**
 * Complete a line.
 *
 * line  up to the place that is completed; spoilt
 * home  what ~ stands for, or NULL
 * c     zeroed; the caller finishes it, also on failure
 *
 * Returns MOTCL_ENOMEM. What cannot be completed has no names.
 */
int mcl_chat_complete(mcl_completion *c, char *line, const char *home, motcl_err *err);
void mcl_completion_finish(mcl_completion *c);

#endif
