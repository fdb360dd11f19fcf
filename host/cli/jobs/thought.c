/* thought.c - telling a thought from the answer behind it, byte by byte. */
#include "cli/jobs/thought.h"

#include <string.h>

const mcl_thought_words mcl_thought_usual = {"<think>", "</think>"};

static bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void mcl_thought_init(mcl_thought *t, bool thinks, const mcl_thought_words *words) {
  memset(t, 0, sizeof *t);
  t->words = *words;
  t->state = thinks ? MCL_THOUGHT_BEFORE : MCL_THOUGHT_ANSWER;
}

static void give_held(mcl_thought *t, bool thought, mcl_thought_fn give, void *user) {
  if (t->n)
    give(user, thought, t->held, t->n);
  t->n = 0;
}

/* Whether what is held, but for blanks before it, may become or is the word that begins a thought. */
static bool may_begin(const mcl_thought *t, bool *whole) {
  size_t at = 0;
  while (at < t->n && is_blank(t->held[at]))
    at++;
  *whole = t->n - at == strlen(t->words.begin);
  return !strncmp(t->held + at, t->words.begin, t->n - at);
}

static void before(mcl_thought *t, char c, mcl_thought_fn give, void *user) {
  bool whole;
  t->held[t->n++] = c;
  if (!may_begin(t, &whole) || (!whole && t->n == sizeof t->held)) {
    t->state = MCL_THOUGHT_ANSWER;
    give_held(t, false, give, user);
  } else if (whole) {
    t->state = MCL_THOUGHT_INSIDE;
    give_held(t, true, give, user);
  }
}

/* Takes bytes up to the next that may begin the word, or one that may go on with it. A byte that does
 * not may begin it anew. */
static size_t inside(mcl_thought *t, const char *text, size_t n, mcl_thought_fn give, void *user) {
  const char *word = t->words.end, *first = memchr(text, word[0], n);
  size_t before = first ? (size_t)(first - text) : n;
  if (t->n && *text != word[t->n])
    give_held(t, true, give, user);
  if (!t->n && before) {
    give(user, true, text, before);
    return before;
  }
  t->held[t->n++] = *text;
  if (t->n == strlen(word)) {
    t->state = MCL_THOUGHT_BEHIND;
    give_held(t, true, give, user);
  }
  return 1;
}

void mcl_thought_push(mcl_thought *t, const char *text, size_t n, mcl_thought_fn give, void *user) {
  size_t i = 0;
  while (i < n && t->state != MCL_THOUGHT_ANSWER) {
    if (t->state == MCL_THOUGHT_BEFORE)
      before(t, text[i++], give, user);
    else if (t->state == MCL_THOUGHT_INSIDE)
      i += inside(t, text + i, n - i, give, user);
    else if (is_blank(text[i]))
      i++;
    else
      t->state = MCL_THOUGHT_ANSWER;
  }
  if (i < n)
    give(user, false, text + i, n - i);
}

void mcl_thought_end(mcl_thought *t, mcl_thought_fn give, void *user) {
  give_held(t, t->state == MCL_THOUGHT_INSIDE, give, user);
}

static bool pass(const char **text, size_t *n, const char *word, bool at_end) {
  size_t length = strlen(word);
  if (*n < length || memcmp(at_end ? *text + *n - length : *text, word, length) != 0)
    return false;
  *text += at_end ? 0 : length;
  *n -= length;
  return true;
}

static void trim(const char **text, size_t *n) {
  while (*n && is_blank(**text)) {
    ++*text;
    --*n;
  }
  while (*n && is_blank((*text)[*n - 1]))
    --*n;
}

void mcl_thought_strip(const char **text, size_t *n, const mcl_thought_words *words) {
  trim(text, n);
  (void)pass(text, n, words->begin, false);
  (void)pass(text, n, words->end, true);
  trim(text, n);
}
