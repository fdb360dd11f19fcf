/* stored.c - --job and --save-job. */
#include "cli/jobs/stored.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/protocol.h"
#include "cli/jobs/replay.h"
#include "cli/jobs/read.h"
#include "cli/jobs/target.h"
#include "cli/memory.h"
#include "cli/print.h"

/* Whether an option says how outputs are made: a stored job takes it in place of its own. */
static bool is_setting(const mcl_option *row) {
  return (row->section == MCL_SECTION_PICTURE && strcmp(row->name, "count") != 0) ||
         row->section == MCL_SECTION_TEXT || !strcmp(row->name, "seed") ||
         !strcmp(row->name, "protocol");
}

/* Whether an option makes sense where nothing runs. */
static bool is_idle(const mcl_option *row) {
  static const char *const also[] = {"save-job", "force", "json"};
  for (size_t i = 0; i < sizeof also / sizeof *also; i++)
    if (!strcmp(row->name, also[i]))
      return true;
  return is_setting(row) || row->section == MCL_SECTION_PARTS || row->section == MCL_SECTION_OTHER;
}

static int check_line(const mcl_options *o, motcl_err *err) {
  for (size_t i = 0; i < mcl_option_count; i++) {
    const mcl_option *row = &mcl_option_table[i];
    if (o->given[i] != MCL_GIVEN_TYPED)
      continue;
    if (o->job && row->section == MCL_SECTION_PARTS && strcmp(row->name, "job") != 0)
      return motcl_fail(err, MOTCL_EINVAL,
                        "--%s does not go with --job, which says what goes in and what is wanted; "
                        "leave it out",
                        row->name);
    if (o->save_job && !is_idle(row))
      return motcl_fail(
          err, MOTCL_EINVAL,
          "--%s does not go with --save-job, which runs nothing and stores only what is "
          "asked; leave it out",
          row->name);
  }
  return MOTCL_OK;
}

static int read_job(motcl_job *job, const mcl_options *o, motcl_err *err) {
  char *bytes = NULL;
  size_t n = 0;
  int rc = mcl_read(&bytes, &n, o->job, MOTCL_MAX_MESSAGE, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = motcl_job_unpack(job, (const uint8_t *)bytes, n, err);
  if (rc != MOTCL_OK)
    mcl_fail_about(err, rc, mcl_read_name(o->job));
  free(bytes);
  return rc;
}

static bool changes(const mcl_options *o) {
  for (size_t i = 0; i < mcl_option_count; i++)
    if (o->given[i] >= MCL_GIVEN_PRESET && is_setting(&mcl_option_table[i]))
      return true;
  return false;
}

/* The items of the job, whose outputs have what the line says in place of their own. Nothing has come
 * of what they are now. */
static int change_items(mcl_inputs *in, const motcl_request *r, mcl_options *o, motcl_err *err) {
  int rc = MOTCL_OK;
  in->changed = calloc(r->items + 1, sizeof *in->changed);
  in->settings = calloc(r->items + 1, sizeof *in->settings);
  if (!in->changed || !in->settings)
    return mcl_no_memory(err);
  for (size_t i = 0; i < r->items && rc == MOTCL_OK; i++) {
    motcl_item *item = &in->changed[i];
    *item = r->item[i];
    item->seeded = item->seeded && !mcl_option_given(o, "seed");
    item->mades = 0;
    if (item->kind != MOTCL_ITEM_OUTPUT || !item->settings)
      continue;
    rc = mcl_options_over(o, item->settings, 0, err);
    in->settings[i] = o->request.settings;
    item->settings = &in->settings[i];
  }
  return rc;
}

/* Texts and noise that the line names, once they are read. */
static void change_pointers(mcl_inputs *in, size_t n, const mcl_options *o) {
  const motcl_settings *from = &o->request.settings;
  for (size_t i = 0; i < n; i++) {
    motcl_settings *to = &in->settings[i];
    if (mcl_option_given(o, "negative"))
      to->negative = from->negative;
    if (o->noise) {
      to->noise = from->noise;
      to->noise_count = from->noise_count;
    }
  }
}

/* The job with what the line says over it: in the settings of all outputs, their own ones too. */
static int change(motcl_job *job, mcl_inputs *in, mcl_options *o, motcl_err *err) {
  motcl_request *r = &job->request;
  int rc = change_items(in, r, o, err);
  if (rc == MOTCL_OK)
    rc = mcl_options_over(o, &r->settings, r->seed, err);
  if (rc == MOTCL_OK)
    rc = mcl_protocol_take(o, err);
  if (rc == MOTCL_OK)
    rc = mcl_inputs_read(in, o, err);
  if (rc != MOTCL_OK)
    return rc;
  change_pointers(in, r->items, o);
  r->item = r->items ? in->changed : NULL;
  r->settings = o->request.settings;
  r->seed = o->request.seed;
  return MOTCL_OK;
}

static int take_stored(motcl_job *job, mcl_inputs *in, mcl_options *o, motcl_err *err) {
  uint32_t pass_rows = o->request.settings.pass_rows;
  uint64_t seed = o->request.seed;
  int rc = read_job(job, o, err);
  if (rc == MOTCL_OK && changes(o))
    rc = change(job, in, o, err);
  if (job->unseeded && mcl_option_from(o, "seed") != MCL_GIVEN_NOT) {
    job->request.seed = seed;
    job->unseeded = false;
  }
  o->request = job->request;
  o->request.settings.pass_rows = pass_rows;
  return rc;
}

int mcl_job_gather(motcl_job *job, mcl_inputs *in, mcl_options *o, motcl_err *err) {
  int rc = check_line(o, err);
  if (rc != MOTCL_OK)
    return rc;
  if (o->job)
    return take_stored(job, in, o, err);
  rc = o->like ? mcl_replay_read(in, o, err) : mcl_inputs_read(in, o, err);
  *job = (motcl_job){.request = o->request,
                     .unseeded = !o->like && mcl_option_from(o, "seed") == MCL_GIVEN_NOT};
  return rc;
}

static void tell_saved(const motcl_job *job, const mcl_options *o) {
  if (!o->outcome)
    printf("%s\n", o->save_job);
  mcl_outcome_put(o->outcome, "job", mcl_json_text(o->save_job));
  mcl_outcome_put(o->outcome, "seed", mcl_json_u64(job->request.seed));
}

int mcl_job_save(const motcl_job *job, const mcl_options *o, motcl_err *err) {
  uint8_t *bytes;
  size_t n;
  bool file = strcmp(o->save_job, "-") != 0;
  if (!file && o->outcome)
    return motcl_fail(err, MOTCL_EINVAL, "--save-job - and --json both want stdout; name a file");
  int rc = motcl_job_pack(job, &bytes, &n, err);
  if (rc != MOTCL_OK)
    return rc;
  if (file) {
    rc = mcl_target_write(o->save_job, bytes, n, o->force, err);
    if (rc == MOTCL_OK)
      tell_saved(job, o);
  } else if (fwrite(bytes, 1, n, stdout) != n || fflush(stdout) != 0) {
    rc = motcl_fail(err, MOTCL_EIO, "the job cannot be written to stdout: %s", strerror(errno));
  }
  motcl_free(bytes);
  return rc;
}
