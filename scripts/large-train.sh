#!/bin/sh
# Trains on 0.1, 1 and 5 million made-up texts with the launcher's own heap, and prints for each the seconds until
# training began (reading and encoding), those of the whole command, microseconds per text, also of processor time, which
# a busy machine changes less, and the peak resident memory. Linux.
#   scripts/large-train.sh [FOLDER] [TEXTS...]
# Options of ./lowrank train besides --vectors none are taken from OPTIONS, such as OPTIONS='--vectors bge-small'.
set -e
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
folder=${1:-$(mktemp -d)}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 100000 1000000 5000000
mkdir -p "$folder"
"$home/lowrank" --version >/dev/null # builds

now() { date +%s.%N; }
# Seconds of processor time of a process so far.
cpu() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$1/stat"; }

printf '%10s %8s %10s %10s %14s %14s %10s\n' texts MB 'read s' 'all s' 'read us/text' 'read cpu us' 'peak MB'
for texts in "$@"; do
  csv="$folder/$texts.csv"
  [ -f "$csv" ] || { java "$home/scripts/LargeTexts.java" "$texts" >"$csv.part" && mv "$csv.part" "$csv"; }
  model=$(mktemp -d "$folder/model.XXXXXX")
  log="$folder/$texts.log"
  begun=$(now)
  # The launcher replaces itself by Java, so this is Java's process number.
  "$home/lowrank" train --train "$csv" --out "$model/model" --steps 400 ${OPTIONS:---vectors none} >"$log" 2>&1 &
  pid=$!
  read=
  peak=0
  while kill -0 $pid 2>/dev/null; do
    seen=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$pid/status 2>/dev/null || true)
    peak=${seen:-$peak}
    [ -n "$read" ] || ! grep -q 'train, .* dev, .* test texts' "$log" || { read=$(now); used=$(cpu $pid); }
    sleep 0.1
  done
  rm -rf "$model"
  wait $pid || { tail -n 3 "$log" >&2; echo "$texts texts: failed" >&2; exit 1; }
  awk -v n="$texts" -v bytes="$(wc -c <"$csv")" -v b="$begun" -v r="$read" -v e="$(now)" -v p="$peak" -v c="$used" 'BEGIN {
    printf "%10d %8.0f %10.1f %10.1f %14.1f %14.1f %10.0f\n",
      n, bytes / 1e6, r - b, e - b, (r - b) * 1e6 / n, c * 1e6 / n, p / 1024 }'
done
