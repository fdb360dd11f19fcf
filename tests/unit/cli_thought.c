/* cli_thought.c - a thought is told from the answer behind it, in whatever pieces it comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/jobs/thought.h"

typedef struct heard {
  char thought[256], answer[256];
} heard;

static void hear(void *user, bool thought, const char *text, size_t n) {
  heard *h = user;
  char *to = thought ? h->thought : h->answer;
  assert_true(n > 0);
  assert_true(strlen(to) + n < sizeof h->thought);
  assert_true(thought || strlen(h->answer) > 0 || text[0] != ' ' || !strlen(h->thought));
  strncat(to, text, n);
}

/* In pieces of every size, thought and answer are the same. */
static void splits_by(const mcl_thought_words *words, const char *text, bool thinks,
                      const char *thought, const char *answer) {
  size_t n = strlen(text);
  for (size_t piece = 1; piece <= n + 1; piece++) {
    heard h = {{0}, {0}};
    mcl_thought t;
    mcl_thought_init(&t, thinks, words);
    for (size_t at = 0; at < n; at += piece)
      mcl_thought_push(&t, text + at, n - at < piece ? n - at : piece, hear, &h);
    mcl_thought_end(&t, hear, &h);
    assert_string_equal(h.thought, thought);
    assert_string_equal(h.answer, answer);
  }
}

static void splits(const char *text, bool thinks, const char *thought, const char *answer) {
  splits_by(&mcl_thought_usual, text, thinks, thought, answer);
}

static void a_protocol_has_its_words(void **state) {
  (void)state;
  const mcl_thought_words words = {"[[reason]]", "[[/reason]]"};
  splits_by(&words, " [[reason]]<think>[a</think>[[/reason]] b", true,
            " [[reason]]<think>[a</think>[[/reason]]", "b");
  splits_by(&words, "<think>a</think> b", true, "", "<think>a</think> b");
  const char *text = " [[reason]] a [[/reason]]\n";
  size_t n = strlen(text);
  mcl_thought_strip(&text, &n, &words);
  assert_int_equal(n, 1);
  assert_int_equal(*text, 'a');
}

static void thoughts_end(void **state) {
  (void)state;
  splits("<think> it is red </think> red", true, "<think> it is red </think>", "red");
  splits("\n <think>a</think>\n\nb <think>c</think>", true, "\n <think>a</think>",
         "b <think>c</think>");
  splits("<think></think>", true, "<think></think>", "");
  splits("<think>a </thi <</think</think>b", true, "<think>a </thi <</think</think>", "b");
  splits("<think>caf\303\251 \360\237\230\200</think>\303\251", true,
         "<think>caf\303\251 \360\237\230\200</think>", "\303\251");
}

static void some_have_no_thought(void **state) {
  (void)state;
  splits("red", true, "", "red");
  splits(" red </think> blue", true, "", " red </think> blue");
  splits("<thin air>", true, "", "<thin air>");
  splits("<thi", true, "", "<thi");
  splits("                        <think>a</think>b", true, "",
         "                        <think>a</think>b");
  splits("<think> a </think> b", false, "", "<think> a </think> b");
  splits("", true, "", "");
}

static void some_do_not_come_to_an_answer(void **state) {
  (void)state;
  splits("<think> it is", true, "<think> it is", "");
  splits("<think> it is </thin", true, "<think> it is </thin", "");
  splits("<think>", true, "<think>", "");
}

static void strips(const char *text, const char *bare) {
  size_t n = strlen(text);
  mcl_thought_strip(&text, &n, &mcl_thought_usual);
  assert_int_equal(n, strlen(bare));
  assert_memory_equal(text, bare, n);
}

static void tags_go(void **state) {
  (void)state;
  strips("<think> a b </think>", "a b");
  strips(" <think>\na\n", "a");
  strips("a </think>", "a");
  strips("a <think> b", "a <think> b");
  strips("<think></think>", "");
  strips("<think>", "");
  strips(" ", "");
  strips("", "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_protocol_has_its_words),
      cmocka_unit_test(thoughts_end),
      cmocka_unit_test(some_have_no_thought),
      cmocka_unit_test(some_do_not_come_to_an_answer),
      cmocka_unit_test(tags_go),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
