/* ended.c - see ended.h. What is called at exit can be reached by globals only. */
#include "cli/ended.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/terminal.h"

static const mcl_env *env_of;
static mcl_outcome *outcome_of;

/* By exit, on any thread; main waits in a call of OpenCL, and is not to go on. */
static void by_exit(void) {
  motcl_err err;
  if (!env_of)
    return;
  mcl_interrupt_restore_terminal();
  int rc = motcl_fail(
      &err, MOTCL_EIO,
      "an OpenCL runtime has ended the program, as PoCL does where it cannot write what it "
      "compiles; see that the disks of %s%.300s%s'%.300s' have room",
      *env_of->pocl ? "'" : "", env_of->pocl, *env_of->pocl ? "' and " : "", env_of->temporary);
  if (outcome_of->wanted)
    rc = mcl_outcome_print(outcome_of, rc, &err);
  mcl_terminal_complain(env_of, &err);
  fflush(stdout);
  _exit(mcl_exit_of(rc));
}

/* SA_RESETHAND has put the default back, which the second signal meets. */
static void by_abort(int signal) {
  static const char said[] =
      "motcl: the program was aborted, as OpenCL runtimes do where they get no memory; close other "
      "programs or raise its limits\n";
  mcl_interrupt_restore_terminal();
  (void)!write(STDERR_FILENO, said, sizeof said - 1);
  raise(signal);
}

void mcl_ended_watch(const mcl_env *env, mcl_outcome *outcome) {
  env_of = env;
  outcome_of = outcome;
  (void)!atexit(by_exit);
  mcl_ended_watch_abort();
}

void mcl_ended_watch_abort(void) {
  struct sigaction now;
  memset(&now, 0, sizeof now);
  sigemptyset(&now.sa_mask);
  now.sa_handler = by_abort;
  now.sa_flags = (int)SA_RESETHAND;
  sigaction(SIGABRT, &now, NULL);
}

void mcl_ended_by_main(void) {
  env_of = NULL;
}
