/* order_queue.c - the thread that reads, and the list it fills. */
#include "daemon/order_queue.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/frame.h"
#include "daemon/messages.h"

static void put(mcl_order_queue *q, mcl_order_item *item) {
  pthread_mutex_lock(&q->lock);
  *q->last = item;
  q->last = &item->next;
  if (item->order->what_case == MOTCL__V1__ORDER__WHAT_CANCEL)
    q->cancel(q->user, item->order->cancel);
  pthread_cond_signal(&q->arrived);
  pthread_mutex_unlock(&q->lock);
}

static int read_order(mcl_order_queue *q, const uint8_t *bytes, size_t n, motcl_err *err) {
  mcl_order_item *item = mcl_zalloc(1, sizeof *item);
  if (!item)
    return mcl_fail_nomem(err, sizeof *item);
  int rc = mcl_wire_read(&mcl_wire_order, &item->store, bytes, n, err);
  if (rc != MOTCL_OK) {
    mcl_free(item);
    return rc;
  }
  item->order = (const Motcl__V1__Order *)item->store->message;
  put(q, item);
  return MOTCL_OK;
}

static int read_all(mcl_order_queue *q, mcl_frames *f, const uint8_t *at, size_t left,
                    motcl_err *err) {
  int rc = MOTCL_OK;
  const uint8_t *message;
  size_t n;
  do {
    rc = mcl_frames_take(f, &at, &left, &message, &n, err);
    if (rc == MOTCL_OK && message)
      rc = read_order(q, message, n, err);
  } while (rc == MOTCL_OK && left > 0);
  return rc;
}

static void *work(void *user) {
  static uint8_t piece[65536];
  mcl_order_queue *q = user;
  mcl_frames frames = {.most = MOTCL_MAX_MESSAGE};
  for (;;) {
    ssize_t n = read(q->in, piece, sizeof piece);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0 || read_all(q, &frames, piece, (size_t)n, NULL) != MOTCL_OK)
      _exit(1);
  }
  return NULL;
}

int mcl_order_queue_open(mcl_order_queue *q, int in, void (*cancel)(void *user, uint64_t key),
                         void *user, motcl_err *err) {
  *q = (mcl_order_queue){.in = in, .cancel = cancel, .user = user, .last = &q->first};
  pthread_mutex_init(&q->lock, NULL);
  pthread_cond_init(&q->arrived, NULL);
  if (pthread_create(&q->thread, NULL, work, q) == 0)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_ENOMEM, "there is no thread to be had");
}

mcl_order_item *mcl_order_queue_take(mcl_order_queue *q, bool wait) {
  pthread_mutex_lock(&q->lock);
  while (wait && !q->first)
    pthread_cond_wait(&q->arrived, &q->lock);
  mcl_order_item *item = q->first;
  if (item) {
    q->first = item->next;
    if (!q->first)
      q->last = &q->first;
  }
  pthread_mutex_unlock(&q->lock);
  return item;
}

void mcl_order_item_free(mcl_order_item *item) {
  mcl_store_free(item->store);
  mcl_free(item);
}
