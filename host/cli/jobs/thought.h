/* thought.h - where the thought ends in an answer that was thought about first. */
#ifndef MCL_CLI_JOBS_THOUGHT_H
#define MCL_CLI_JOBS_THOUGHT_H

#include <stdbool.h>
#include <stddef.h>

enum { MCL_THOUGHT_HELD = 16 };

/** The words between which a thought stands, of 1 to 15 bytes without blanks. */
typedef struct mcl_thought_words {
  char begin[MCL_THOUGHT_HELD], end[MCL_THOUGHT_HELD];
} mcl_thought_words;

/** BAGEL's: "<think>" and "</think>". */
extern const mcl_thought_words mcl_thought_usual;

/**
 * A stream of text in which a thought stands between two words, before the answer. One that does not begin so
 * has none.
 *
 * state  where in it the stream is
 * held   the last n bytes, which may be a part of what is waited for
 */
typedef struct mcl_thought {
  enum { MCL_THOUGHT_BEFORE, MCL_THOUGHT_INSIDE, MCL_THOUGHT_BEHIND, MCL_THOUGHT_ANSWER } state;
  mcl_thought_words words;
  char held[MCL_THOUGHT_HELD];
  size_t n;
} mcl_thought;

/** Gets the pieces of both: the thought with its words, the answer without the blanks before it. */
typedef void (*mcl_thought_fn)(void *user, bool thought, const char *text, size_t n);

/** Begin; `thinks`: there may be a thought, else all is the answer. */
void mcl_thought_init(mcl_thought *t, bool thinks, const mcl_thought_words *words);

/** The next n bytes. */
void mcl_thought_push(mcl_thought *t, const char *text, size_t n, mcl_thought_fn give, void *user);

/** There are no more. */
void mcl_thought_end(mcl_thought *t, mcl_thought_fn give, void *user);

/** A thought without these words, and without blanks around it: *text and *n become less. */
void mcl_thought_strip(const char **text, size_t *n, const mcl_thought_words *words);

#endif
