/* stored.c - --job and --save-job. */
#include "cli/jobs/stored.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/replay.h"
#include "cli/jobs/read.h"
#include "cli/jobs/target.h"
#include "cli/memory.h"
#include "cli/print.h"

/* Whether an option says what a job holds; the others say where it runs and what becomes of the
 * result. */
static bool is_asked(const mcl_option *row) {
  if (!strcmp(row->name, "job") || !strcmp(row->name, "count"))
    return false;
  return row->section <= MCL_SECTION_TEXT || !strcmp(row->name, "seed");
}

/* Whether an option makes sense where nothing runs. */
static bool is_idle(const mcl_option *row) {
  static const char *const also[] = {"job", "save-job", "force", "json"};
  for (size_t i = 0; i < sizeof also / sizeof *also; i++)
    if (!strcmp(row->name, also[i]))
      return true;
  return is_asked(row) || row->section == MCL_SECTION_OTHER;
}

static int check_line(const mcl_options *o, bool seeded, motcl_err *err) {
  for (size_t i = 0; i < mcl_option_count; i++) {
    const mcl_option *row = &mcl_option_table[i];
    if (!o->given[i])
      continue;
    if (o->job && is_asked(row) && (seeded || strcmp(row->name, "seed") != 0))
      return motcl_fail(err, MOTCL_EINVAL,
                        "--%s does not go with --job, which says all that is asked; leave it out",
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

static int take_stored(motcl_job *job, mcl_options *o, motcl_err *err) {
  motcl_request line = o->request;
  int rc = read_job(job, o, err);
  if (rc == MOTCL_OK)
    rc = check_line(o, !job->unseeded, err);
  if (rc != MOTCL_OK)
    return rc;
  if (job->unseeded)
    job->request.seed = line.seed;
  job->unseeded = job->unseeded && !mcl_option_given(o, "seed");
  o->request = job->request;
  o->request.settings.pass_rows = line.settings.pass_rows;
  return MOTCL_OK;
}

int mcl_job_gather(motcl_job *job, mcl_inputs *in, mcl_options *o, motcl_err *err) {
  int rc = check_line(o, false, err);
  if (rc != MOTCL_OK)
    return rc;
  if (o->job)
    return take_stored(job, o, err);
  rc = o->like ? mcl_replay_read(in, o, err) : mcl_inputs_read(in, o, err);
  *job = (motcl_job){.request = o->request, .unseeded = !o->like && !mcl_option_given(o, "seed")};
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
