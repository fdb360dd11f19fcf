/* job_weights.c - each weight goes to the device once, whatever a worker does: several drawings, a
 * chat with pictures in it, many jobs. After that only inputs of passes and results move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job/conversation.h"
#include "mini.h"

/* The weights that plans need, each once, and the largest input that a pass has. */
typedef struct needed {
  const mcl_weight *weight[512];
  size_t count;
  uint64_t bytes, input;
} needed;

static void need(needed *d, const mcl_weight *w) {
  for (size_t i = 0; i < d->count; i++)
    if (d->weight[i] == w)
      return;
  assert_true(d->count < sizeof d->weight / sizeof *d->weight);
  d->weight[d->count++] = w;
  d->bytes += mcl_weight_bytes(w);
}

static void need_input(needed *d, const mcl_plan *p, mcl_tid t) {
  const mcl_tensor *x = mcl_graph_tensor_at(p->graph, t);
  uint64_t bytes = p->dims[x->rows] * (uint64_t)mcl_type_bytes(x->type, x->cols);
  if (x->role == MCL_INPUT && bytes > d->input)
    d->input = bytes;
}

static int look(void *user, const mcl_worker_plan *plan, size_t n, const motcl_estimate *estimate,
                motcl_err *err) {
  needed *d = user;
  (void)estimate;
  (void)err;
  for (size_t i = 0; i < n; i++) {
    const mcl_plan *p = plan[i].plan;
    for (size_t s = 0; s < p->steps; s++)
      for (unsigned k = 0; k < MCL_OP_WEIGHTS; k++)
        if (p->step[s].node.w[k])
          need(d, p->step[s].node.w[k]);
    for (size_t t = 0; t < mcl_graph_tensors(p->graph); t++)
      need_input(d, p, (mcl_tid)t);
    if (p->inputs.bytes > d->input)
      d->input = p->inputs.bytes;
  }
  return MOTCL_OK;
}

static void needs(needed *d, mcl_worker *w, const motcl_request *r, size_t n) {
  motcl_err err = {0};
  for (size_t i = 0; i < n; i++)
    if (mcl_worker_dry_run(w, &r[i], 1, look, d, &err) != MOTCL_OK)
      fail_msg("%s", err.text);
}

/* How often a weight was put on the device, whole. */
static unsigned times_put(const mcl_weight *w) {
  unsigned n = 0;
  const unsigned char *begin = w->data;
  for (size_t i = 0; i < mini_device.given.times; i++) {
    const counting_put *p = &mini_device.put[i];
    n += begin >= p->host && begin + mcl_weight_bytes(w) <= p->host + p->bytes;
  }
  return n;
}

/* All of them are there, put once each, and nothing else is. */
static void each_is_put_once(const needed *d, const mcl_worker *w) {
  const mcl_weights_count put = mcl_weights_put(w->weights);
  for (size_t i = 0; i < d->count; i++)
    if (times_put(d->weight[i]) != 1)
      fail_msg("'%s' was put %u times", d->weight[i]->name, times_put(d->weight[i]));
  assert_int_equal(put.parts, d->count);
  assert_int_equal(put.bytes, d->bytes);
  assert_int_equal(mini_device.given.bytes, d->bytes);
}

/* What moved since counting_reset: no weights, and nothing larger than the inputs of a pass. */
static void only_inputs_move(const needed *d) {
  assert_int_equal(mini_device.given.times, 0);
  assert_true(mini_device.writes.times > 0);
  assert_true(mini_device.writes.largest <= d->input);
}

static void run(mcl_worker *w, const motcl_request *r, size_t n, mini_heard *h) {
  motcl_sink sink[4];
  motcl_err err = {0};
  for (size_t i = 0; i < n; i++) {
    memset(&h[i], 0, sizeof h[i]);
    sink[i] = mini_sink(&h[i]);
  }
  if (mcl_worker_run(w, r, sink, n, NULL, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static mini_heard heard[4];

/* As `draw -n 3` does it: three drawings, one after another. */
static void three_drawings(void **state) {
  (void)state;
  mcl_worker *w = mini_open(0, NULL);
  motcl_request r = mini_request(0);
  needed d = {0};
  counting_sum writes = {0}, reads = {0};
  needs(&d, w, &r, 1);
  assert_true(d.count > 50);
  counting_reset(&mini_device);
  for (int i = 0; i < 3; i++) {
    r.seed = 7 + (uint64_t)i;
    run(w, &r, 1, heard);
    if (i == 0) {
      each_is_put_once(&d, w);
      counting_reset(&mini_device);
      continue;
    }
    only_inputs_move(&d);
    if (i == 2) { /* as much as the second moved */
      assert_memory_equal(&writes, &mini_device.writes, sizeof writes);
      assert_memory_equal(&reads, &mini_device.reads, sizeof reads);
    }
    writes = mini_device.writes;
    reads = mini_device.reads;
    counting_reset(&mini_device);
  }
  assert_int_equal(mcl_weights_put(w->weights).parts, d.count);
  mini_close(w);
}

/* Four at once, then each alone: other shapes, so other plans, over the same weights. */
static void twenty_jobs(void **state) {
  (void)state;
  mcl_worker *w = mini_open(0, NULL);
  motcl_request r[MINI_KINDS];
  needed d = {0};
  for (unsigned i = 0; i < MINI_KINDS; i++)
    r[i] = mini_request(i);
  needs(&d, w, r, MINI_KINDS);
  counting_reset(&mini_device);
  run(w, r, 4, heard);
  run(w, &r[4], 1, heard);
  each_is_put_once(&d, w);
  counting_reset(&mini_device);
  for (unsigned i = 0; i < 15; i++) {
    motcl_request one = r[i % MINI_KINDS];
    one.seed += i;
    one.settings.timesteps += i % 2;
    one.settings.max_tokens += i % 3;
    run(w, &one, 1, heard);
    needs(&d, w, &one, 1);
  }
  only_inputs_move(&d);
  assert_int_equal(mcl_weights_put(w->weights).parts, d.count);
  mini_close(w);
}

/* Ten turns: pictures shown in two of them, one drawn, the rest of words. */
static void a_chat_of_ten_turns(void **state) {
  (void)state;
  mcl_worker *w = mini_open(0, NULL);
  motcl_request r[] = {mini_request(0), mini_request(2), mini_request(4)};
  const motcl_settings settings = r[0].settings;
  const motcl_part words = mini_text("and now?"), picture = mini_picture();
  const motcl_sink sink = mini_sink(heard);
  mcl_conversation *t = NULL;
  needed d = {0};
  motcl_err err = {0};
  memset(heard, 0, sizeof heard);
  needs(&d, w, r, 3);
  counting_reset(&mini_device);
  assert_int_equal(mcl_conversation_open(&t, w, &settings, 5, &sink, NULL), MOTCL_OK);
  for (int turn = 0; turn < 10; turn++) {
    heard->n = 0;
    if (turn == 1 || turn == 3)
      assert_int_equal(mcl_conversation_say(t, &picture, &err), MOTCL_OK);
    assert_int_equal(mcl_conversation_say(t, &words, &err), MOTCL_OK);
    const motcl_output want = turn == 4 || turn == 8 ? MOTCL_OUTPUT_PICTURE : MOTCL_OUTPUT_TEXT;
    if (mcl_conversation_ask(t, want, NULL, NULL, &err) != MOTCL_OK)
      fail_msg("%s", err.text);
    if (turn == 4) {
      each_is_put_once(&d, w);
      counting_reset(&mini_device);
    }
  }
  assert_int_equal(mini_device.given.times, 0);
  assert_true(mini_device.writes.times > 0);
  assert_int_equal(mcl_weights_put(w->weights).parts, d.count);
  mcl_conversation_close(t);
  mini_close(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(three_drawings),
      cmocka_unit_test(twenty_jobs),
      cmocka_unit_test(a_chat_of_ten_turns),
  };
  return cmocka_run_group_tests(tests, mini_set_up, mini_tear_down);
}
