# embed.awk - kernel files in, one C file out: per file an array of one-line strings, and the table
# that host/cl/kernels.h declares. Run in the source folder: awk -f build-aux/embed.awk FILE...

function finish() {
  if (files > 0)
    print "  NULL};"
}

function start(name) {
  finish()
  sub(/^kernels\//, "", name)
  names[++files] = name
  counts[files] = 0
  printf "\nstatic const char *const file_%d[] = {\n", files
}

BEGIN {
  print "/* Made by build-aux/embed.awk; changes here are lost. */"
  print "#include \"cl/kernels.h\""
  for (i = 1; i < ARGC; i++) {
    start(ARGV[i])
    while ((got = (getline line < ARGV[i])) > 0) {
      sub(/\r$/, "", line)
      gsub(/\\/, "&&", line)
      gsub(/"/, "\\\"", line)
      gsub(/\?/, "\\?", line)
      gsub(/\t/, "\\t", line)
      printf "  \"%s\\n\",\n", line
      counts[files]++
    }
    if (got < 0) {
      print "embed.awk: cannot read " ARGV[i] | "cat >&2"
      failed = 1
      exit 1
    }
    close(ARGV[i])
  }
  finish()
  print "\nconst mcl_kernel_source mcl_kernel_sources[] = {"
  for (i = 1; i <= files; i++)
    printf "  {\"%s\", file_%d, %d},\n", names[i], i, counts[i]
  print "  {NULL, NULL, 0}};"
  printf "\nconst size_t mcl_kernel_source_count = %d;\n", files
  exit failed
}
