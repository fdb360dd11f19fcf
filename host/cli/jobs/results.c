/* results.c - texts to stdout, pictures to files, and both to what the next output is made from. */
#include "cli/jobs/results.h"

#include <stdlib.h>
#include <string.h>

#include "cli/ended.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/items.h"
#include "cli/jobs/output.h"
#include "cli/jobs/preview.h"
#include "cli/memory.h"

void mcl_results_finish(mcl_results *r) {
  for (size_t i = 0; r->made && i < r->outputs; i++)
    for (size_t k = 0; k < r->made[i].parts; k++)
      free(r->made[i].data[k]);
  free(r->made);
  free(r->item);
  free(r->text);
  memset(r, 0, sizeof *r);
}

static motcl_item *output(const mcl_results *r) {
  return &r->item[mcl_output_at(&r->request, r->at) - r->item];
}

/* Something of ours failed inside a callback: nothing more is wanted. */
static void give_up(mcl_results *r, int rc) {
  r->rc = rc;
  if (rc != MOTCL_OK && r->task)
    motcl_task_cancel(r->task);
  else if (rc != MOTCL_OK)
    motcl_worker_cancel(r->worker);
}

/* One part more of what came of the output at work, copied. */
static int add_part(mcl_results *r, motcl_part_kind kind, const void *data, size_t size) {
  mcl_output *m = &r->made[r->at];
  motcl_item *item = output(r);
  void *copy = malloc(size + 1);
  if (!copy)
    return mcl_no_memory(&r->err);
  if (size)
    memcpy(copy, data, size);
  m->data[m->parts] = copy;
  m->part[m->parts++] = (motcl_part){.kind = kind, .data = copy, .size = size};
  item->made = m->part;
  item->mades = m->parts;
  return MOTCL_OK;
}

/* Whether somebody will ask what the output at work was. */
static bool matters(const mcl_results *r) {
  return r->rc == MOTCL_OK && r->at + 1 < r->outputs;
}

static void note_text(mcl_results *r, const char *text, size_t n) {
  give_up(r, mcl_append(&r->text, &r->n, &r->text_cap, text, n, &r->err));
}

static void end_note(mcl_results *r) {
  size_t n = r->n;
  r->n = 0;
  give_up(r, add_part(r, MOTCL_PART_ANSWER, r->text, n));
}

static bool loses_nothing(const mcl_options *o) {
  motcl_format format = mcl_output_format(o);
  return format == MOTCL_PNG || (format == MOTCL_WEBP && !o->quality);
}

/* The picture, whatever the file it went to has lost of it. */
static void note_picture(mcl_results *r, const motcl_event *e, const uint8_t *file, size_t n) {
  motcl_picture picture = {.rgb = e->rgb, .width = e->width, .height = e->height};
  uint8_t *png = NULL;
  int rc = MOTCL_OK;
  if (!loses_nothing(r->o)) {
    rc = motcl_picture_encode(&png, &n, &picture, MOTCL_PNG, &r->err);
    file = png;
  }
  if (rc == MOTCL_OK)
    rc = add_part(r, MOTCL_PART_PICTURE, file, n);
  motcl_free(png);
  give_up(r, rc);
}

static void begin_output(mcl_results *r) {
  const motcl_item *item = output(r);
  if (r->answer)
    mcl_answer_begin(r->answer, mcl_output_seed(&r->request, r->at),
                     item->output != MOTCL_OUTPUT_TEXT && item->settings->think);
  mcl_speech_begin(&r->speech, r->terminal, r->answer, item->output, item->settings);
}

int mcl_results_init(mcl_results *r, const mcl_options *o, const mcl_progress *progress,
                     motcl_worker *w, mcl_builders *builders, const motcl_request *request,
                     mcl_answer *answer, motcl_err *err) {
  memset(r, 0, sizeof *r);
  r->o = o;
  r->terminal = progress->terminal;
  r->progress = progress;
  r->worker = w;
  r->builders = builders;
  r->answer = answer;
  r->request = *request;
  r->outputs = mcl_outputs(request);
  r->item = calloc(request->items, sizeof *r->item);
  r->made = calloc(r->outputs, sizeof *r->made);
  if (!r->item || !r->made) {
    mcl_results_finish(r);
    return mcl_no_memory(err);
  }
  memcpy(r->item, request->item, request->items * sizeof *r->item);
  r->request.item = r->item;
  begin_output(r);
  return MOTCL_OK;
}

/* The next output begins. */
static void end_output(mcl_results *r, bool whole) {
  mcl_speech_end(&r->speech, whole);
  if (output(r)->output == MOTCL_OUTPUT_TEXT && whole && matters(r))
    end_note(r);
}

static const char *fingerprint(const mcl_results *r) {
  return r->task ? motcl_task_fingerprint(r->task) : motcl_worker_fingerprint(r->worker);
}

/* By what it alone was made from. */
static int write_picture(mcl_results *r, const motcl_event *e, uint8_t **file, size_t *n) {
  motcl_request *alone;
  char name[MCL_NAME_SIZE];
  int rc = motcl_request_alone(&alone, &r->request, r->at, &r->err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_output_write(r->o, r->at, alone, e->rgb, e->width, e->height, r->worker, fingerprint(r),
                        file, n, &r->err);
  if (rc == MOTCL_OK && r->answer)
    rc = mcl_output_name(name, r->o, r->at, alone->seed, &r->err);
  if (rc == MOTCL_OK && r->answer)
    mcl_answer_picture(r->answer, name, e->width, e->height);
  motcl_free(alone);
  return rc;
}

static void put_picture(mcl_results *r, const motcl_event *e) {
  uint8_t *file = NULL;
  size_t n = 0;
  mcl_preview_end(r->o, r->terminal, e);
  give_up(r, write_picture(r, e, &file, &n));
  r->width = e->width;
  r->height = e->height;
  if (matters(r) && output(r)->settings->think)
    end_note(r);
  if (matters(r))
    note_picture(r, e, file, n);
  motcl_free(file);
}

/* While kernels are built nothing is lost by ending at once, but a trace; and others can help. */
static void note_phase(const mcl_results *r, const motcl_event *e) {
  const bool builds = e->phase == MOTCL_PHASE_BUILD;
  mcl_ended_watch_abort();
  mcl_interrupt_at_once(builds && !r->o->trace);
  if (builds)
    mcl_builders_start(r->builders, r->o, motcl_worker_device(r->worker), e->of - e->step);
  else
    mcl_builders_stop(r->builders);
}

/* Words that stream to the terminal show by themselves how far they are. */
static bool worth_a_bar(const mcl_results *r, motcl_phase phase) {
  return !r->terminal->bar || (phase != MOTCL_PHASE_DECODE && phase != MOTCL_PHASE_THINK);
}

/* What could not be written ends the work. */
static void note_speech(mcl_results *r) {
  if (r->speech.rc == MOTCL_OK)
    return;
  r->err = r->speech.err;
  give_up(r, r->speech.rc);
}

void mcl_results_event(void *user, const motcl_event *e) {
  mcl_results *r = user;
  while (r->rc == MOTCL_OK && r->at < e->output) {
    end_output(r, true);
    r->at++;
    begin_output(r);
  }
  if (r->rc != MOTCL_OK)
    return;
  if (e->kind == MOTCL_EVENT_STEP)
    note_phase(r, e);
  mcl_rates_event(&r->rates, e);
  mcl_speech_event(&r->speech, e);
  note_speech(r);
  if (e->kind == MOTCL_EVENT_STEP && worth_a_bar(r, e->phase))
    mcl_progress_step(r->progress, e);
  else if (e->kind == MOTCL_EVENT_PICTURE)
    put_picture(r, e);
  else if (e->kind == MOTCL_EVENT_DONE)
    r->outputs = r->at + 1;
  else if (e->kind == MOTCL_EVENT_PREVIEW)
    give_up(r, mcl_preview_show(r->o, r->terminal, e, &r->err));
  if (matters(r) && (e->kind == MOTCL_EVENT_THOUGHT || e->kind == MOTCL_EVENT_TEXT))
    note_text(r, e->text, e->size);
}

int mcl_results_end(mcl_results *r, int rc, motcl_err *err) {
  end_output(r, rc == MOTCL_OK);
  mcl_terminal_clear(r->terminal);
  note_speech(r);
  if (r->rc == MOTCL_OK)
    return rc;
  if (err)
    *err = r->err;
  return r->rc;
}
