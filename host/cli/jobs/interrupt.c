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

void mcl_interrupt_catch(void) {
  static const int ending[] = {SIGINT, SIGTERM, SIGHUP}, failing[] = {SIGPIPE, SIGXFSZ};
  struct sigaction was, now;
  memset(&now, 0, sizeof now);
  sigemptyset(&now.sa_mask);
  now.sa_handler = on_signal;
  now.sa_flags = (int)SA_RESETHAND;
  for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
    if (sigaction(ending[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
      sigaction(ending[i], &now, NULL);
  now.sa_handler = SIG_IGN;
  now.sa_flags = 0;
  for (size_t i = 0; i < sizeof failing / sizeof *failing; i++)
    sigaction(failing[i], &now, NULL);
}

bool mcl_interrupted(void) {
  return came != 0;
}
