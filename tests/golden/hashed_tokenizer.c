/* hashed_tokenizer.c - a small byte-level BPE in Qwen2's file formats: 256 bytes, merges learned on
 * a few sentences, and the release's 22 added tokens behind them, so that no id is the published
 * one. */
#include "hashed_files.h"

#include <stdlib.h>
#include <string.h>

/* In the order they were learned; the two parts stand around the bar, as bytes. */
static const char *const merges[] = {
    "t|h",           " |th",      " th|e",         " |a",
    "i|n",           " |p",       " |w",           " |s",
    "r|e",           "o|u",       "n|d",           "e|r",
    "i|s",           " |o",       " |in",          "s|t",
    "r|a",           "a|t",       " p|r",          " a|nd",
    "l|e",           "in|g",      " s|h",          " |f",
    " |d",           "o|c",       "l|l",           "l|a",
    "in|k",          "i|th",      "g|e",           "e|s",
    " w|ith",        " o|f",      " |t",           " |m",
    " |b",           " | ",       "\303|\251",     "u|e",
    "t|u",           "s|e",       "re|e",          "oc|es",
    "oces|s",        "o|w",       "o|v",           "o|r",
    "o|n",           "l|d",       "k|e",           "i|r",
    "i|c",           "d|e",       "a|ll",          " th|is",
    " pr|ocess",     " a|b",      " |q",           " |is",
    " |i",           " |c",       "\357|\274",     "\345|\245",
    "\345\245|\275", "\344|\275", "\344\275|\240", "\344\275\240|\345\245\275",
    "tu|re",         "th|ink",    "t|o",           "ra|w",
    "ra|n",          "ran|ge",    "r|n",           "ov|e",
    "ou|t",          "ou|r",      "ou|ld",         "o|l",
    "ol|our",        "n|s",       "n|n",           "nn|ing",
    "n|i",           "la|nning",  "ir|st",         "in|t",
    "in|d",          "ic|ture",   "h|e",           "e|p",
    "e|a",           "c|olour",   "at|er",         "a|s",
    "Y|ou",          "T|he",      ":|\n",          ")|:\n",
    "'|e",           " w|ater",   " w|all",        " the|n",
    " th|ink",       " t|a",      " sh|ould",      " sh|a",
    " s|t",          " q|ue",     " p|lanning",    " p|icture",
    " o|n",          " m|ind",    " f|irst",       " d|o",
    " ab|out",       "  | ",      " |\303",        " |re",
    " |la",          " |e",       " |You",         " |H",
    " |D",           " |<",
};

/* Special ones first, as in the release; `plain` ones are added tokens that are not special. */
static const char *const special[] = {
    "<|endoftext|>",      "<|im_start|>",     "<|im_end|>",     "<|object_ref_start|>",
    "<|object_ref_end|>", "<|box_start|>",    "<|box_end|>",    "<|quad_start|>",
    "<|quad_end|>",       "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>",      "<|video_pad|>"};
static const char *const plain[] = {"<tool_call>",    "</tool_call>",   "<|fim_prefix|>",
                                    "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>",
                                    "<|repo_name|>",  "<|file_sep|>"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { BYTES = 256, FIRST_ADDED = BYTES + COUNT(merges), ADDED = COUNT(special) + COUNT(plain) };

/* The regular expression as it stands inside a JSON string. */
static const char split[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}"
    "| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+";

static const char *added_name(size_t i) {
  return i < COUNT(special) ? special[i] : plain[i - COUNT(special)];
}

size_t hashed_ids(void) {
  return FIRST_ADDED + ADDED;
}

size_t hashed_added_id(const char *name) {
  for (size_t i = 0; i < ADDED; i++) {
    if (strcmp(added_name(i), name) == 0) {
      return FIRST_ADDED + i;
    }
  }
  fprintf(stderr, "make_hashed: no added token %s\n", name);
  exit(1);
}

static int is_printable(unsigned b) {
  return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
}

/* GPT-2's code point for a byte: its own if that prints, else the next from 256 on. */
static unsigned code_point(unsigned byte) {
  unsigned next = 256;
  if (is_printable(byte)) {
    return byte;
  }
  for (unsigned b = 0; b < byte; b++) {
    next += !is_printable(b);
  }
  return next;
}

/* One byte as it is shown in the files, in UTF-8; `json` escapes quotes and backslashes. */
static void show(hashed_file *f, unsigned char byte, int json) {
  const unsigned c = code_point(byte);
  if (json && (c == '"' || c == '\\')) {
    hashed_print(f, "\\");
  }
  if (c < 0x80) {
    hashed_print(f, "%c", (int)c);
  } else {
    hashed_print(f, "%c%c", (int)(0xc0 | (c >> 6)), (int)(0x80 | (c & 0x3f)));
  }
}

static void show_part(hashed_file *f, const char *from, const char *to, int json) {
  for (const char *p = from; p < to; p++) {
    show(f, (unsigned char)*p, json);
  }
}

static void write_vocabulary(hashed_file *f) {
  size_t id = 0;
  for (int printable = 1; printable >= 0; printable--) {
    for (unsigned b = 0; b < BYTES; b++) {
      if (is_printable(b) == printable) {
        hashed_print(f, id ? ", \"" : "{\"");
        show(f, (unsigned char)b, 1);
        hashed_print(f, "\": %zu", id++);
      }
    }
  }
  for (size_t i = 0; i < COUNT(merges); i++) {
    const char *bar = strchr(merges[i], '|');
    hashed_print(f, ", \"");
    show_part(f, merges[i], bar, 1);
    show_part(f, bar + 1, bar + strlen(bar), 1);
    hashed_print(f, "\": %zu", id++);
  }
  hashed_print(f, "}");
}

static void write_merge(hashed_file *f, const char *merge, const char *between, int json) {
  const char *bar = strchr(merge, '|');
  show_part(f, merge, bar, json);
  hashed_print(f, "%s", between);
  show_part(f, bar + 1, bar + strlen(bar), json);
}

static void write_added(hashed_file *f, size_t i) {
  hashed_print(f,
               "\"content\": \"%s\", \"lstrip\": false, \"normalized\": false, \"rstrip\": false, "
               "\"single_word\": false, \"special\": %s}",
               added_name(i), i < COUNT(special) ? "true" : "false");
}

static void write_vocab_and_merges(const char *folder) {
  hashed_file f;
  hashed_open(&f, folder, "vocab.json");
  write_vocabulary(&f);
  hashed_close(&f);
  hashed_open(&f, folder, "merges.txt");
  hashed_print(&f, "#version: 0.2\n");
  for (size_t i = 0; i < COUNT(merges); i++) {
    write_merge(&f, merges[i], " ", 0);
    hashed_print(&f, "\n");
  }
  hashed_close(&f);
}

static void write_config(const char *folder) {
  hashed_file f;
  hashed_open(&f, folder, "tokenizer_config.json");
  hashed_print(&f, "{\"add_bos_token\": false, \"add_prefix_space\": false,\n"
                   " \"added_tokens_decoder\": {");
  for (size_t i = 0; i < ADDED; i++) {
    hashed_print(&f, "%s\n  \"%zu\": {", i ? "," : "", FIRST_ADDED + i);
    write_added(&f, i);
  }
  hashed_print(&f, "},\n \"additional_special_tokens\": [");
  for (size_t i = 1; i < COUNT(special); i++) {
    hashed_print(&f, "%s\"%s\"", i > 1 ? ", " : "", special[i]);
  }
  hashed_print(&f, "],\n \"bos_token\": null, \"clean_up_tokenization_spaces\": false,\n"
                   " \"eos_token\": \"<|im_end|>\", \"errors\": \"replace\",\n"
                   " \"model_max_length\": 131072, \"pad_token\": \"<|endoftext|>\",\n"
                   " \"split_special_tokens\": false, \"tokenizer_class\": \"Qwen2Tokenizer\",\n"
                   " \"unk_token\": null}\n");
  hashed_close(&f);
}

static void write_all_in_one(const char *folder) {
  hashed_file f;
  hashed_open(&f, folder, "tokenizer.json");
  hashed_print(&f, "{\"version\": \"1.0\", \"truncation\": null, \"padding\": null,\n"
                   " \"added_tokens\": [");
  for (size_t i = 0; i < ADDED; i++) {
    hashed_print(&f, "%s\n  {\"id\": %zu, ", i ? "," : "", FIRST_ADDED + i);
    write_added(&f, i);
  }
  hashed_print(&f,
               "],\n \"normalizer\": {\"type\": \"NFC\"},\n \"pre_tokenizer\": {\"type\": "
               "\"Sequence\", \"pretokenizers\": [\n  {\"type\": \"Split\", \"pattern\": "
               "{\"Regex\": \"%s\"},\n   \"behavior\": \"Isolated\", \"invert\": false},\n"
               "  {\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": false, "
               "\"use_regex\": false}]},\n \"post_processor\": null,\n \"decoder\": {\"type\": "
               "\"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": false, "
               "\"use_regex\": false},\n \"model\": {\"type\": \"BPE\", \"dropout\": null, "
               "\"unk_token\": null,\n  \"continuing_subword_prefix\": \"\", "
               "\"end_of_word_suffix\": \"\",\n  \"fuse_unk\": false, \"byte_fallback\": false, "
               "\"ignore_merges\": false,\n  \"vocab\": ",
               split);
  write_vocabulary(&f);
  hashed_print(&f, ",\n  \"merges\": [");
  for (size_t i = 0; i < COUNT(merges); i++) {
    hashed_print(&f, i ? ", [\"" : "[\"");
    write_merge(&f, merges[i], "\", \"", 1);
    hashed_print(&f, "\"]");
  }
  hashed_print(&f, "]}}\n");
  hashed_close(&f);
}

void hashed_write_tokenizer(const hashed_options *o) {
  if (o->one_tokenizer_file) {
    write_all_in_one(o->folder);
  } else {
    write_vocab_and_merges(o->folder);
    write_config(o->folder);
  }
}
