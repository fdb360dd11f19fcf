/* interrupt.c - the one mutable global of motcl: a signal handler can reach nothing else. */
#include "cli/jobs/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t came;

/* SA_RESETHAND has put the default back: the next signal ends the program at once. */
static void on_signal(int signal) {
  (void)signal;
  came = 1;
}

static void handle(int signal, void (*by)(int), int flags) {
  struct sigaction now;
  memset(&now, 0, sizeof now);
  sigemptyset(&now.sa_mask);
  now.sa_handler = by;
  now.sa_flags = flags;
  sigaction(signal, &now, NULL);
}

/* A hangup that nohup has switched off stays so. An interrupt does not: a shell without job control
 * switches it off for what runs in the background, and who sends one then means it. */
void mcl_interrupt_catch(void) {
  struct sigaction was;
  handle(SIGINT, on_signal, (int)SA_RESETHAND);
  handle(SIGTERM, on_signal, (int)SA_RESETHAND);
  if (sigaction(SIGHUP, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
    handle(SIGHUP, on_signal, (int)SA_RESETHAND);
  handle(SIGPIPE, SIG_IGN, 0);
  handle(SIGXFSZ, SIG_IGN, 0);
}

bool mcl_interrupted(void) {
  return came != 0;
}
