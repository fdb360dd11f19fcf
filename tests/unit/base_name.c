/* base_name.c - tests of host/base/name.h, motcl_name_text, and names in sentences. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/name.h"

static void is(const char *name, bool word, const char *want) {
  char text[200];
  assert_int_equal(motcl_name_text(text, sizeof text, name, word), strlen(want));
  assert_string_equal(text, want);
}

static void text_stays(void **state) {
  (void)state;
  static const char *const names[] = {"a.png", "a b.png", "it's", "caf\xc3\xa9",
                                      "$HOME", "",        "a\\b"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    is(names[i], false, names[i]);
}

static void bytes_are_escaped(void **state) {
  (void)state;
  is("caf\xe9.png", false, "$'caf\\351.png'");
  is("caf\xe9.png", true, "$'caf\\351.png'");
  is("a\nb", false, "$'a\\012b'");
  is("\x1b[1m", false, "$'\\033[1m'");
  is("\xff'\\\xc3\xa9", false, "$'\\377\\'\\\\\xc3\xa9'");
  is("\xc2\x85", false, "$'\\302\\205'");
}

static void words(void **state) {
  (void)state;
  is("a.png", true, "a.png");
  is("caf\xc3\xa9/b_c-1.png", true, "caf\xc3\xa9/b_c-1.png");
  is("a b.png", true, "'a b.png'");
  is("$HOME", true, "'$HOME'");
  is("", true, "''");
  is("it's", true, "$'it\\'s'");
  is("a\\b", true, "'a\\b'");
}

static void name_with(char name[8], unsigned c) {
  snprintf(name, 8, "a%c1%c", (int)c, (int)c);
}

/* A shell gives the bytes back. */
static void shells_take_them(void **state) {
  (void)state;
  static const char script[] = "base_name.sh";
  char name[8], text[64], back[8];
  FILE *f = fopen(script, "w");
  assert_non_null(f);
  for (unsigned c = 1; c < 256; c++) {
    name_with(name, c);
    motcl_name_text(text, sizeof text, name, true);
    fprintf(f, "printf '%%s\\0' %s\n", text);
  }
  fclose(f);
  f = popen("bash base_name.sh", "r");
  assert_non_null(f);
  for (unsigned c = 1; c < 256; c++) {
    size_t n = 0;
    int byte;
    while ((byte = fgetc(f)) > 0 && n < sizeof back - 1)
      back[n++] = (char)byte;
    back[n] = 0;
    name_with(name, c);
    assert_string_equal(back, name);
  }
  pclose(f);
  remove(script);
}

/* At every size: what fits, whole characters, closed where there is room. */
static void cut(void **state) {
  (void)state;
  const char *name = "a\xe9\xc3\xa9'b";
  char whole[64];
  size_t all = motcl_name_text(whole, sizeof whole, name, false);
  for (size_t size = 1; size <= all + 1; size++) {
    char *text = malloc(size);
    assert_non_null(text);
    assert_int_equal(motcl_name_text(text, size, name, false), all);
    size_t n = strlen(text);
    assert_true(n < size);
    if (size > 3)
      assert_int_equal(text[n - 1], '\'');
    assert_memory_equal(text, whole, n ? n - 1 : 0);
    free(text);
  }
}

static void said(const char *want, const char *fmt, ...) MOTCL_PRINTF(2, 3);
static void said(const char *want, const char *fmt, ...) {
  char text[256];
  va_list ap;
  va_start(ap, fmt);
  mcl_sentence(text, sizeof text, fmt, ap);
  va_end(ap);
  assert_string_equal(text, want);
}

static void names_in_sentences(void **state) {
  (void)state;
  said("cannot open $'caf\\351.png': no", "cannot open '%s': %s", "caf\xe9.png", "no");
  said("$'\\377' and 'b' and $'\\376'", "'%s' and '%s' and '%s'", "\xff", "b", "\xfe");
  said("the picture's $'\\377' is", "the picture's '%s' is", "\xff");
  said("its name is $'it\\'s \\377'.", "its name is '%s'.", "it's \xff");
  said("not quoted ? is", "not quoted %s is", "\xff");
  said("'a b' is text", "'%s' is text", "a b");
  said("cut in $'a\\377'", "cut in '%s", "a\xff");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_stays), cmocka_unit_test(bytes_are_escaped),
      cmocka_unit_test(words),      cmocka_unit_test(shells_take_them),
      cmocka_unit_test(cut),        cmocka_unit_test(names_in_sentences),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
