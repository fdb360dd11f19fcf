/* turn.c - what is said and answered in a conversation, and taken back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/chat/chat.h"
#include "cli/chat/transcript.h"
#include "cli/ended.h"
#include "cli/jobs/inputs.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/read.h"
#include "cli/jobs/size.h"
#include "cli/memory.h"

/* Something of ours failed inside a callback: nothing more is wanted. */
static void give_up(mcl_chat *c, int rc) {
  c->rc = rc;
  if (rc != MOTCL_OK)
    motcl_session_cancel(c->session);
}

static void keep_picture(mcl_chat *c, const motcl_event *e) {
  size_t bytes = (size_t)e->width * e->height * 3;
  free(c->rgb);
  c->rgb = malloc(bytes);
  if (!c->rgb) {
    give_up(c, mcl_no_memory(&c->err));
    return;
  }
  memcpy(c->rgb, e->rgb, bytes);
  c->width = e->width;
  c->height = e->height;
}

/* What could not be written ends the work. */
static void note_speech(mcl_chat *c) {
  if (c->speech.rc == MOTCL_OK)
    return;
  c->err = c->speech.err;
  give_up(c, c->speech.rc);
}

void mcl_chat_event(void *user, const motcl_event *e) {
  mcl_chat *c = user;
  bool words = e->phase == MOTCL_PHASE_DECODE || e->phase == MOTCL_PHASE_THINK;
  if (c->rc != MOTCL_OK)
    return;
  mcl_ended_watch_abort();
  mcl_speech_event(&c->speech, e);
  mcl_rates_event(&c->rates, e);
  note_speech(c);
  /* What is followed is one output, whatever its number in the session. */
  if (e->kind == MOTCL_EVENT_STEP && !(c->terminal.bar && words))
    mcl_progress_step(
        &c->progress,
        &(motcl_event){.phase = e->phase, .step = e->step, .of = e->of, .left = e->left});
  else if (e->kind == MOTCL_EVENT_PICTURE)
    keep_picture(c, e);
}

static void count(mcl_chat *c, size_t parts) {
  c->calls++;
  c->parts += parts;
}

int mcl_chat_say(mcl_chat *c, motcl_part_kind kind, const char *text, size_t n, motcl_err *err) {
  motcl_part part = {.kind = kind, .data = text, .size = n};
  int rc = motcl_session_add(c->session, &part, err);
  if (rc == MOTCL_OK)
    count(c, 1);
  return rc;
}

int mcl_chat_show(mcl_chat *c, const char *file, motcl_err *err) {
  char *bytes = NULL;
  size_t n = 0;
  if (!strcmp(file, "-"))
    return motcl_fail(err, MOTCL_EINVAL, "stdin is where commands come from; name a file");
  int rc = mcl_read(&bytes, &n, file, MCL_MOST_PICTURE, err);
  motcl_session_settings(c->session)->no_orient = c->drawing->request.settings.no_orient;
  if (rc == MOTCL_OK)
    rc = motcl_session_picture(c->session, bytes, n, file, err);
  free(bytes);
  if (rc == MOTCL_OK)
    count(c, 1);
  return rc;
}

/* An output alone, of a text that only makes it a request. */
typedef struct lone_output {
  motcl_settings settings;
  motcl_item item[2];
  motcl_request request;
} lone_output;

/* What was said is in the session already, so that an answer takes as long as it does alone. */
static void follow(mcl_chat *c, lone_output *lone, motcl_output output) {
  motcl_estimate estimate;
  lone->item[0] = (motcl_item){.part = {.kind = MOTCL_PART_TEXT, .data = "-", .size = 1}};
  lone->item[1] =
      (motcl_item){.kind = MOTCL_ITEM_OUTPUT, .output = output, .settings = &lone->settings};
  lone->request = (motcl_request){.settings = lone->settings, .item = lone->item, .items = 2};
  bool known = (c->terminal.bar || c->terminal.verbose) &&
               motcl_worker_estimate(c->worker, &lone->request, 1, &estimate, NULL) == MOTCL_OK;
  mcl_progress_init(&c->progress, &c->terminal, &lone->request, known ? &estimate : NULL, 0);
}

/* Let the session answer. Signals reach the worker only meanwhile: one that came at another time
 * must not end what is asked next. A failure of our own says more than the cancelling that it led
 * to.
 *
 * width, height  of what will be drawn, as far as that is known
 */
static int ask(mcl_chat *c, const motcl_settings *by, motcl_output output, uint32_t width,
               uint32_t height, motcl_err *err) {
  bool text = output == MOTCL_OUTPUT_TEXT;
  lone_output lone = {.settings = *by};
  mcl_answer *answer = c->outcome ? &c->answer : NULL;
  lone.settings.width = width;
  lone.settings.height = height;
  follow(c, &lone, output);
  *motcl_session_settings(c->session) = *by;
  c->rc = MOTCL_OK;
  c->rates = (mcl_rates){{0}, {0}};
  if (answer)
    mcl_answer_begin(answer, *motcl_session_seed(c->session), !text && by->think);
  mcl_speech_begin(&c->speech, &c->terminal, answer, output, by);
  mcl_interrupt_target(c->worker);
  int rc = text ? motcl_session_write(c->session, err) : motcl_session_draw(c->session, err);
  mcl_interrupt_target(NULL);
  mcl_speech_end(&c->speech, rc == MOTCL_OK);
  mcl_terminal_clear(&c->terminal);
  if (c->rc == MOTCL_OK)
    return rc;
  if (err)
    *err = c->err;
  return c->rc;
}

int mcl_chat_write(mcl_chat *c, motcl_err *err) {
  int rc = ask(c, &c->drawing->request.settings, MOTCL_OUTPUT_TEXT, 0, 0, err);
  if (rc == MOTCL_OK)
    count(c, 1);
  return rc;
}

/* What the file will say of it is known before the work is done. */
static int know_model(mcl_chat *c, motcl_err *err) {
  const char *name, *digest;
  return c->drawing->no_metadata ? MOTCL_OK : motcl_worker_model(c->worker, &name, &digest, err);
}

int mcl_chat_draw(mcl_chat *c, const mcl_options *by, motcl_err *err) {
  uint64_t seed = *motcl_session_seed(c->session);
  char rates[64];
  double began = mcl_seconds();
  uint32_t width = by->request.settings.width, height = by->request.settings.height;
  if (!width && mcl_chat_last_size(c, &width, &height))
    mcl_size_tell_fit(&c->terminal, c->worker, by->request.settings.protocol, &width, &height,
                      NULL);
  int rc = know_model(c, err);
  if (rc == MOTCL_OK)
    rc = ask(c, &by->request.settings, MOTCL_OUTPUT_PICTURE, width, height, err);
  if (rc != MOTCL_OK)
    return rc;
  count(c, by->request.settings.think ? 2 : 1);
  rc = mcl_chat_write_picture(c, seed, err);
  if (rc == MOTCL_OK)
    mcl_terminal_say(&c->terminal, false, "seed %" PRIu64 ", %ux%u, %.1f s%s", seed, c->width,
                     c->height, mcl_seconds() - began, mcl_rates_text(rates, &c->rates));
  return rc;
}

/* Undoing asks for no memory, and there is as much to undo as was counted. */
static void take_back(mcl_chat *c, size_t calls) {
  while (calls--)
    (void)motcl_session_undo(c->session, NULL);
}

void mcl_chat_undo_calls(mcl_chat *c) {
  take_back(c, c->calls);
  c->calls = 0;
}

int mcl_chat_undo(mcl_chat *c, motcl_err *err) {
  if (!c->turns)
    return motcl_fail(err, MOTCL_EINVAL, "there is nothing to undo");
  take_back(c, c->turn[--c->turns].calls);
  c->parts = c->turn[c->turns].parts;
  mcl_chat_drop_pictures(c);
  return MOTCL_OK;
}
