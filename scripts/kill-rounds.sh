#!/usr/bin/env bash
# Kills `lowrank run --jobs 2` by SIGKILL at random moments, resumes it, and compares what comes out
# with a run that was never killed: rows, answers, history and report but for times, models and
# event files to the byte. Then starts two --resume at once: one works, one is refused.
#
#   scripts/kill-rounds.sh [KILLS] [CONCURRENT ROUNDS] [SEED]      default: 100 20 1
#
# LOWRANK names the launcher (default: ./lowrank of this checkout).
set -euo pipefail
home=$(cd "$(dirname "$0")/.." && pwd)
kills=${1:-100} rounds=${2:-20} RANDOM=${3:-1}
lowrank=${LOWRANK:-$home/lowrank}
work=$(mktemp -d)
trap 'pkill -KILL -f "$work" || true; rm -rf "$work"' EXIT
options=(run quickstart --jobs 2 --seeds 2 --set limit=600 --set steps=200 --set rates=1e-3,3e-3)

start() { # DIR LOG OPTION...: as a process group of its own, whose number is $pid
  local out=$1 log=$2
  shift 2
  setsid "$lowrank" "${options[@]}" --out "$out" "$@" >"$log" 2>&1 &
  pid=$!
}

# Everything but times: columns that say so, and the tables of the report that show them.
essence() {
  (
    cd "$1"
    awk -F, 'NR==1{for(i=1;i<=NF;i++)keep[i]=($i!~/latency|seconds/)}
      {s="";for(i=1;i<=NF;i++)if(keep[i])s=s","$i;print s}' trials.csv
    cat correct.csv history.csv
    sed -n '/^## Training/,$p' report.md
    find models events figures -type f -exec sha256sum {} + | sort -k2
  )
}

start "$work/never" "$work/log"
wait "$pid" || { cat "$work/log"; exit 1; }
essence "$work/never" >"$work/expected"
rows=$(($(wc -l <"$work/never/trials.csv") - 1))
echo "never killed: $rows rows"

killed=0 lives=0 wrong=0
while [ "$killed" -lt "$kills" ]; do
  lives=$((lives + 1))
  life=$work/life$lives
  resume=()
  while :; do
    start "$life" "$work/log" ${resume[@]+"${resume[@]}"}
    resume=(--resume)
    if [ "$killed" -lt "$kills" ]; then
      sleep "$(awk -v r="$RANDOM" 'BEGIN{print 0.3 + r / 32768 * 9}')"
      if kill -0 "$pid" 2>/dev/null; then
        # The whole group, or the run alone, which its workers must notice.
        if [ $((RANDOM % 2)) = 0 ]; then kill -KILL -- "-$pid"; else kill -KILL "$pid"; fi
        killed=$((killed + 1))
        wait "$pid" 2>/dev/null || true
        [ -d "$life/state" ] || resume=() # killed before it began
        continue
      fi
    fi
    wait "$pid" || { echo "a run failed:"; cat "$work/log"; exit 1; }
    break
  done
  if essence "$life" | diff "$work/expected" - >"$work/difference"; then
    echo "life $lives: $killed of $kills kills so far, everything equal"
  else
    wrong=$((wrong + 1))
    echo "life $lives: DIFFERENT"
    head -n 20 "$work/difference"
  fi
  rm -rf "$life"
done

refused=0
for round in $(seq "$rounds"); do
  both=$work/both$round
  start "$both" "$work/log"
  sleep 4
  kill -KILL -- "-$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  resume=(--resume)
  [ -d "$both/state" ] || resume=()
  start "$both" "$work/log1" ${resume[@]+"${resume[@]}"}
  first=$pid
  start "$both" "$work/log2" ${resume[@]+"${resume[@]}"}
  second=$pid
  a=0 b=0
  wait "$first" || a=$?
  wait "$second" || b=$?
  grep -qh "is being written by process" "$work/log1" "$work/log2" && refused=$((refused + 1))
  if [ $((a + b)) != 1 ] || ! essence "$both" | diff "$work/expected" - >"$work/difference"; then
    wrong=$((wrong + 1))
    echo "round $round: exit codes $a and $b"
    cat "$work/log1" "$work/log2"
    head -n 20 "$work/difference"
  fi
  rm -rf "$both"
done
echo "$killed kills in $lives lives; $rounds concurrent rounds, $refused refused; $wrong wrong"
[ "$wrong" = 0 ] && [ "$refused" = "$rounds" ]
