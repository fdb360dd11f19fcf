/* child.h - a device's process as the daemon has it: started, told what to do, heard, and missed. */
#ifndef MCL_DAEMON_CHILD_H
#define MCL_DAEMON_CHILD_H

#include <uv.h>

#include "daemon/config.h"
#include "daemon/frame.h"
#include "daemon/messages.h"

typedef enum mcl_child_state {
  MCL_CHILD_GONE,    /* there is no process */
  MCL_CHILD_STARTED, /* it has not said that its device is there */
  MCL_CHILD_READY
} mcl_child_state;

typedef struct mcl_child mcl_child;

/** Who hears of it, from within the loop. `gone`: the process has ended and all it said was heard; how it
 * ended, in a sentence. */
typedef struct mcl_child_listener {
  void *user;
  void (*report)(void *user, mcl_child *c, const Motcl__V1__Report *r);
  void (*gone)(void *user, mcl_child *c, const char *how);
} mcl_child_listener;

/**
 * A device of the configuration. Zeroed but for loop, config, option and listener, which outlive it.
 *
 * option   the device's name there; NULL: the default one
 * name, driver  what it said it is
 * jobs, draws  that are on it, and those of them that want pictures; whoever orders counts
 * alone    one that nobody is to be beside is among them
 * crashes  ends that nobody asked for
 * trouble  why it is not there; "" if it is
 */
struct mcl_child {
  uv_loop_t *loop;
  const mcl_daemon_config *config;
  const char *option;
  mcl_child_listener listener;
  mcl_child_state state;
  char name[257], driver[65], trouble[1024];
  size_t jobs, draws;
  bool alone;
  uint32_t crashes;
  uv_process_t process;
  uv_pipe_t in, out;
  mcl_frames frames;
  int closing; /* handles that are not closed yet */
  char how[256];
};

/** Start its process; MOTCL_EIO. */
int mcl_child_start(mcl_child *c, motcl_err *err);

/** Give it an order. Fails for one that no message holds, and for lack of memory; one that cannot be sent is
 * for a process that will be missed soon. */
int mcl_child_order(mcl_child *c, const Motcl__V1__Order *order, motcl_err *err);

/** End it at once. */
void mcl_child_kill(mcl_child *c);

/** What a process that was started so does with its command line: the device process, if it is one; -1 if it
 * is none. */
int mcl_child_main(int argc, char **argv);

#endif
