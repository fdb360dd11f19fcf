/* session.c - motcl_session: calls that enter the library's allocator and log and leave them. */
#include <string.h>

#include "api/worker.h"
#include "base/err.h"
#include "base/mem.h"
#include "job/conversation.h"

/*
 * cancelled  set by motcl_session_cancel, cleared where an output ends; the only member that
 *            several threads may touch at once
 * parts      of the job that was last given out
 */
struct motcl_session {
  motcl_worker *worker;
  mcl_conversation *conversation;
  mcl_conversation_parts parts;
  atomic_bool cancelled;
};

static int make(motcl_session **out, motcl_worker *w, motcl_err *err) {
  motcl_session *s = mcl_zalloc(1, sizeof *s);
  if (!s)
    return mcl_fail_nomem(err, sizeof *s);
  atomic_init(&s->cancelled, false);
  s->worker = w;
  *out = s;
  return MOTCL_OK;
}

int motcl_session_open(motcl_session **out, motcl_worker *w, const motcl_settings *settings,
                       uint64_t seed, const motcl_sink *sink, motcl_err *err) {
  mcl_scope before = mcl_enter(w->library);
  motcl_request standard = motcl_request_default(false);
  motcl_session *s = NULL;
  int rc = make(&s, w, err);
  if (rc == MOTCL_OK)
    rc = mcl_conversation_open(&s->conversation, w->worker,
                               settings ? settings : &standard.settings, seed, sink, err);
  if (rc == MOTCL_OK)
    *out = s;
  else
    mcl_free(s);
  mcl_leave(before);
  return rc;
}

int motcl_session_fork(motcl_session **out, const motcl_session *s, const motcl_sink *sink,
                       motcl_err *err) {
  mcl_scope before = mcl_enter(s->worker->library);
  motcl_session *f = NULL;
  int rc = make(&f, s->worker, err);
  if (rc == MOTCL_OK)
    rc = mcl_conversation_fork(&f->conversation, s->conversation, sink, err);
  if (rc == MOTCL_OK)
    *out = f;
  else
    mcl_free(f);
  mcl_leave(before);
  return rc;
}

void motcl_session_close(motcl_session *s) {
  if (!s || mcl_worker_out_of_reach(s->worker->worker))
    return;
  mcl_scope before = mcl_enter(s->worker->library);
  mcl_conversation_parts_finish(&s->parts);
  mcl_conversation_close(s->conversation);
  mcl_free(s);
  mcl_leave(before);
}

motcl_settings *motcl_session_settings(motcl_session *s) {
  return mcl_conversation_settings(s->conversation);
}

uint64_t *motcl_session_seed(motcl_session *s) {
  return mcl_conversation_seed(s->conversation);
}

int motcl_session_add(motcl_session *s, const motcl_part *part, motcl_err *err) {
  mcl_scope before = mcl_enter(s->worker->library);
  int rc = mcl_conversation_say(s->conversation, part, err);
  mcl_leave(before);
  return rc;
}

int motcl_session_text(motcl_session *s, const char *text, size_t n, motcl_err *err) {
  motcl_part part = {.kind = MOTCL_PART_TEXT, .data = text, .size = n};
  return motcl_session_add(s, &part, err);
}

int motcl_session_picture(motcl_session *s, const void *bytes, size_t n, const char *name,
                          motcl_err *err) {
  motcl_part part = {.kind = MOTCL_PART_PICTURE, .data = bytes, .size = n, .name = name};
  return motcl_session_add(s, &part, err);
}

static bool stopped(void *user) {
  motcl_session *s = user;
  return atomic_load(&s->cancelled) || atomic_load(&s->worker->cancelled);
}

static int ask(motcl_session *s, motcl_output output, motcl_err *err) {
  mcl_scope before = mcl_enter(s->worker->library);
  int rc = mcl_conversation_ask(s->conversation, output, stopped, s, err);
  mcl_leave(before);
  atomic_store(&s->cancelled, false);
  atomic_store(&s->worker->cancelled, false);
  return rc;
}

int motcl_session_write(motcl_session *s, motcl_err *err) {
  return ask(s, MOTCL_OUTPUT_TEXT, err);
}

int motcl_session_draw(motcl_session *s, motcl_err *err) {
  return ask(s, MOTCL_OUTPUT_PICTURE, err);
}

int motcl_session_undo(motcl_session *s, motcl_err *err) {
  mcl_scope before = mcl_enter(s->worker->library);
  int rc = mcl_conversation_undo(s->conversation, err);
  mcl_leave(before);
  return rc;
}

void motcl_session_cancel(motcl_session *s) {
  atomic_store(&s->cancelled, true);
}

int motcl_session_job(motcl_session *s, motcl_job *job, motcl_err *err) {
  mcl_scope before = mcl_enter(s->worker->library);
  mcl_conversation_parts parts;
  motcl_request request;
  int rc = mcl_conversation_request(s->conversation, &request, &parts, err);
  if (rc == MOTCL_OK) {
    mcl_conversation_parts_finish(&s->parts);
    s->parts = parts;
    request.output = &s->parts.output;
    *job = (motcl_job){.request = request};
  }
  mcl_leave(before);
  return rc;
}
