# manual.awk - the manual's page of motcld, with the options that 'motcld --help' prints on stdin.
function roff(s) {
  gsub(/\\/, "\\e", s)
  gsub(/-/, "\\-", s)
  gsub(/'/, "\\(aq", s)
  return s
}
function options(  name, argument, about) {
  while ((getline line < "-") > 0) {
    if (line !~ /^  --/)
      continue
    name = line
    sub(/^ +/, "", name)
    about = name
    sub(/^[^ ]+ ([^ ]+ )? */, "", about)
    argument = ""
    if (split(name, word, " ") > 1 && word[2] ~ /^[A-Z=]+$/)
      argument = word[2]
    else
      about = substr(name, length(word[1]) + 1)
    sub(/^ +/, "", about)
    printf ".TP\n\\fB%s\\fR%s\n%s\n", roff(word[1]), argument == "" ? "" : " \\fI" roff(argument) "\\fR", roff(about)
  }
}
BEGIN {
  while ((getline text < page) > 0) {
    if (text == "@OPTIONS@") {
      options()
      continue
    }
    gsub(/@VERSION@/, version, text)
    gsub(/@DATE@/, date, text)
    print text
  }
}
