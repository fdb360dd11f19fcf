/* progress.c - steps of the work under way and an estimate of the rest, as one time. */
#include "cli/jobs/progress.h"

#include "cli/jobs/items.h"

/* Phases of an output in their order. */
static const motcl_phase order[] = {
    MOTCL_PHASE_BUILD,  MOTCL_PHASE_IMAGE_PREFILL, MOTCL_PHASE_PREFILL,    MOTCL_PHASE_THINK,
    MOTCL_PHASE_DECODE, MOTCL_PHASE_DENOISE,       MOTCL_PHASE_VAE_DECODE, MOTCL_PHASE_COUNT};

/*
 * A sum of what is to come.
 *
 * known  seconds of it that are known
 * words  seconds of words among it, at most
 * part   not all is known
 */
typedef struct rest {
  double known, words;
  bool part;
} rest;

const char *mcl_progress_word(motcl_phase phase) {
  static const char *const words[MOTCL_PHASE_COUNT] = {
      [MOTCL_PHASE_PREFILL] = "reading the text",
      [MOTCL_PHASE_IMAGE_PREFILL] = "looking at the picture",
      [MOTCL_PHASE_THINK] = "thinking",
      [MOTCL_PHASE_DECODE] = "writing",
      [MOTCL_PHASE_DENOISE] = "drawing",
      [MOTCL_PHASE_VAE_DECODE] = "decoding the picture",
      [MOTCL_PHASE_BUILD] = "compiling kernels"};
  return (unsigned)phase < MOTCL_PHASE_COUNT ? words[phase] : "?";
}

/* Whether an output goes through a phase. What it is made from is taken in for any of them. */
static bool goes_through(const motcl_item *output, motcl_phase phase) {
  const bool picture = output->output != MOTCL_OUTPUT_TEXT;
  switch (phase) {
  case MOTCL_PHASE_THINK:
    return picture && output->settings->think;
  case MOTCL_PHASE_DECODE:
    return !picture;
  case MOTCL_PHASE_DENOISE:
  case MOTCL_PHASE_VAE_DECODE:
    return picture;
  default:
    return true;
  }
}

static size_t count(const motcl_request *r, motcl_phase phase) {
  size_t n = 0;
  for (size_t k = 0; k < mcl_outputs(r); k++)
    n += goes_through(mcl_output_at(r, k), phase);
  return n;
}

void mcl_progress_init(mcl_progress *p, mcl_terminal *terminal, const motcl_request *request,
                       const motcl_estimate *estimate, uint32_t again) {
  *p = (mcl_progress){.terminal = terminal};
  if (!estimate)
    return;
  p->request = request;
  p->after = again == 0 ? 0 : estimate->all.seconds > 0 ? again * estimate->all.seconds : -1;
  for (motcl_phase phase = 0; phase < MOTCL_PHASE_COUNT; phase++) {
    const motcl_work *w = &estimate->phase[phase];
    size_t n = count(request, phase);
    if (w->runs && n)
      p->each[phase] = w->seconds > 0 ? w->seconds / (double)n : -1;
  }
}

static void add(rest *sum, motcl_phase phase, double seconds) {
  sum->part = sum->part || seconds < 0;
  if (seconds > 0 && (phase == MOTCL_PHASE_THINK || phase == MOTCL_PHASE_DECODE))
    sum->words += seconds;
  else if (seconds > 0)
    sum->known += seconds;
}

/* Phases of an output from there on. */
static void add_output(rest *sum, const mcl_progress *p, size_t output, const motcl_phase *from) {
  for (; *from != MOTCL_PHASE_COUNT; from++)
    if (goes_through(mcl_output_at(p->request, output), *from))
      add(sum, *from, p->each[*from]);
}

/* The phase at work: by its own pace where it has one. */
static double at_work(const mcl_progress *p, const motcl_event *e) {
  double all = p->each[e->phase];
  if (e->left >= 0 || e->phase == MOTCL_PHASE_BUILD || all < 0)
    return e->left;
  return e->of ? all * (e->of - e->step) / e->of : all;
}

static mcl_left sum_up(const rest *sum) {
  if (!sum->part)
    return (mcl_left){sum->words > 0 ? MCL_LEFT_MOST : MCL_LEFT_ABOUT, sum->known + sum->words};
  return (mcl_left){sum->known > 0 ? MCL_LEFT_OVER : MCL_LEFT_UNKNOWN, sum->known};
}

mcl_left mcl_progress_left(const mcl_progress *p, const motcl_event *e) {
  const motcl_phase *at = order;
  rest sum = {.part = !p->request};
  if ((unsigned)e->phase >= MOTCL_PHASE_COUNT)
    return (mcl_left){MCL_LEFT_UNKNOWN, 0};
  add(&sum, e->phase, at_work(p, e));
  while (*at != e->phase)
    at++;
  if (p->request) {
    add_output(&sum, p, e->output, at + 1);
    for (size_t k = e->output + 1; k < mcl_outputs(p->request); k++)
      add_output(&sum, p, k, order);
    add(&sum, MOTCL_PHASE_COUNT, p->after);
  }
  return sum_up(&sum);
}

void mcl_progress_begin(const mcl_progress *p, const char *word) {
  rest sum = {.part = !p->request};
  for (size_t k = 0; p->request && k < mcl_outputs(p->request); k++)
    add_output(&sum, p, k, order);
  add(&sum, MOTCL_PHASE_COUNT, p->after);
  mcl_terminal_step(p->terminal, word, 0, 0, sum_up(&sum));
}

void mcl_progress_step(const mcl_progress *p, const motcl_event *e) {
  motcl_event next = *e;
  mcl_terminal_step(p->terminal, mcl_progress_word(e->phase), e->step, e->of,
                    mcl_progress_left(p, e));
  if (e->phase != MOTCL_PHASE_DENOISE || e->step < e->of || !p->terminal->bar)
    return;
  next.phase = MOTCL_PHASE_VAE_DECODE;
  next.step = 0;
  next.of = 1;
  next.left = -1;
  mcl_terminal_step(p->terminal, mcl_progress_word(next.phase), next.step, next.of,
                    mcl_progress_left(p, &next));
}
