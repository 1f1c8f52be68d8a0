#!/usr/bin/env bash
# Fuzzes the parsers of foreign bytes: every *FuzzTest, one after the other, coverage-guided.
#
#   bash ops/fuzz.sh [-max_total_time=SECONDS] [-runs=NUMBER]     for each of them; default 10 seconds
#   ONLY=Tar bash ops/fuzz.sh ...                                  those whose name contains it
#
# The first input is slow, since classes are instrumented as they load: only what takes two minutes counts as a hang.
# Inputs that found new paths are kept in target/fuzz/<test>/corpus; an input that breaks a parser is written to
# target/fuzz/<test>/ and belongs into src/test/resources/<package>/<test>Inputs, where `mvn verify` repeats it.
set -euo pipefail
cd "$(dirname "$0")/.."
limits=("${@:--max_total_time=10}")
root=$PWD
out=$root/target/fuzz
temporary=$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")
mkdir -p "$out"

mvn -q -B -DskipTests -Dspotless.check.skip=true -pl activities -am package \
  org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath \
  -Dmdep.outputFile=target/fuzz-classpath.txt -DincludeScope=test

total=0
for source in */src/test/java/io/dinoflow/*/*/*FuzzTest.java */src/test/java/io/dinoflow/*/*/*/*FuzzTest.java; do
  [ -f "$source" ] || continue
  module=${source%%/*}
  class=${source#*/src/test/java/}
  class=${class%.java}
  name=$(basename "$class")
  [[ $name == *"${ONLY:-}"* ]] || continue
  work=$out/$name
  seeds=$root/$module/src/test/resources/${class}Inputs
  mkdir -p "$work/corpus"
  classpath=$module/target/test-classes:$module/target/classes:$(cat "$module/target/fuzz-classpath.txt")
  found=0
  (cd "$work" && java -Xmx1g -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true -Djava.io.tmpdir="$temporary" -cp "$(sed "s#\(^\|:\)\($module/\)#\1$root/\2#g" <<<"$classpath")" \
    com.code_intelligence.jazzer.Jazzer --target_class="${class//\//.}" \
    --instrumentation_includes='io.dinoflow.**:com.fasterxml.jackson.**:org.yaml.snakeyaml.**:org.apache.commons.compress.**' \
    -print_final_stats=1 -timeout=120 -rss_limit_mb=3000 "${limits[@]}" corpus $(find "$seeds" -mindepth 1 -type d 2>/dev/null) >log 2>&1) || found=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log" | tail -1)
  total=$((total + ${runs:-0}))
  printf '%-28s %10s runs, %4s inputs kept%s\n' "$name" "${runs:-no}" "$(ls "$work/corpus" | wc -l)" \
    "$([ "$found" = 0 ] || echo ", FAILED: $work/log")"
  [ "$found" = 0 ] || failed=1
done
echo "$total executions"
exit "${failed:-0}"
