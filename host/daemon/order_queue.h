/* order_queue.h - orders as they come in, beside the work: a thread of the device process reads them, and
 * hears of a cancel at once, however long a step takes. */
#ifndef MCL_DAEMON_ORDER_QUEUE_H
#define MCL_DAEMON_ORDER_QUEUE_H

#include <pthread.h>

#include "job/message/wire.h"
#include "motcl/v1/device_process.pb-c.h"

/** An order, and the memory it points into; freed with mcl_store_free(store). */
typedef struct mcl_order_item {
  struct mcl_order_item *next;
  motcl_store *store;
  const Motcl__V1__Order *order;
} mcl_order_item;

/**
 * cancel  called for a cancel as it is read, from the reading thread, with the lock held; the order comes
 *         out of the queue too
 */
typedef struct mcl_order_queue {
  pthread_mutex_t lock;
  pthread_cond_t arrived;
  pthread_t thread;
  mcl_order_item *first, **last;
  int in;
  void (*cancel)(void *user, uint64_t key);
  void *user;
} mcl_order_queue;

/** Begin to read. When `in` ends, or says what is no order, the process ends at once: nobody is there to
 * hear of what it does. */
int mcl_order_queue_open(mcl_order_queue *q, int in, void (*cancel)(void *user, uint64_t key),
                         void *user, motcl_err *err);

/** The next order, which is the caller's; NULL if there is none. wait: until there is one. */
mcl_order_item *mcl_order_queue_take(mcl_order_queue *q, bool wait);

void mcl_order_item_free(mcl_order_item *item);

#endif
