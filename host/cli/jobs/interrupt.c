/* interrupt.c - the mutable globals of motcl: a signal handler can reach nothing else. */
#include "cli/jobs/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

static volatile sig_atomic_t came;
static _Atomic(motcl_worker *) target;
static _Atomic(motcl_task *) tasks[MCL_INTERRUPT_TASKS];
static atomic_int handling;
static atomic_bool at_once;
static _Atomic(const char *) farewell;
static struct termios terminal;
static atomic_bool changed; /* and `terminal` is what it was before */

static void handle(int signal, void (*by)(int)) {
  struct sigaction now;
  memset(&now, 0, sizeof now);
  sigemptyset(&now.sa_mask);
  now.sa_handler = by;
  sigaction(signal, &now, NULL);
}

/* In the background the terminal is somebody else's, and who touches it is stopped. */
void mcl_interrupt_restore_terminal(void) {
  if (atomic_load(&changed) && tcgetpgrp(STDIN_FILENO) == getpgrp())
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

/* The second ends the program at once, as if nobody had caught it: when the handler returns. */
static void on_second(int signal) {
  mcl_interrupt_restore_terminal();
  handle(signal, SIG_DFL);
  raise(signal);
}

/* Runs on any thread, also one that an OpenCL runtime has started. */
static void on_signal(int signal) {
  handle(signal, on_second);
  came = signal;
  atomic_fetch_add(&handling, 1);
  motcl_worker *w = atomic_load(&target);
  if (w)
    motcl_worker_cancel(w);
  for (size_t i = 0; i < MCL_INTERRUPT_TASKS; i++) {
    motcl_task *t = atomic_load(&tasks[i]);
    if (t)
      motcl_task_cancel(t);
  }
  atomic_fetch_sub(&handling, 1);
  alarm(1);
}

/* A second after the first signal. */
static void on_alarm(int signal) {
  static const char said[] = "\nmotcl: cancelled\n";
  (void)signal;
  atomic_fetch_add(&handling, 1); /* who takes the text away waits, and so for ever */
  if (!atomic_load(&at_once)) {
    atomic_fetch_sub(&handling, 1);
    return;
  }
  const char *last = atomic_load(&farewell);
  if (last)
    (void)!write(STDOUT_FILENO, last, strlen(last));
  (void)!write(STDERR_FILENO, said, sizeof said - 1);
  _exit(MCL_EXIT_CANCELLED);
}

/* A hangup that nohup has switched off stays so. An interrupt does not: a shell without job control
 * switches it off for what runs in the background, and who sends one then means it. */
void mcl_interrupt_catch(void) {
  struct sigaction was;
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  if (sigaction(SIGHUP, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
    handle(SIGHUP, on_signal);
  handle(SIGALRM, on_alarm);
  handle(SIGPIPE, SIG_IGN);
  handle(SIGXFSZ, SIG_IGN);
}

void mcl_interrupt_at_once(bool on) {
  atomic_store(&at_once, on);
}

/* A handler may have taken what was there before. */
static void await_handlers(void) {
  while (atomic_load(&handling))
    ;
}

void mcl_interrupt_farewell(const char *text) {
  atomic_store(&farewell, text);
  await_handlers();
}

void mcl_interrupt_terminal(const struct termios *usual) {
  atomic_store(&changed, false);
  if (!usual)
    return;
  terminal = *usual;
  atomic_store(&changed, true);
}

bool mcl_interrupted(void) {
  return came != 0;
}

/* A signal that came just before the wait, or to another thread, does not end it, so it is looked
 * for now and then. */
bool mcl_interrupt_await(int fd) {
  enum { GLANCE = 100 }; /* milliseconds */
  struct pollfd in = {.fd = fd, .events = POLLIN};
  int ready = 0;
  while (!mcl_interrupted() && ready <= 0) {
    ready = poll(&in, 1, GLANCE);
    if (ready < 0 && errno != EINTR)
      break; /* reading will tell why */
  }
  return !mcl_interrupted();
}

bool mcl_interrupt_reset(void) {
  if (came != SIGINT)
    return false;
  came = 0;
  alarm(0);
  handle(SIGINT, on_signal);
  return true;
}

void mcl_interrupt_target(motcl_worker *w) {
  atomic_store(&target, w);
  if (w && came)
    motcl_worker_cancel(w);
  await_handlers();
}

void mcl_interrupt_task(size_t place, motcl_task *t) {
  atomic_store(&tasks[place], t);
  if (t && came)
    motcl_task_cancel(t);
  await_handlers();
}
