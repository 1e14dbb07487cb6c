#!/bin/sh
# Texts per second of LowrankClassifier on all cores against the predictor in one thread.
#   scripts/spark-rate.sh MODEL.lrk TEXTS [ROUNDS [COUNT]] > rate.tsv
set -e
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
LOWRANK_SPARK=1 "$home/lowrank" --version >&2
opens=
for package in java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util \
  java.util.concurrent java.util.concurrent.atomic sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar; do
  opens="$opens --add-opens=java.base/$package=ALL-UNNAMED"
done
classes=
for module in spark experiments framework predictor datasets; do
  classes="$classes$home/$module/target/classes:"
done
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx4g $opens -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
  -cp "$classes$(cat "$home/spark/target/classpath")" \
  "$home/scripts/SparkRate.java" "$1" "$2" "${3:-5}" "${4:-1000000}"
