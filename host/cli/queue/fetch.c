/* fetch.c - motcl fetch: what came of a job, to stdout and to files. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/jobs/items.h"
#include "cli/jobs/output.h"
#include "cli/jobs/preview.h"
#include "cli/jobs/protocol.h"
#include "cli/memory.h"
#include "cli/print.h"
#include "cli/queue/queue.h"

/* A result being given out: as mcl_queue_give has it. `words`: of the protocol, for thoughts. `skip`: bytes of its
 * texts that were heard. */
typedef struct gift {
  mcl_queue *queue;
  const motcl_result *result;
  mcl_heard *heard;
  mcl_thought_words words;
  json_t *answers;
  uint64_t seed;
  size_t skip;
} gift;

/* The outputs of a result as a request, so that their files are named as those of the command are. */
typedef struct outline {
  motcl_settings settings;
  motcl_item item[MOTCL_MAX_OUTPUTS];
} outline;

static int sketch(mcl_options *o, outline *of, const motcl_result *r, motcl_err *err) {
  *of = (outline){.settings = motcl_request_default(false).settings};
  if (r->answers > MOTCL_MAX_OUTPUTS)
    return motcl_fail(err, MOTCL_EFORMAT,
                      "the result has %zu outputs, and this version knows at most %d", r->answers,
                      MOTCL_MAX_OUTPUTS);
  for (size_t k = 0; k < r->answers; k++)
    of->item[k] = (motcl_item){
        .kind = MOTCL_ITEM_OUTPUT, .output = r->answer[k].kind, .settings = &of->settings};
  o->request.item = of->item;
  o->request.items = r->answers;
  o->request.seed = r->seed;
  return mcl_outputs_drawn(&o->request) ? mcl_output_check(o, err) : MOTCL_OK;
}

static void tell_thought(gift *g, const char *text, size_t n) {
  if (g->heard && g->heard->thoughts)
    return;
  mcl_terminal_text(&g->queue->terminal, text, n);
}

/* What an answer puts on stdout, which ends a line; without its thought, which `tells` tells if it is not NULL. */
typedef struct line {
  gift *tells;
  char *text;
  size_t n;
} line;

static void split(void *user, bool thought, const char *text, size_t n) {
  line *l = user;
  if (!thought) {
    memcpy(l->text + l->n, text, n);
    l->n += n;
  } else if (l->tells) {
    tell_thought(l->tells, text, n);
  }
}

static int line_of(line *l, gift *tells, const motcl_answer *a, const mcl_thought_words *words,
                   motcl_err *err) {
  mcl_thought t;
  size_t n = strlen(a->text);
  *l = (line){.tells = tells, .text = malloc(n + 2)};
  if (!l->text)
    return mcl_no_memory(err);
  mcl_thought_init(&t, true, words);
  mcl_thought_push(&t, a->text, n, split, l);
  mcl_thought_end(&t, split, l);
  if (!l->n || l->text[l->n - 1] != '\n')
    l->text[l->n++] = '\n';
  return MOTCL_OK;
}

/* How much of the texts before the first picture was heard: all that was said, if they begin with it. */
static int find_heard(gift *g, motcl_err *err) {
  mcl_heard *h = g->heard;
  size_t at = 0;
  bool same = true;
  if (!h || !h->n)
    return MOTCL_OK;
  for (size_t k = 0; k < g->result->answers && g->result->answer[k].text && same; k++) {
    line l;
    int rc = line_of(&l, NULL, &g->result->answer[k], &g->words, err);
    if (rc != MOTCL_OK)
      return rc;
    size_t n = h->n - at < l.n ? h->n - at : l.n;
    same = !memcmp(h->said + at, l.text, n);
    at += n;
    free(l.text);
  }
  g->skip = same ? at : 0;
  if (g->skip < h->n || (g->result->code != MOTCL_OK && h->midline)) /* it goes on elsewhere */
    mcl_heard_end_words(h);
  return MOTCL_OK;
}

static int print_text(gift *g, const motcl_answer *a, motcl_err *err) {
  line l;
  if (a->thought)
    tell_thought(g, a->thought, strlen(a->thought));
  int rc = line_of(&l, g, a, &g->words, err);
  if (rc != MOTCL_OK)
    return rc;
  size_t n = g->skip < l.n ? g->skip : l.n;
  g->skip -= n;
  if (n < l.n)
    rc = mcl_terminal_answer(&g->queue->terminal, l.text + n, l.n - n, err);
  free(l.text);
  return rc;
}

/* The file's bytes as they are asked for: as they came, or made anew. */
static int encode(uint8_t **made, const uint8_t **bytes, size_t *n, const mcl_options *o,
                  const motcl_answer *a, motcl_err *err) {
  motcl_picture p = {.quality = (int)o->quality};
  motcl_line *kept = NULL;
  uint8_t *rgb = NULL;
  *bytes = a->file;
  *n = a->bytes;
  const bool again = mcl_output_format(o) != MOTCL_PNG || o->no_metadata;
  int rc = motcl_picture_decode(again ? &rgb : NULL, &p.width, &p.height, NULL, a->file, a->bytes,
                                true, err);
  if (rc == MOTCL_OK && again && !o->no_metadata)
    rc = motcl_picture_lines(&kept, &p.lines, a->file, a->bytes, err);
  p.rgb = rgb;
  p.line = kept;
  if (rc == MOTCL_OK && again)
    rc = motcl_picture_encode(made, n, &p, mcl_output_format(o), err);
  if (rc == MOTCL_OK && again)
    *bytes = *made;
  motcl_free(rgb);
  motcl_free(kept);
  return rc;
}

static void show_whole(const gift *g, const motcl_answer *a) {
  motcl_event e = {.kind = MOTCL_EVENT_PICTURE};
  uint8_t *rgb = NULL;
  if (!g->queue->o->preview || motcl_picture_decode(&rgb, &e.width, &e.height, NULL, a->file,
                                                    a->bytes, true, NULL) != MOTCL_OK)
    return;
  e.rgb = rgb;
  mcl_preview_end(g->queue->o, &g->queue->terminal, &e);
  motcl_free(rgb);
}

static int write_picture(gift *g, size_t k, char name[MCL_NAME_SIZE], motcl_err *err) {
  const mcl_options *o = g->queue->o;
  const motcl_answer *a = &g->result->answer[k];
  const uint8_t *bytes;
  uint8_t *made = NULL;
  size_t n;
  if (a->thought)
    tell_thought(g, a->thought, strlen(a->thought));
  show_whole(g, a);
  mcl_terminal_clear(&g->queue->terminal);
  int rc = encode(&made, &bytes, &n, o, a, err);
  if (rc == MOTCL_OK)
    rc = mcl_output_name(name, o, k, mcl_output_seed(&o->request, k) + (g->seed - o->request.seed),
                         err);
  if (rc == MOTCL_OK)
    rc = mcl_output_put(o, name, bytes, n, err);
  motcl_free(made);
  return rc;
}

static void put_answer(gift *g, const motcl_answer *a, const char *name) {
  json_t *item = json_object();
  const char *thought = a->thought ? a->thought : "";
  size_t n = strlen(thought);
  if (a->thought) {
    mcl_thought_strip(&thought, &n, &g->words);
    json_object_set_new(item, "thought", mcl_json_bytes(thought, n));
  }
  if (a->text)
    json_object_set_new(item, "text", mcl_json_bytes(a->text, strlen(a->text)));
  if (a->file && name)
    json_object_set_new(item, "picture", mcl_json_text(name));
  if (a->file) {
    json_object_set_new(item, "width", json_integer(a->width));
    json_object_set_new(item, "height", json_integer(a->height));
  }
  json_array_append_new(g->answers, item);
}

static int give_answer(gift *g, size_t k, bool writes, motcl_err *err) {
  const motcl_answer *a = &g->result->answer[k];
  char name[MCL_NAME_SIZE];
  int rc = MOTCL_OK;
  if (a->file && writes)
    rc = write_picture(g, k, name, err);
  else if (!a->file && !g->queue->o->outcome)
    rc = print_text(g, a, err);
  if (rc == MOTCL_OK && g->answers)
    put_answer(g, a, writes ? name : NULL);
  return rc;
}

static void put_result(json_t *job, const motcl_result *r, json_t *answers) {
  json_object_set_new(job, "seed", mcl_json_u64(r->seed));
  json_object_set_new(job, "seconds", json_real(r->seconds));
  if (r->fingerprint)
    json_object_set_new(job, "fingerprint", mcl_json_text(r->fingerprint));
  if (r->device)
    json_object_set_new(job, "device", mcl_json_text(r->device));
  if (r->driver)
    json_object_set_new(job, "driver", mcl_json_text(r->driver));
  json_object_set(job, "answer", answers);
}

static void sum_up(mcl_queue *q, const motcl_result *r, size_t pictures) {
  if (r->answers == 1 && r->answer[0].file)
    mcl_terminal_say(&q->terminal, false, "seed %" PRIu64 ", %ux%u, %.1f s", r->seed,
                     r->answer[0].width, r->answer[0].height, r->seconds);
  else
    mcl_terminal_say(&q->terminal, !pictures, "seed %" PRIu64 ", %.1f s", r->seed, r->seconds);
}

/* Of a job that did not come to its end: the words of whoever ran it. */
static int fail_job(const char *id, const motcl_result *r, motcl_err *err) {
  if (r->code == MOTCL_ECANCELLED)
    return motcl_fail(err, r->code, "job '%.128s' was cancelled", id);
  return motcl_fail(err, r->code, "job '%.128s' failed: %s", id,
                    r->sentence && *r->sentence ? r->sentence : motcl_status_text(r->code));
}

static int give_all(gift *g, const char *id, long at, bool writes, motcl_err *err) {
  mcl_options *o = g->queue->o;
  const motcl_result *r = g->result;
  outline of;
  motcl_request asked = o->request;
  size_t pictures = 0;
  for (size_t k = 0; k < r->answers; k++)
    pictures += r->answer[k].file != NULL;
  /* a job that ends early has made the first of its outputs */
  const bool fits = at >= 0 && r->answers <= mcl_outputs(&asked);
  int rc = fits || !writes ? MOTCL_OK : sketch(o, &of, r, err);
  g->seed = fits ? asked.seed + (uint64_t)at : r->seed;
  if (rc == MOTCL_OK)
    rc = find_heard(g, err);
  for (size_t k = 0; k < r->answers && rc == MOTCL_OK; k++)
    rc = give_answer(g, k, writes, err);
  o->request = asked;
  if (rc == MOTCL_OK && r->code != MOTCL_OK)
    rc = fail_job(id, r, err);
  else if (rc == MOTCL_OK)
    sum_up(g->queue, r, pictures);
  return rc;
}

int mcl_queue_give(mcl_queue *q, const char *id, mcl_heard *h, json_t *job, long at, bool writes,
                   motcl_err *err) {
  Motcl__V1__Response *got;
  motcl_result result;
  gift g = {.queue = q, .result = &result, .heard = h};
  int rc = mcl_queue_ask(q, MOTCL__V1__REQUEST__WHAT_FETCH, id, MOTCL__V1__RESPONSE__WHAT_RESULT,
                         &got, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = motcl_result_unpack(&result, got->result.data, got->result.len, err);
  mcl_daemon_free(got);
  if (rc != MOTCL_OK)
    return rc;
  mcl_protocol_words(&g.words, q->o->request.settings.protocol);
  g.answers = job ? json_array() : NULL;
  rc = give_all(&g, id, at, writes, err);
  if (job)
    put_result(job, &result, g.answers);
  json_decref(g.answers);
  motcl_result_finish(&result);
  return rc;
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  const char *id = o->words[0];
  mcl_queue q;
  int rc = mcl_queue_open(&q, env, o, err);
  if (rc == MOTCL_OK) {
    json_t *job = o->outcome ? json_pack("{s:o}", "id", mcl_json_text(id)) : NULL;
    rc = mcl_queue_give(&q, id, NULL, job, -1, true, err);
    if (job)
      json_array_append_new(q.jobs, job);
  }
  mcl_queue_close(&q);
  return rc;
}

const mcl_command mcl_command_fetch = {
    .name = "fetch",
    .words = "ID",
    .missing = "the id of a job",
    .about = "what came of a job of a daemon",
    .notes = "Pictures go to files, named as those of 'motcl draw' are, and texts are\n"
             "printed. Of a job that failed there is what was whole by then, and the exit\n"
             "status is its. The daemon keeps it all until it is told to forget the job.",
    .bit = MCL_CMD_FETCH,
    .takes = MCL_CMD_FETCH,
    .least = 1,
    .most = 1,
    .run = run,
    .examples = {{"motcl fetch star-1 -o star.png", "write the picture of a job", false}},
};
