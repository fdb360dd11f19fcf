/* speech.c - words on their way, and where they were cut off. */
#include "cli/jobs/speech.h"

#include <stdio.h>
#include <string.h>

#include "cli/jobs/protocol.h"

void mcl_speech_begin(mcl_speech *s, mcl_terminal *terminal, mcl_answer *answer,
                      motcl_output output, const motcl_settings *settings) {
  memset(s, 0, sizeof *s);
  s->terminal = terminal;
  s->answer = answer;
  s->text = output == MOTCL_OUTPUT_TEXT;
  s->most = s->text ? settings->max_tokens : settings->max_think;
  mcl_thought_words words;
  mcl_protocol_words(&words, settings->protocol);
  mcl_thought_init(&s->thought, s->text && settings->think, &words);
  if (answer)
    answer->words = words;
}

static void write_answer(mcl_speech *s, const char *text, size_t n) {
  int rc = mcl_terminal_answer(s->terminal, text, n, &s->err);
  if (rc != MOTCL_OK)
    s->rc = rc;
  s->spoken = true;
  s->midline = text[n - 1] != '\n';
}

static void say(void *user, bool thought, const char *text, size_t n) {
  mcl_speech *s = user;
  s->inside = thought;
  if (s->answer)
    mcl_answer_words(s->answer, thought, text, n);
  if (thought)
    mcl_terminal_text(s->terminal, text, n);
  else if (!s->answer)
    write_answer(s, text, n);
}

/* Words that nothing ended before their last token may not be whole. */
static void tell_cut(mcl_speech *s) {
  const char *option = s->text ? "--max-tokens" : "--max-think-tokens";
  const char *what = s->inside ? "thought" : "answer";
  if (s->cut_off && s->of < s->most)
    mcl_terminal_say(s->terminal, false,
                     "the %s was cut off after %u tokens, where the model's positions end", what,
                     s->of);
  else if (s->cut_off)
    mcl_terminal_say(s->terminal, false, "the %s was cut off after %u tokens; %s N lets it go on",
                     what, s->of, option);
  s->cut_off = false;
}

void mcl_speech_event(mcl_speech *s, const motcl_event *e) {
  bool words = e->phase == MOTCL_PHASE_THINK || e->phase == MOTCL_PHASE_DECODE;
  if (e->kind == MOTCL_EVENT_STEP && s->answer)
    mcl_answer_step(s->answer, e);
  if (e->kind == MOTCL_EVENT_STEP && words) {
    s->cut_off = e->cut_off;
    s->of = e->of;
    s->inside = s->inside || e->phase == MOTCL_PHASE_THINK;
  } else if (e->kind == MOTCL_EVENT_STEP) {
    tell_cut(s);
  } else if (e->kind == MOTCL_EVENT_THOUGHT && e->size) {
    say(s, true, e->text, e->size);
  } else if (e->kind == MOTCL_EVENT_TEXT && e->size) {
    mcl_thought_push(&s->thought, e->text, e->size, say, s);
  }
}

void mcl_speech_end(mcl_speech *s, bool whole) {
  mcl_thought_end(&s->thought, say, s);
  if (s->answer)
    mcl_answer_end(s->answer, whole, s->text);
  else if (s->text && (s->midline || (whole && !s->spoken)))
    write_answer(s, "\n", 1);
  s->midline = false;
  if (whole)
    tell_cut(s);
}
