/* daemon_jobs.c - jobs found by number and id, and who goes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/jobs.h"

#define WAITING MOTCL__V1__JOB_STATE__JOB_WAITING
#define DONE MOTCL__V1__JOB_STATE__JOB_DONE
#define AGING 1000

static mcl_daemon_job *add(mcl_jobs *jobs, uint64_t number, uint32_t user, int priority,
                           uint64_t since) {
  char id[32];
  mcl_daemon_job *job;
  snprintf(id, sizeof id, "job-%u", (unsigned)number);
  const mcl_journal_job row = {.number = number,
                               .id = id,
                               .what = "draw",
                               .user = user,
                               .priority = priority,
                               .submitted_ms = since,
                               .state = WAITING};
  assert_int_equal(mcl_jobs_add(jobs, &row, &job, NULL), MOTCL_OK);
  return job;
}

static bool any(void *user, const mcl_daemon_job *job) {
  (void)user;
  (void)job;
  return true;
}

static bool not_the_first(void *user, const mcl_daemon_job *job) {
  (void)user;
  return job->row.number != 1;
}

static uint64_t first(mcl_jobs *jobs, uint64_t now) {
  const mcl_daemon_job *job = mcl_jobs_first(jobs, now, AGING, any, NULL);
  return job ? job->row.number : 0;
}

static void jobs_are_found(void **state) {
  (void)state;
  mcl_jobs jobs = {0};
  for (uint64_t i = 1; i <= 100; i++)
    add(&jobs, 3 * i, 7, 0, 0);
  assert_int_equal(mcl_jobs_by_id(&jobs, "job-42")->row.number, 42);
  assert_null(mcl_jobs_by_id(&jobs, "job-43"));
  assert_null(mcl_jobs_by_number(&jobs, 43));
  mcl_jobs_remove(&jobs, mcl_jobs_by_number(&jobs, 42));
  assert_null(mcl_jobs_by_id(&jobs, "job-42"));
  assert_null(mcl_jobs_by_number(&jobs, 42));
  assert_int_equal(mcl_jobs_by_number(&jobs, 45)->row.number, 45);
  assert_int_equal(jobs.open, 99);
  assert_int_equal(mcl_jobs_user(&jobs, 7)->open, 99);
  mcl_job_to(&jobs, mcl_jobs_by_number(&jobs, 45), DONE, 5);
  assert_int_equal(jobs.open, 98);
  assert_int_equal(mcl_jobs_by_number(&jobs, 45)->row.changed_ms, 5);
  mcl_jobs_finish(&jobs);
  assert_int_equal(jobs.open, 0);
}

static void priorities_go_first_and_grow(void **state) {
  (void)state;
  mcl_jobs jobs = {0};
  add(&jobs, 1, 1, 0, 0);
  add(&jobs, 2, 1, 3, 0);
  add(&jobs, 3, 1, 3, 0);
  assert_int_equal(first(&jobs, 0), 2);
  add(&jobs, 4, 1, 5, 4 * AGING); /* the others have waited four steps by then */
  assert_int_equal(first(&jobs, 4 * AGING), 2);
  mcl_jobs_place(&jobs, 4 * AGING, AGING);
  assert_int_equal(mcl_jobs_by_number(&jobs, 2)->place, 1);
  assert_int_equal(mcl_jobs_by_number(&jobs, 3)->place, 2);
  assert_int_equal(mcl_jobs_by_number(&jobs, 4)->place, 3);
  assert_int_equal(mcl_jobs_by_number(&jobs, 1)->place, 4);
  mcl_job_to(&jobs, mcl_jobs_by_number(&jobs, 2), DONE, 0);
  mcl_jobs_place(&jobs, 4 * AGING, AGING);
  assert_int_equal(mcl_jobs_by_number(&jobs, 2)->place, 0);
  assert_int_equal(mcl_jobs_by_number(&jobs, 3)->place, 1);
  mcl_jobs_finish(&jobs);
}

static void who_had_less_goes_first(void **state) {
  (void)state;
  mcl_jobs jobs = {0};
  for (uint64_t i = 1; i <= 10; i++)
    add(&jobs, i, 1, 0, 0);
  mcl_jobs_user(&jobs, 1)->served = 60;
  add(&jobs, 11, 2, 0, 0); /* comes late, and begins where the others are */
  assert_int_equal(first(&jobs, 0), 1);
  mcl_jobs_user(&jobs, 1)->served = 70;
  assert_int_equal(first(&jobs, 0), 11);
  mcl_jobs_user(&jobs, 2)->served = 80;
  assert_int_equal(first(&jobs, 0), 1);
  assert_int_equal(mcl_jobs_first(&jobs, 0, AGING, not_the_first, NULL)->row.number, 2);
  mcl_jobs_finish(&jobs);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(jobs_are_found),
                                     cmocka_unit_test(priorities_go_first_and_grow),
                                     cmocka_unit_test(who_had_less_goes_first)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
