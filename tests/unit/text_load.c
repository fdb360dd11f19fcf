/* text_load.c - tests of opening a tokenizer: the file forms, and files that are wrong. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "text/split.h"
#include "text/tokenizer.h"
#include "tmpdir.h"

#define CONFIG(tokens) "{\"added_tokens_decoder\":{" tokens "}}"
#define ADDED(id, name) "\"" id "\":{\"content\":\"" name "\"}"

/* GPT-2's printable character of a byte as JSON. */
static int put_byte_name(char *out, size_t room, unsigned b) {
  unsigned c = b;
  if (b <= 0x20)
    c = 0x100 + b;
  else if (b >= 0x7F && b <= 0xA0)
    c = 0x121 + (b - 0x7F);
  else if (b == 0xAD)
    c = 0x143;
  return snprintf(out, room, "\"\\u%04X\"", c);
}

/* {"a byte": the byte, ... `more`}, of the bytes from `first` on; good until the next call. */
static const char *vocabulary(unsigned first, const char *more) {
  static char text[16384];
  size_t n = 0;
  text[n++] = '{';
  for (unsigned b = first; b < 256; b++) {
    n += (size_t)put_byte_name(text + n, sizeof text - n, b);
    n += (size_t)snprintf(text + n, sizeof text - n, ":%u%s", b, b < 255 ? "," : "");
  }
  snprintf(text + n, sizeof text - n, "%s}", more);
  return text;
}

static void put_text(const char *file, const char *text) {
  tmpdir_put(file, text, strlen(text));
}

static void put_files(const char *vocab, const char *merges, const char *config) {
  tmpdir_files(true);
  put_text("vocab.json", vocab);
  put_text("merges.txt", merges);
  if (config)
    put_text("tokenizer_config.json", config);
}

static void refused(int code, const char *word) {
  motcl_err err;
  mcl_tok *t = NULL;
  int rc = mcl_tok_open(&t, tmp_name, &err);
  if (rc != code || !strstr(err.text, word))
    fail_msg("%d, not %d, or no '%s' in: %s", rc, code, word, rc ? err.text : "");
  assert_int_equal(mcl_tok_open(&t, tmp_name, NULL), code);
  assert_null(t);
}

/* The folder opens, and the text has these n ids. */
static void gives(const char *text, size_t n, const uint32_t *want) {
  motcl_err err = {0};
  mcl_tok *t = NULL;
  uint32_t *ids = NULL;
  size_t count = 0;
  if (mcl_tok_open(&t, tmp_name, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_int_equal(mcl_tok_encode(t, text, strlen(text), &ids, &count, &err), MOTCL_OK);
  assert_int_equal(count, n);
  assert_memory_equal(ids, want, n * sizeof *want);
  mcl_free(ids);
  mcl_tok_close(t);
}

static void two_files(void **state) {
  (void)state;
  const uint32_t merged[] = {257}, half[] = {256, 'a'}, cut[] = {'a', 300, 256};
  put_files(vocabulary(0, ",\"ab\":256,\"abab\":257"), "#version: 0.2\na b\nab ab\n", NULL);
  gives("abab", 1, merged);
  gives("aba", 2, half);
  put_files(vocabulary(0, ",\"ab\":256,\"abab\":257"), "  a \t b  \r\n\n \r\nab ab", NULL);
  gives("abab", 1, merged);
  put_files(vocabulary(0, ",\"ab\":256"), "a b", CONFIG(ADDED("300", "<x>")));
  gives("a<x>ab", 3, cut);
}

/* Only the first line may be a version; later it would be a merge. */
static void version_line(void **state) {
  (void)state;
  const uint32_t merged[] = {256};
  put_files(vocabulary(0, ",\"ab\":256"), "#version: 0.2\n", NULL);
  gives("a", 1, (const uint32_t[]){'a'});
  put_files(vocabulary(0, ",\"ab\":256"), "a b\n#version: 0.2\n", NULL);
  refused(MOTCL_EFORMAT, "merge 2");
  put_files(vocabulary(0, ",\"ab\":256"), "", NULL);
  gives("a", 1, (const uint32_t[]){'a'});
  put_files(vocabulary(0, ",\"ab\":256"), "a b", NULL);
  gives("ab", 1, merged);
}

/* The added tokens come from the configuration, else tokenizer.json, else added_tokens.json. */
static void added_files(void **state) {
  (void)state;
  const char *one = "{\"added_tokens\":[{\"id\":400,\"content\":\"<x>\"}]}";
  put_files(vocabulary(0, ""), "", NULL);
  put_text("added_tokens.json", "{\"<x>\":500}");
  gives("<x>", 1, (const uint32_t[]){500});
  put_text("tokenizer.json", one);
  gives("<x>", 1, (const uint32_t[]){400});
  put_text("tokenizer_config.json", "{}");
  gives("<x>", 1, (const uint32_t[]){400});
  put_text("tokenizer_config.json", CONFIG(ADDED("300", "<x>")));
  gives("<x>", 1, (const uint32_t[]){300});
  put_text("tokenizer_config.json", "{\"added_tokens_decoder\":{}}");
  gives("<x>", 1, (const uint32_t[]){400});
  put_text("tokenizer_config.json",
           "{\"split_special_tokens\":true,\"added_tokens_decoder\":{" ADDED("300", "<x>") "}}");
  gives("<x>", 3, (const uint32_t[]){'<', 'x', '>'});
}

/* tokenizer.json of that vocabulary and these parts. */
static void put_whole(const char *kind, const char *normalizer, const char *regex,
                      const char *vocab, const char *merges) {
  static char text[32768];
  snprintf(text, sizeof text,
           "{\"added_tokens\":[{\"id\":300,\"content\":\"<x>\",\"special\":true}],"
           "\"normalizer\":{\"type\":\"%s\"},\"pre_tokenizer\":{\"type\":\"Sequence\","
           "\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"%s\"}},"
           "{\"type\":\"ByteLevel\"}]},\"model\":{\"type\":\"%s\",\"vocab\":%s,\"merges\":%s}}",
           normalizer, regex, kind, vocab, merges);
  tmpdir_files(true);
  put_text("tokenizer.json", text);
}

static void one_file(void **state) {
  (void)state;
  const uint32_t want[] = {'a', 300, 257};
  const char *vocab = vocabulary(0, ",\"ab\":256,\"abab\":257");
  char regex[512];
  size_t n = 0;
  for (const char *p = mcl_split_pattern(); *p; p++) {
    if (*p == '\\')
      regex[n++] = '\\';
    regex[n++] = *p;
  }
  regex[n] = '\0';
  put_whole("BPE", "NFC", regex, vocab, "[\"a b\",\"ab ab\"]");
  gives("a<x>abab", 3, want);
  put_whole("BPE", "NFC", regex, vocab, "[[\"a\",\"b\"],[\"ab\",\"ab\"]]");
  gives("a<x>abab", 3, want);
  put_text("merges.txt", ""); /* alone it changes nothing */
  gives("a<x>abab", 3, want);
  static const char *const bad[] = {
      "[1]",       "[[\"a\"]]",   "[[\"a\",1]]", "[[\"a\",\"b\",\"c\"]]",
      "[\"a  \"]", "[\"a b c\"]", "[{}]",        "[null]"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    put_whole("BPE", "NFC", regex, vocab, bad[i]);
    refused(MOTCL_EFORMAT, "merge 1");
  }
  put_whole("BPE", "NFC", regex, vocab, "{}");
  refused(MOTCL_EFORMAT, "merges");
  put_whole("BPE", "NFC", regex, "[]", "[]");
  refused(MOTCL_EFORMAT, "vocab");
  put_whole("Unigram", "NFC", regex, vocab, "[]");
  refused(MOTCL_EUNSUPPORTED, "BPE");
  put_whole("BPE", "NFKC", regex, vocab, "[]");
  refused(MOTCL_EUNSUPPORTED, "NFC");
  put_whole("BPE", "NFC", "\\\\s+", vocab, "[]");
  refused(MOTCL_EUNSUPPORTED, "splits");
}

static void missing_files(void **state) {
  (void)state;
  tmpdir_files(true);
  refused(MOTCL_EMODEL, "tokenizer.json");
  put_text("vocab.json", "{}");
  refused(MOTCL_EMODEL, "merges.txt");
  motcl_err err;
  mcl_tok *t = NULL;
  assert_int_equal(mcl_tok_open(&t, "no such folder", &err), MOTCL_EIO);
  assert_non_null(strstr(err.text, "no such folder"));
}

static void bad_vocabularies(void **state) {
  (void)state;
  static const struct {
    const char *more, *word;
  } bad[] = {
      {",\"ab\":255", "255"},       {",\"ab\":16777216", "16777215"},
      {",\"ab\":-1", "ab"},         {",\"ab\":1.5", "ab"},
      {",\"ab\":\"256\"", "ab"},    {",\"ab\":null", "ab"},
      {",\"ab\":1e30", "ab"},       {",\"\":256", "empty"},
      {",\"a\":256", "vocab.json"}, {",\"\xE7\x9A\x84\":256", "stand"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    put_files(vocabulary(0, bad[i].more), "", NULL);
    refused(MOTCL_EFORMAT, bad[i].word);
  }
  put_files(vocabulary(1, ""), "", NULL);
  refused(MOTCL_EFORMAT, "0x00");
  put_files("[]", "", NULL);
  refused(MOTCL_EFORMAT, "vocab.json");
  put_files("{", "", NULL);
  refused(MOTCL_EFORMAT, "vocab.json");
  /* A name of other characters may stand there for an added token. */
  put_files(vocabulary(0, ",\"\xE7\x9A\x84\":256"), "", CONFIG(ADDED("256", "\xE7\x9A\x84")));
  gives("\xE7\x9A\x84", 1, (const uint32_t[]){256});
  put_files(vocabulary(0, ",\"\xE7\x9A\x84\":256"), "", CONFIG(ADDED("257", "\xE7\x9A\x84")));
  refused(MOTCL_EFORMAT, "256");
}

static void bad_merges(void **state) {
  (void)state;
  static const struct {
    const char *merges, *word;
  } bad[] = {
      {"a b\na", "merge 2"},         {"a b c", "merge 1"},           {"a c", "merge 1 makes"},
      {"abc a", "merge 1 names"},    {"a b\nb ab", "merge 2 makes"}, {"a b\n\na b", "merge 2"},
      {"a \xE7\x9A\x84", "merge 1"}, {"a \xFF", "line 1 column 3"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    put_files(vocabulary(0, ",\"ab\":256"), bad[i].merges, NULL);
    refused(MOTCL_EFORMAT, bad[i].word);
    refused(MOTCL_EFORMAT, "merges.txt");
  }
}

static void bad_added(void **state) {
  (void)state;
  static const struct {
    const char *config, *word;
  } bad[] = {
      {CONFIG(ADDED("x", "<x>")), "\"x\""},
      {CONFIG(ADDED("-1", "<x>")), "-1"},
      {CONFIG(ADDED("", "<x>")), "number"},
      {CONFIG(ADDED("1 ", "<x>")), "1 "},
      {CONFIG(ADDED("16777216", "<x>")), "16777216"},
      {CONFIG(ADDED("99999999999999999999", "<x>")), "999"},
      {CONFIG(ADDED("97", "<x>")), "97"},
      {CONFIG(ADDED("300", "a")), "97"},
      {CONFIG(ADDED("300", "")), "added token"},
      {CONFIG(ADDED("300", "<x>") "," ADDED("301", "<x>")), "<x>"},
      {CONFIG(ADDED("300", "<x>") "," ADDED("0300", "<y>")), "<y>"},
      {CONFIG("\"300\":\"<x>\""), "content"},
      {CONFIG("\"300\":{}"), "content"},
      {CONFIG("\"300\":{\"content\":1}"), "content"},
      {CONFIG("\"300\":{\"content\":\"<x>\",\"lstrip\":1}"), "lstrip"},
      {"{\"added_tokens_decoder\":[]}", "added_tokens_decoder"},
      {"{\"split_special_tokens\":\"no\"}", "split_special_tokens"},
      {"7", "tokenizer_config.json"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    put_files(vocabulary(0, ""), "", bad[i].config);
    refused(MOTCL_EFORMAT, bad[i].word);
    refused(MOTCL_EFORMAT, "tokenizer_config.json");
  }
  put_files(vocabulary(0, ""), "", CONFIG("\"300\":{\"content\":\"<x>\",\"single_word\":true}"));
  refused(MOTCL_EUNSUPPORTED, "single_word");
  put_files(vocabulary(0, ""), "", NULL);
  put_text("added_tokens.json", "{\"<x>\":\"300\"}");
  refused(MOTCL_EFORMAT, "added_tokens.json");
  put_text("tokenizer.json", "{}");
  refused(MOTCL_EFORMAT, "tokenizer.json");
}

/* An added token that the vocabulary has under the same id is one token, and is cut out. */
static void added_in_vocabulary(void **state) {
  (void)state;
  put_files(vocabulary(0, ",\"ab\":256"), "", CONFIG(ADDED("256", "ab")));
  gives("xab", 2, (const uint32_t[]){'x', 256});
}

static void strips(void **state) {
  (void)state;
  put_files(vocabulary(0, ""), "",
            CONFIG("\"300\":{\"content\":\"<x>\",\"lstrip\":true,\"rstrip\":true}"));
  gives("a \n<x>\xE3\x80\x80 b", 3, (const uint32_t[]){'a', 300, 'b'});
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_files),           cmocka_unit_test(version_line),
      cmocka_unit_test(added_files),         cmocka_unit_test(one_file),
      cmocka_unit_test(missing_files),       cmocka_unit_test(bad_vocabularies),
      cmocka_unit_test(bad_merges),          cmocka_unit_test(bad_added),
      cmocka_unit_test(added_in_vocabulary), cmocka_unit_test(strips),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
