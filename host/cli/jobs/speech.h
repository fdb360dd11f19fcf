/* speech.h - words as they are written: an answer goes to stdout and a thought to stderr; with --json
 * both are collected. */
#ifndef MCL_CLI_JOBS_SPEECH_H
#define MCL_CLI_JOBS_SPEECH_H

#include "cli/jobs/answer.h"
#include "cli/jobs/terminal.h"
#include "cli/jobs/thought.h"

/**
 * What is said of one output.
 *
 * answer       collects it instead of stdout; NULL: it does not
 * text         the output is a text; else a picture, which may be thought about
 * most         tokens that were asked for at most: of its text, or its thought
 * of           tokens of the words at work at most; cut_off: they were, at the last of them
 * inside       they are a thought
 * spoken       something was written to stdout; `midline`: and its line has not ended
 * rc           a failure to write, with `err`
 */
typedef struct mcl_speech {
  mcl_terminal *terminal;
  mcl_answer *answer;
  mcl_thought thought;
  bool text, inside, spoken, midline, cut_off;
  uint32_t most, of;
  int rc;
  motcl_err err;
} mcl_speech;

/** An output of that kind begins, by these settings, which `answer` knows already. */
void mcl_speech_begin(mcl_speech *s, mcl_terminal *terminal, mcl_answer *answer,
                      motcl_output output, const motcl_settings *settings);

/** Take notice of an event of it. */
void mcl_speech_event(mcl_speech *s, const motcl_event *e);

/** It is over; `whole`: it was done. Lines that have begun are ended, an answer's also if it is an
 * empty one, and words that were cut off are said to be. */
void mcl_speech_end(mcl_speech *s, bool whole);

#endif
